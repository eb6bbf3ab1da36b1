{#
  Rows that belong to a customer who is not in the table of the same connection. Lists are read one after another and
  can be filtered, so that this is no mistake of the models: it warns.
#}
{% test known_customer(model, column_name) %}
{{ config(severity='warn') }}
select child.{{ column_name }}, child.source_relation
from {{ model }} as child
left join {{ ref('customers') }} as parent
    on parent.customer_key = child.{{ column_name }} and parent.source_relation = child.source_relation
where child.{{ column_name }} is not null and parent.customer_key is null
{% endtest %}
