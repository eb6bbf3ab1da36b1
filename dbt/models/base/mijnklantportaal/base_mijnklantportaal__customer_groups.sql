{{ config(enabled=var('customers__mijnklantportaal_enabled')) }}

{{ customers.latest_rows('mijnklantportaal', 'customer_groups', key='id', columns={
    'id': 'text',
    'name': 'text'
}) }}
