{{ config(enabled=var('customers__valomnia_enabled')) }}

with memberships as (
    select
        id,
        source_relation,
        {{ customers.json_field('customer', 'id') }} as customer_id,
        {{ customers.json_field('customer_group', 'id') }} as group_id,
        {{ customers.json_field('customer_group', 'reference') }} as group_reference,
        {{ customers.json_field('customer_group', 'name') }} as group_name,
        extracted_at
    from {{ ref('base_valomnia__customer_group_assignments') }}
)

select
    'valomnia:' || memberships.id as membership_key,
    'valomnia:' || memberships.customer_id as customer_key,
    'valomnia:' || memberships.group_id as group_key,
    'valomnia' as provider,
    memberships.source_relation,
    memberships.group_id as group_native_id,
    -- A group can be renamed later than the assignment was read.
    {{ customers.known('coalesce(customer_groups.reference, memberships.group_reference)') }} as group_reference,
    {{ customers.known('coalesce(customer_groups.name, memberships.group_name)') }} as group_name,
    memberships.extracted_at as last_seen_at,
    {{ customers.is_gone('memberships') }} as is_deleted
from memberships
left join {{ ref('base_valomnia__customer_groups') }} as customer_groups
    on customer_groups.source_relation = memberships.source_relation and customer_groups.id = memberships.group_id
{{ customers.join_full_read('valomnia', 'customer_group_assignments', 'memberships') }}
