{{ config(enabled=var('customers__valomnia_enabled')) }}

{{ customers.latest_rows('valomnia', 'customer_groups', key='id', changed='lastUpdated', columns={
    'id': 'text',
    'reference': 'text',
    'name': 'text',
    'lastUpdated': 'moment'
}) }}
