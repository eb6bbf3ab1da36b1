{{ config(enabled=var('customers__caoloon_enabled')) }}

select
    'caoloon:' || customers.guid as customer_key,
    'caoloon' as provider,
    customers.source_relation,
    customers.guid as native_id,
    cast(null as text) as reference,
    {{ customers.known('customers.company_name') }} as name,
    {{ customers.known('customers.status') }} as status,
    cast(null as boolean) as is_active,
    {{ customers.known('customers.coc') }} as registration_number,
    cast(null as text) as tax_number,
    {{ customers.known('customers.contact') }} as email,
    cast(null as text) as phone,
    cast(null as text) as website,
    cast(null as text) as currency,
    cast(null as text) as parent_key,
    cast(null as timestamp) as created_at,
    customers.updated_at,
    customers.extracted_at as last_seen_at,
    {{ customers.is_gone('customers') }} as is_deleted
from {{ ref('base_caoloon__customers') }} as customers
{{ customers.join_full_read('caoloon', 'customers', 'customers') }}
