with addresses as (
    {{ customers.staged('customer_addresses', ['mijnklantportaal', 'valomnia'], {
        'customer_key': 'text',
        'provider': 'text',
        'source_relation': 'text',
        'kind': 'text',
        'line': 'text',
        'postal_code': 'text',
        'city': 'text',
        'country_code': 'text',
        'latitude': 'double precision',
        'longitude': 'double precision',
        'is_deleted': 'boolean'
    }) | indent }}
)

select *
from addresses
where coalesce(line, postal_code, city, country_code, cast(latitude as text), cast(longitude as text)) is not null
