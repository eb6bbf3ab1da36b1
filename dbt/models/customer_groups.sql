{{ customers.staged('customer_groups', ['mijnklantportaal', 'valomnia'], {
    'membership_key': 'text',
    'customer_key': 'text',
    'group_key': 'text',
    'provider': 'text',
    'source_relation': 'text',
    'group_native_id': 'text',
    'group_reference': 'text',
    'group_name': 'text',
    'last_seen_at': 'timestamp',
    'is_deleted': 'boolean'
}) }}
