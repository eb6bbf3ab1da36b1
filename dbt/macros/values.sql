{# What a column holds, whatever its type is: PyAirbyte and Airbyte's destinations choose different ones. #}

{% macro text(column) %}cast({{ column }} as text){% endmacro %}

{% macro flag(column) %}cast({{ column }} as boolean){% endmacro %}

{% macro decimal(column) %}cast({{ column }} as double precision){% endmacro %}

{# A value that is text in one row and a number in another; some destinations keep such a column as JSON. #}
{% macro scalar(column) %}{{ return(adapter.dispatch('scalar', 'customers')(column)) }}{% endmacro %}
{% macro duckdb__scalar(column) %}to_json({{ column }}) ->> '$'{% endmacro %}
{% macro postgres__scalar(column) %}to_jsonb({{ column }}) #>> '{}'{% endmacro %}

{# An object or a list: JSON, its text, or a struct. #}
{% macro json(column) %}{{ return(adapter.dispatch('json', 'customers')(column)) }}{% endmacro %}
{% macro duckdb__json(column) %}cast({{ column }} as json){% endmacro %}
{% macro postgres__json(column) %}cast(cast({{ column }} as text) as jsonb){% endmacro %}

{#
  A moment as a timestamp in UTC without a time zone, which reads the same in every session and tool. PyAirbyte's DuckDB
  files hold what the provider printed without its offset: such a time is taken to be of the given zone.
#}
{% macro moment(column, time_zone='UTC') %}{{ return(adapter.dispatch('moment', 'customers')(column, time_zone)) }}{% endmacro %}
{% macro duckdb__moment(column, time_zone) %}
{{- customers.moment_of_text('cast(' ~ column ~ ' as text)', time_zone, 'regexp_matches(', ', ', ')') -}}
{% endmacro %}
{# As JSON a moment is always written in the same way, whatever the DateStyle of the session. #}
{% macro postgres__moment(column, time_zone) %}
{{- customers.moment_of_text("(to_jsonb(" ~ column ~ ") #>> '{}')", time_zone, '', ' ~ ', '') -}}
{% endmacro %}

{% macro moment_of_text(written, time_zone, before, between, after) %}
        case
            when {{ before }}{{ written }}{{ between }}':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'{{ after }}
                then cast({{ written }} as timestamp with time zone) at time zone 'UTC'
            {% if time_zone == 'UTC' -%}
            else cast({{ written }} as timestamp)
            {%- else -%}
            else (cast({{ written }} as timestamp) at time zone '{{ time_zone }}') at time zone 'UTC'
            {%- endif %}
        end
{%- endmacro %}

{# Milliseconds since the epoch as such a moment. #}
{% macro milliseconds(column) %}{{ return(adapter.dispatch('milliseconds', 'customers')(column)) }}{% endmacro %}
{% macro duckdb__milliseconds(column) %}epoch_ms(cast({{ column }} as bigint)){% endmacro %}
{% macro postgres__milliseconds(column) %}to_timestamp(cast({{ column }} as bigint) / 1000.0) at time zone 'UTC'{% endmacro %}

{# A field of a JSON object as text. #}
{% macro json_field(column, name) %}{{ return(adapter.dispatch('json_field', 'customers')(column, name)) }}{% endmacro %}
{% macro duckdb__json_field(column, name) %}({{ column }} ->> '$.{{ name }}'){% endmacro %}
{% macro postgres__json_field(column, name) %}({{ column }} ->> '{{ name }}'){% endmacro %}

{# The texts in a JSON list, a row each: a table function named `listed` with the column `value`. #}
{% macro json_texts(column) %}{{ return(adapter.dispatch('json_texts', 'customers')(column)) }}{% endmacro %}
{% macro duckdb__json_texts(column) %}unnest(
        case when json_type({{ column }}) = 'ARRAY' then cast({{ column }} as text[]) else [] end
    ) as listed (value){% endmacro %}
{% macro postgres__json_texts(column) %}jsonb_array_elements_text(
        case when jsonb_typeof({{ column }}) = 'array' then {{ column }} else '[]' end
    ) as listed (value){% endmacro %}

{# A text of which nothing is known: providers send an empty one for that as well as null. #}
{% macro known(column) %}nullif({{ column }}, ''){% endmacro %}
