{{ config(enabled=var('customers__valomnia_enabled')) }}

{{ customers.latest_rows('valomnia', 'contacts', key='id', changed='lastUpdated', columns={
    'id': 'text',
    'customer': 'json',
    'firstName': 'text',
    'lastName': 'text',
    'fonction': 'text',
    'email': 'text',
    'phone': 'text',
    'mobile': 'text',
    'isDecisionMaker': 'flag',
    'dateCreated': 'moment',
    'lastUpdated': 'moment'
}) }}
