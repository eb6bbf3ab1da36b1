{{ config(enabled=var('customers__coredination_enabled')) }}

{{ customers.latest_rows('coredination', 'customers', key='id', changed='lastModified', columns={
    'id': 'text',
    'uuid': 'text',
    'name': 'text',
    'creationTimeStamp': 'milliseconds',
    'lastModified': 'milliseconds'
}) }}
