{{ customers.staged('customer_contacts', ['caoloon', 'valomnia'], {
    'contact_key': 'text',
    'customer_key': 'text',
    'provider': 'text',
    'source_relation': 'text',
    'native_id': 'text',
    'first_name': 'text',
    'last_name': 'text',
    'job_title': 'text',
    'email': 'text',
    'phone': 'text',
    'mobile': 'text',
    'is_decision_maker': 'boolean',
    'created_at': 'timestamp',
    'updated_at': 'timestamp',
    'last_seen_at': 'timestamp',
    'is_deleted': 'boolean'
}) }}
