{{ config(enabled=var('customers__caoloon_enabled')) }}

{{ customers.latest_rows('caoloon', 'customers', key='guid', changed='updatedAt', columns={
    'guid': 'text',
    'companyName': 'text',
    'coc': 'scalar',
    'invitedBy': 'text',
    'contact': 'text',
    'status': 'text',
    'updatedAt': ('moment', var('customers__caoloon_time_zone'))
}) }}
