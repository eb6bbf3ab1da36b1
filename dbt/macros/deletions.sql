{#
  When the last complete read of each stream began. `full_reads` has microseconds, and the moment at which a row was
  delivered has milliseconds: without them a row could seem to be delivered before the read that delivered it.
#}
{% macro last_full_reads(provider) %}
with full_reads as (
    {{- customers.rows_of(provider, 'full_reads', {'stream': 'text', 'began_at': 'moment'}) }}
)

select
    source_relation,
    stream,
    max(date_trunc('milliseconds', began_at)) as began_at
from full_reads
group by source_relation, stream
{%- endmacro %}

{# Joins the last complete read of a stream to its rows. #}
{% macro join_full_read(provider, stream, rows) %}
left join {{ ref('base_' ~ provider ~ '__full_reads') }} as full_reads
    on full_reads.source_relation = {{ rows }}.source_relation and full_reads.stream = '{{ stream }}'
{%- endmacro %}

{# Whether the last complete read no longer delivered a row; without such a read nobody knows. #}
{% macro is_gone(rows) %}{{ rows }}.extracted_at < full_reads.began_at{% endmacro %}
