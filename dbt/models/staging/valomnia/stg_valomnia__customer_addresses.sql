{{ config(enabled=var('customers__valomnia_enabled')) }}

with addresses as (
    select
        id,
        source_relation,
        extracted_at,
        'main' as kind,
        address as line,
        postal_code,
        city,
        country,
        latitude,
        longitude
    from {{ ref('base_valomnia__customers') }}
    union all
    select
        id,
        source_relation,
        extracted_at,
        'billing' as kind,
        billing_address as line,
        billing_postal_code as postal_code,
        billing_city as city,
        billing_country as country,
        billing_lat as latitude,
        billing_lng as longitude
    from {{ ref('base_valomnia__customers') }}
)

select
    'valomnia:' || addresses.id as customer_key,
    'valomnia' as provider,
    addresses.source_relation,
    addresses.kind,
    {{ customers.known('addresses.line') }} as line,
    {{ customers.known('addresses.postal_code') }} as postal_code,
    {{ customers.known('addresses.city') }} as city,
    -- The samples have codes of two letters; the documents do not say that it is always one.
    case when length(addresses.country) = 2 then addresses.country end as country_code,
    addresses.latitude,
    addresses.longitude,
    {{ customers.is_gone('addresses') }} as is_deleted
from addresses
{{ customers.join_full_read('valomnia', 'customers', 'addresses') }}
