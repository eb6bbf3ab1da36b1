{{ config(enabled=var('customers__caoloon_enabled')) }}

select
    -- A customer has one contact, an e-mail address without a key of its own.
    'caoloon:' || customers.guid as contact_key,
    'caoloon:' || customers.guid as customer_key,
    'caoloon' as provider,
    customers.source_relation,
    cast(null as text) as native_id,
    cast(null as text) as first_name,
    cast(null as text) as last_name,
    cast(null as text) as job_title,
    customers.contact as email,
    cast(null as text) as phone,
    cast(null as text) as mobile,
    cast(null as boolean) as is_decision_maker,
    cast(null as timestamp) as created_at,
    cast(null as timestamp) as updated_at,
    customers.extracted_at as last_seen_at,
    {{ customers.is_gone('customers') }} as is_deleted
from {{ ref('base_caoloon__customers') }} as customers
{{ customers.join_full_read('caoloon', 'customers', 'customers') }}
where {{ customers.known('customers.contact') }} is not null
