{{ config(enabled=var('customers__coredination_enabled')) }}

select
    'coredination:' || customers.id as customer_key,
    'coredination' as provider,
    customers.source_relation,
    customers.id as native_id,
    cast(null as text) as reference,
    {{ customers.known('customers.name') }} as name,
    cast(null as text) as status,
    -- The list can have inactive customers in it, but a row does not tell.
    cast(null as boolean) as is_active,
    cast(null as text) as registration_number,
    cast(null as text) as tax_number,
    cast(null as text) as email,
    cast(null as text) as phone,
    cast(null as text) as website,
    cast(null as text) as currency,
    cast(null as text) as parent_key,
    customers.creation_time_stamp as created_at,
    customers.last_modified as updated_at,
    customers.extracted_at as last_seen_at,
    {{ customers.is_gone('customers') }} as is_deleted
from {{ ref('base_coredination__customers') }} as customers
{{ customers.join_full_read('coredination', 'customers', 'customers') }}
