{{ config(enabled=var('customers__matches_enabled')) }}

with known_customers as (
    select * from {{ ref('customers') }} where is_deleted is not true
),

-- What is compared, the surest first.
compared as (
    select
        customer_key,
        source_relation,
        1 as rank,
        {{ customers.comparable_registration_number('registration_number') }} as value
    from known_customers
    union all
    select
        customer_key,
        source_relation,
        2 as rank,
        {{ customers.comparable_code('tax_number') }} as value
    from known_customers
    union all
    -- Many people have an address at a free mail host, and keep the books of several companies with it.
    select
        customer_key,
        source_relation,
        3 as rank,
        lower(trim(email)) as value
    from known_customers
    where
        email like '%@%'
        and lower(trim(split_part(email, '@', 2))) not in (select host from {{ ref('free_mail_hosts') }})
    union all
    select
        known_customers.customer_key,
        known_customers.source_relation,
        4 as rank,
        {{ customers.comparable_name('known_customers.name') }}
        || ' ' || {{ customers.comparable_code('customer_addresses.postal_code') }} as value
    from known_customers
    inner join {{ ref('customer_addresses') }} as customer_addresses
        on
            customer_addresses.customer_key = known_customers.customer_key
            and customer_addresses.source_relation = known_customers.source_relation
)

-- Each pair once, with the surest of its reasons.
select
    one.customer_key,
    one.source_relation,
    other.customer_key as other_customer_key,
    other.source_relation as other_source_relation,
    case min(one.rank)
        when 1 then 'registration_number'
        when 2 then 'tax_number'
        when 3 then 'email'
        when 4 then 'name_and_postal_code'
    end as reason,
    min(one.rank) as rank
from compared as one
inner join compared as other
    on
        other.rank = one.rank
        and other.value = one.value
        and (other.customer_key, other.source_relation) > (one.customer_key, one.source_relation)
group by one.customer_key, one.source_relation, other.customer_key, other.source_relation
