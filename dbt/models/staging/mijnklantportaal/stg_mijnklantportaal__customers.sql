{{ config(enabled=var('customers__mijnklantportaal_enabled')) }}

select
    'mijnklantportaal:' || customers.id as customer_key,
    'mijnklantportaal' as provider,
    customers.source_relation,
    customers.id as native_id,
    cast(null as text) as reference,
    {{ customers.known('customers.company_name') }} as name,
    cast(null as text) as status,
    cast(null as boolean) as is_active,
    cast(null as text) as registration_number,
    cast(null as text) as tax_number,
    {{ customers.known('customers.primary_email') }} as email,
    {{ customers.known('customers.phone') }} as phone,
    cast(null as text) as website,
    cast(null as text) as currency,
    cast(null as text) as parent_key,
    customers.created_at,
    cast(null as timestamp) as updated_at,
    customers.extracted_at as last_seen_at,
    {{ customers.is_gone('customers') }} as is_deleted
from {{ ref('base_mijnklantportaal__customers') }} as customers
{{ customers.join_full_read('mijnklantportaal', 'customers', 'customers') }}
