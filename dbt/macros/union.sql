{#
  The staged rows of all providers that are switched on. A provider that has nothing of the kind is not among the given
  ones. Where all are switched off, the columns are there and no row.
#}
{% macro staged(model, providers, columns) %}
    {%- set enabled = [] -%}
    {%- for provider in providers if var('customers__' ~ provider ~ '_enabled') -%}
        {%- do enabled.append(provider) -%}
    {%- endfor -%}
    {%- for provider in enabled %}
select
    {{ columns.keys() | join(',\n    ') }}
from {{ ref('stg_' ~ provider ~ '__' ~ model) }}
    {%- if not loop.last %}
union all
    {%- endif %}
    {%- else %}
select
    {%- for column, type in columns.items() %}
    cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
where false
    {%- endfor %}
{%- endmacro %}
