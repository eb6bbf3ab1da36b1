{{ config(enabled=var('customers__valomnia_enabled')) }}

select
    'valomnia:' || customers.id as customer_key,
    'valomnia' as provider,
    customers.source_relation,
    customers.id as native_id,
    {{ customers.known('customers.reference') }} as reference,
    {{ customers.known('customers.name') }} as name,
    -- The only word that Valomnia has for a state is the name of this field.
    case when customers.on_hold then 'onHold' end as status,
    customers.is_active,
    {{ customers.known('customers.company_registration_number') }} as registration_number,
    {{ customers.known('customers.tax_number') }} as tax_number,
    {{ customers.known('customers.email') }} as email,
    {{ customers.known('customers.phone') }} as phone,
    {{ customers.known('customers.website') }} as website,
    {{ customers.known('customers.currency') }} as currency,
    'valomnia:' || {{ customers.json_field('customers.parent_customer', 'id') }} as parent_key,
    customers.date_created as created_at,
    customers.last_updated as updated_at,
    customers.extracted_at as last_seen_at,
    {{ customers.is_gone('customers') }} as is_deleted
from {{ ref('base_valomnia__customers') }} as customers
{{ customers.join_full_read('valomnia', 'customers', 'customers') }}
