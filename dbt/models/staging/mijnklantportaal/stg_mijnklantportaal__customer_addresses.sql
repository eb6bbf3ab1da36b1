{{ config(enabled=var('customers__mijnklantportaal_enabled')) }}

select
    'mijnklantportaal:' || customers.id as customer_key,
    'mijnklantportaal' as provider,
    customers.source_relation,
    'main' as kind,
    {{ customers.known('customers.address') }} as line,
    {{ customers.known('customers.zip_code') }} as postal_code,
    {{ customers.known('customers.city') }} as city,
    {{ customers.known('customers.country_code') }} as country_code,
    cast(null as double precision) as latitude,
    cast(null as double precision) as longitude,
    {{ customers.is_gone('customers') }} as is_deleted
from {{ ref('base_mijnklantportaal__customers') }} as customers
{{ customers.join_full_read('mijnklantportaal', 'customers', 'customers') }}
