{{ config(enabled=var('customers__valomnia_enabled')) }}

select
    'valomnia:' || contacts.id as contact_key,
    'valomnia:' || {{ customers.json_field('contacts.customer', 'id') }} as customer_key,
    'valomnia' as provider,
    contacts.source_relation,
    contacts.id as native_id,
    {{ customers.known('contacts.first_name') }} as first_name,
    {{ customers.known('contacts.last_name') }} as last_name,
    {{ customers.known('contacts.fonction') }} as job_title,
    {{ customers.known('contacts.email') }} as email,
    {{ customers.known('contacts.phone') }} as phone,
    {{ customers.known('contacts.mobile') }} as mobile,
    contacts.is_decision_maker,
    contacts.date_created as created_at,
    contacts.last_updated as updated_at,
    contacts.extracted_at as last_seen_at,
    {{ customers.is_gone('contacts') }} as is_deleted
from {{ ref('base_valomnia__contacts') }} as contacts
{{ customers.join_full_read('valomnia', 'contacts', 'contacts') }}
