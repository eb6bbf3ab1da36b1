{#
  The rows of a stream in all connections of its provider, with the columns that are asked for and no others.

  `columns` says for each column of the provider what it holds: one of text, flag, decimal, scalar, json, moment (with
  its time zone) or milliseconds. Its name here is the provider's in snake_case. PyAirbyte writes names in lower case,
  Airbyte as the provider does: what is there is looked up. A column or table that is not there holds nothing.
#}
{% macro rows_of(provider, stream, columns) %}
    {%- set tables = customers.tables_of(provider, stream) -%}
    {%- for table in tables %}
    select
        cast('{{ table.name }}' as text) as source_relation,
        {%- for column, kind in columns.items() %}
        {{ customers.value_of(table.columns.get(column | lower), kind) }} as {{ customers.snake_case(column) }},
        {%- endfor %}
        {{ customers.value_of(table.columns.get('_airbyte_extracted_at'), 'moment') }} as extracted_at
    from {{ table.relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        cast(null as text) as source_relation,
        {%- for column, kind in columns.items() %}
        {{ customers.value_of(none, kind) }} as {{ customers.snake_case(column) }},
        {%- endfor %}
        {{ customers.value_of(none, 'moment') }} as extracted_at
    where false
    {%- endfor %}
{%- endmacro %}

{#
  The same, of each key the version that was delivered last. A destination that appends has every version; of those that
  were delivered at the same moment the one that changed last counts.
#}
{% macro latest_rows(provider, stream, key, columns, changed=none) %}
with delivered as (
    {{- customers.rows_of(provider, stream, columns) }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, {{ customers.snake_case(key) }}
            order by extracted_at desc{% if changed %}, {{ customers.snake_case(changed) }} desc nulls last{% endif %}
        ) as version_number
    from delivered
)

select
    source_relation,
    {%- for column in columns %}
    {{ customers.snake_case(column) }},
    {%- endfor %}
    extracted_at
from numbered
where version_number = 1
{%- endmacro %}

{# The tables of a stream that are there: the connection's name, the relation, and its columns by name in lower case. #}
{% macro tables_of(provider, stream) %}
    {%- set start, tables = 'customers__' ~ provider, [] -%}
    {%- set declared = source(provider, stream) -%}
    {%- if execute -%}
        {%- set connections = var(start ~ '_sources') or [{
            'name': declared.schema, 'database': declared.database, 'schema': declared.schema,
            'prefix': var(start ~ '_prefix')
        }] -%}
        {%- for connection in connections -%}
            {#- Asking dbt whether a table is there is no way: its threads share a list of each schema's tables, and one
                thread reads it while another one still fills it. A table without columns is not there. -#}
            {%- set relation = api.Relation.create(
                database=connection.get('database', declared.database),
                schema=connection.get('schema', connection.name),
                identifier=connection.get('prefix', '') ~ stream,
                type='table'
            ) -%}
            {%- set columns = {} -%}
            {%- for column in adapter.get_columns_in_relation(relation) -%}
                {%- do columns.update({column.name | lower: adapter.quote(column.name)}) -%}
            {%- endfor -%}
            {%- if columns -%}
                {%- do tables.append({'name': connection.name, 'relation': relation, 'columns': columns}) -%}
            {%- elif stream == 'customers' -%}
                {%- do exceptions.warn(
                    "There is no table of " ~ provider ~ "'s customers for `" ~ connection.name ~ "`: none of them is in the "
                    ~ "models. If that is as it should be, set " ~ start ~ "_enabled to false."
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(tables) }}
{% endmacro %}

{% macro value_of(column, kind) %}
    {%- set kind, time_zone = kind if kind is iterable and kind is not string else (kind, 'UTC') -%}
    {%- set column = column or 'null' -%}
    {%- if kind == 'moment' and column == 'null' -%}
        cast(null as timestamp)
    {%- elif kind == 'moment' -%}
        {{ customers.moment(column, time_zone) }}
    {%- elif kind == 'scalar' and column == 'null' -%}
        cast(null as text)
    {%- else -%}
        {{ {
            'text': customers.text, 'flag': customers.flag, 'decimal': customers.decimal, 'scalar': customers.scalar,
            'json': customers.json, 'milliseconds': customers.milliseconds
        }[kind](column) }}
    {%- endif -%}
{% endmacro %}

{% macro snake_case(name) %}{{ return(modules.re.sub('([a-z0-9])([A-Z])', '\\1_\\2', name) | lower) }}{% endmacro %}
