{{ config(enabled=var('customers__mijnklantportaal_enabled')) }}

{{ customers.latest_rows('mijnklantportaal', 'customers', key='id', columns={
    'id': 'text',
    'companyName': 'text',
    'address': 'text',
    'zipCode': 'text',
    'city': 'text',
    'countryCode': 'text',
    'primaryEmail': 'text',
    'phone': 'text',
    'customerGroups': 'json',
    'createdAt': ('moment', var('customers__mijnklantportaal_time_zone'))
}) }}
