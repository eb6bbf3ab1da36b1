{{ config(enabled=var('customers__valomnia_enabled')) }}

{{ customers.latest_rows('valomnia', 'customer_group_assignments', key='id', changed='lastUpdated', columns={
    'id': 'text',
    'customer': 'json',
    'customerGroup': 'json',
    'lastUpdated': 'moment'
}) }}
