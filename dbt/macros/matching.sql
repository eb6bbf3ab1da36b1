{# What two customers have in common, whatever way it is written. Nothing is left where nothing is known. #}

{# Letters without their accents: neither database has the same function for that, and both know this one. #}
{% macro without_accents(column) -%}
translate(
    {{ column }},
    'ÀÁÂÃÄÅàáâãäåÈÉÊËèéêëÌÍÎÏìíîïÒÓÔÕÖØòóôõöøÙÚÛÜùúûüÇçÑñÝýÿŠšŽž',
    'AAAAAAaaaaaaEEEEeeeeIIIIiiiiOOOOOOooooooUUUUuuuuCcNnYyySsZz'
)
{%- endmacro %}

{# The name without accents, punctuation and the legal form at its end: "Fjärden Bygg A.B." is "fjarden bygg". #}
{% macro comparable_name(column) -%}
nullif(trim(regexp_replace(
    regexp_replace(
        ' ' || replace(lower({{ customers.without_accents(column) }}), '.', '') || ' ',
        '[[:punct:][:space:]]+',
        ' ',
        'g'
    ),
    '( (bv|nv|vof|cv|ab|hb|kb|sarl|sas|sasu|sa|eurl|suarl|ltd|limited|llp|plc|inc|gmbh|ag|kg))+ $',
    ''
)), '')
{%- endmacro %}

{# Letters and digits alone, in capitals. #}
{% macro comparable_code(column) -%}
nullif(regexp_replace(upper({{ column }}), '[^A-Z0-9]', '', 'g'), '')
{%- endmacro %}

{# Eight digits at least: some send a Chamber of Commerce number as a number, without the zeros in front. #}
{% macro comparable_registration_number(column) -%}
{%- set digits = "regexp_replace(" ~ column ~ ", '[^0-9]', '', 'g')" -%}
case when ltrim({{ digits }}, '0') <> '' then lpad({{ digits }}, cast(greatest(8, length({{ digits }})) as integer), '0') end
{%- endmacro %}
