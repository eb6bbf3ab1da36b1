{{ config(enabled=var('customers__mijnklantportaal_enabled')) }}

with memberships as (
    select distinct
        customers.source_relation,
        customers.id as customer_id,
        listed.value as group_id,
        customers.extracted_at
    from {{ ref('base_mijnklantportaal__customers') }} as customers
    cross join {{ customers.json_texts('customers.customer_groups') }}
)

select
    'mijnklantportaal:' || memberships.customer_id || ':' || memberships.group_id as membership_key,
    'mijnklantportaal:' || memberships.customer_id as customer_key,
    'mijnklantportaal:' || memberships.group_id as group_key,
    'mijnklantportaal' as provider,
    memberships.source_relation,
    memberships.group_id as group_native_id,
    cast(null as text) as group_reference,
    {{ customers.known('customer_groups.name') }} as group_name,
    memberships.extracted_at as last_seen_at,
    {{ customers.is_gone('memberships') }} as is_deleted
from memberships
left join {{ ref('base_mijnklantportaal__customer_groups') }} as customer_groups
    on customer_groups.source_relation = memberships.source_relation and customer_groups.id = memberships.group_id
{{ customers.join_full_read('mijnklantportaal', 'customers', 'memberships') }}
where memberships.group_id is not null
