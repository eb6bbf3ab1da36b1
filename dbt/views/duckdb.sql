-- One customer table over all providers, as plain views in a DuckDB file: the models of the dbt package. Do not edit:
-- `make views` writes this file.
--
--     duckdb customers.duckdb < dbt/views/duckdb.sql
--
-- Each provider's tables are in the schema of its name, as PyAirbyte or Airbyte wrote them. Run the file again when a
-- stream or a provider has come.

CREATE SCHEMA IF NOT EXISTS unified;
CREATE SCHEMA IF NOT EXISTS unified_staging;

-- 1. What is there of a table that is not there.

CREATE OR REPLACE VIEW unified_staging.base_caoloon__customers AS
with delivered as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as guid,
        cast(null as text) as company_name,
        cast(null as text) as coc,
        cast(null as text) as invited_by,
        cast(null as text) as contact,
        cast(null as text) as status,
        cast(null as timestamp) as updated_at,
        cast(null as timestamp) as extracted_at
    where false
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, guid
            order by extracted_at desc, updated_at desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    guid,
    company_name,
    coc,
    invited_by,
    contact,
    status,
    updated_at,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_caoloon__full_reads AS
with full_reads as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as stream,
        cast(null as timestamp) as began_at,
        cast(null as timestamp) as extracted_at
    where false
)

select
    source_relation,
    stream,
    max(date_trunc('milliseconds', began_at)) as began_at
from full_reads
group by source_relation, stream;

CREATE OR REPLACE VIEW unified_staging.base_coredination__customers AS
with delivered as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as id,
        cast(null as text) as uuid,
        cast(null as text) as name,
        epoch_ms(cast(null as bigint)) as creation_time_stamp,
        epoch_ms(cast(null as bigint)) as last_modified,
        cast(null as timestamp) as extracted_at
    where false
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_modified desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    uuid,
    name,
    creation_time_stamp,
    last_modified,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_coredination__full_reads AS
with full_reads as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as stream,
        cast(null as timestamp) as began_at,
        cast(null as timestamp) as extracted_at
    where false
)

select
    source_relation,
    stream,
    max(date_trunc('milliseconds', began_at)) as began_at
from full_reads
group by source_relation, stream;

CREATE OR REPLACE VIEW unified_staging.base_mijnklantportaal__customer_groups AS
with delivered as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as id,
        cast(null as text) as name,
        cast(null as timestamp) as extracted_at
    where false
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    name,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_mijnklantportaal__customers AS
with delivered as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as id,
        cast(null as text) as company_name,
        cast(null as text) as address,
        cast(null as text) as zip_code,
        cast(null as text) as city,
        cast(null as text) as country_code,
        cast(null as text) as primary_email,
        cast(null as text) as phone,
        cast(null as json) as customer_groups,
        cast(null as timestamp) as created_at,
        cast(null as timestamp) as extracted_at
    where false
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    company_name,
    address,
    zip_code,
    city,
    country_code,
    primary_email,
    phone,
    customer_groups,
    created_at,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_mijnklantportaal__full_reads AS
with full_reads as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as stream,
        cast(null as timestamp) as began_at,
        cast(null as timestamp) as extracted_at
    where false
)

select
    source_relation,
    stream,
    max(date_trunc('milliseconds', began_at)) as began_at
from full_reads
group by source_relation, stream;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__contacts AS
with delivered as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as id,
        cast(null as json) as customer,
        cast(null as text) as first_name,
        cast(null as text) as last_name,
        cast(null as text) as fonction,
        cast(null as text) as email,
        cast(null as text) as phone,
        cast(null as text) as mobile,
        cast(null as boolean) as is_decision_maker,
        cast(null as timestamp) as date_created,
        cast(null as timestamp) as last_updated,
        cast(null as timestamp) as extracted_at
    where false
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_updated desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    customer,
    first_name,
    last_name,
    fonction,
    email,
    phone,
    mobile,
    is_decision_maker,
    date_created,
    last_updated,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__customer_group_assignments AS
with delivered as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as id,
        cast(null as json) as customer,
        cast(null as json) as customer_group,
        cast(null as timestamp) as last_updated,
        cast(null as timestamp) as extracted_at
    where false
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_updated desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    customer,
    customer_group,
    last_updated,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__customer_groups AS
with delivered as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as id,
        cast(null as text) as reference,
        cast(null as text) as name,
        cast(null as timestamp) as last_updated,
        cast(null as timestamp) as extracted_at
    where false
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_updated desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    reference,
    name,
    last_updated,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__customers AS
with delivered as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as id,
        cast(null as text) as reference,
        cast(null as text) as name,
        cast(null as json) as parent_customer,
        cast(null as text) as email,
        cast(null as text) as phone,
        cast(null as text) as website,
        cast(null as text) as currency,
        cast(null as text) as tax_number,
        cast(null as text) as company_registration_number,
        cast(null as boolean) as is_active,
        cast(null as boolean) as on_hold,
        cast(null as text) as address,
        cast(null as text) as postal_code,
        cast(null as text) as city,
        cast(null as text) as country,
        cast(null as double precision) as latitude,
        cast(null as double precision) as longitude,
        cast(null as text) as billing_address,
        cast(null as text) as billing_postal_code,
        cast(null as text) as billing_city,
        cast(null as text) as billing_country,
        cast(null as double precision) as billing_lat,
        cast(null as double precision) as billing_lng,
        cast(null as timestamp) as date_created,
        cast(null as timestamp) as last_updated,
        cast(null as timestamp) as extracted_at
    where false
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_updated desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    reference,
    name,
    parent_customer,
    email,
    phone,
    website,
    currency,
    tax_number,
    company_registration_number,
    is_active,
    on_hold,
    address,
    postal_code,
    city,
    country,
    latitude,
    longitude,
    billing_address,
    billing_postal_code,
    billing_city,
    billing_country,
    billing_lat,
    billing_lng,
    date_created,
    last_updated,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__full_reads AS
with full_reads as (
    select
        cast(null as text) as source_relation,
        cast(null as text) as stream,
        cast(null as timestamp) as began_at,
        cast(null as timestamp) as extracted_at
    where false
)

select
    source_relation,
    stream,
    max(date_trunc('milliseconds', began_at)) as began_at
from full_reads
group by source_relation, stream;

-- 2. The tables. A statement that fails because its table is not there changes nothing: go on after it.

CREATE OR REPLACE VIEW unified_staging.base_caoloon__customers AS
with delivered as (
    select
        cast('caoloon' as text) as source_relation,
        cast("guid" as text) as guid,
        cast("companyName" as text) as company_name,
        to_json("coc") ->> '$' as coc,
        cast("invitedBy" as text) as invited_by,
        cast("contact" as text) as contact,
        cast("status" as text) as status,

        case
            when regexp_matches(cast("updatedAt" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("updatedAt" as text) as timestamp with time zone) at time zone 'UTC'
            else (cast(cast("updatedAt" as text) as timestamp) at time zone 'Europe/Amsterdam') at time zone 'UTC'
        end as updated_at,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "caoloon"."customers"
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, guid
            order by extracted_at desc, updated_at desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    guid,
    company_name,
    coc,
    invited_by,
    contact,
    status,
    updated_at,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_caoloon__full_reads AS
with full_reads as (
    select
        cast('caoloon' as text) as source_relation,
        cast("stream" as text) as stream,

        case
            when regexp_matches(cast("began_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("began_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("began_at" as text) as timestamp)
        end as began_at,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "caoloon"."full_reads"
)

select
    source_relation,
    stream,
    max(date_trunc('milliseconds', began_at)) as began_at
from full_reads
group by source_relation, stream;

CREATE OR REPLACE VIEW unified_staging.base_coredination__customers AS
with delivered as (
    select
        cast('coredination' as text) as source_relation,
        cast("id" as text) as id,
        cast("uuid" as text) as uuid,
        cast("name" as text) as name,
        epoch_ms(cast("creationTimeStamp" as bigint)) as creation_time_stamp,
        epoch_ms(cast("lastModified" as bigint)) as last_modified,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "coredination"."customers"
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_modified desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    uuid,
    name,
    creation_time_stamp,
    last_modified,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_coredination__full_reads AS
with full_reads as (
    select
        cast('coredination' as text) as source_relation,
        cast("stream" as text) as stream,

        case
            when regexp_matches(cast("began_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("began_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("began_at" as text) as timestamp)
        end as began_at,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "coredination"."full_reads"
)

select
    source_relation,
    stream,
    max(date_trunc('milliseconds', began_at)) as began_at
from full_reads
group by source_relation, stream;

CREATE OR REPLACE VIEW unified_staging.base_mijnklantportaal__customer_groups AS
with delivered as (
    select
        cast('mijnklantportaal' as text) as source_relation,
        cast("id" as text) as id,
        cast("name" as text) as name,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "mijnklantportaal"."customer_groups"
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    name,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_mijnklantportaal__customers AS
with delivered as (
    select
        cast('mijnklantportaal' as text) as source_relation,
        cast("id" as text) as id,
        cast("companyName" as text) as company_name,
        cast("address" as text) as address,
        cast("zipCode" as text) as zip_code,
        cast("city" as text) as city,
        cast("countryCode" as text) as country_code,
        cast("primaryEmail" as text) as primary_email,
        cast("phone" as text) as phone,
        cast("customerGroups" as json) as customer_groups,

        case
            when regexp_matches(cast("createdAt" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("createdAt" as text) as timestamp with time zone) at time zone 'UTC'
            else (cast(cast("createdAt" as text) as timestamp) at time zone 'Europe/Amsterdam') at time zone 'UTC'
        end as created_at,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "mijnklantportaal"."customers"
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    company_name,
    address,
    zip_code,
    city,
    country_code,
    primary_email,
    phone,
    customer_groups,
    created_at,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_mijnklantportaal__full_reads AS
with full_reads as (
    select
        cast('mijnklantportaal' as text) as source_relation,
        cast("stream" as text) as stream,

        case
            when regexp_matches(cast("began_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("began_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("began_at" as text) as timestamp)
        end as began_at,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "mijnklantportaal"."full_reads"
)

select
    source_relation,
    stream,
    max(date_trunc('milliseconds', began_at)) as began_at
from full_reads
group by source_relation, stream;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__contacts AS
with delivered as (
    select
        cast('valomnia' as text) as source_relation,
        cast("id" as text) as id,
        cast("customer" as json) as customer,
        cast("firstName" as text) as first_name,
        cast("lastName" as text) as last_name,
        cast("fonction" as text) as fonction,
        cast("email" as text) as email,
        cast("phone" as text) as phone,
        cast("mobile" as text) as mobile,
        cast("isDecisionMaker" as boolean) as is_decision_maker,

        case
            when regexp_matches(cast("dateCreated" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("dateCreated" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("dateCreated" as text) as timestamp)
        end as date_created,

        case
            when regexp_matches(cast("lastUpdated" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("lastUpdated" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("lastUpdated" as text) as timestamp)
        end as last_updated,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "valomnia"."contacts"
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_updated desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    customer,
    first_name,
    last_name,
    fonction,
    email,
    phone,
    mobile,
    is_decision_maker,
    date_created,
    last_updated,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__customer_group_assignments AS
with delivered as (
    select
        cast('valomnia' as text) as source_relation,
        cast("id" as text) as id,
        cast("customer" as json) as customer,
        cast("customerGroup" as json) as customer_group,

        case
            when regexp_matches(cast("lastUpdated" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("lastUpdated" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("lastUpdated" as text) as timestamp)
        end as last_updated,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "valomnia"."customer_group_assignments"
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_updated desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    customer,
    customer_group,
    last_updated,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__customer_groups AS
with delivered as (
    select
        cast('valomnia' as text) as source_relation,
        cast("id" as text) as id,
        cast("reference" as text) as reference,
        cast("name" as text) as name,

        case
            when regexp_matches(cast("lastUpdated" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("lastUpdated" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("lastUpdated" as text) as timestamp)
        end as last_updated,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "valomnia"."customer_groups"
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_updated desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    reference,
    name,
    last_updated,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__customers AS
with delivered as (
    select
        cast('valomnia' as text) as source_relation,
        cast("id" as text) as id,
        cast("reference" as text) as reference,
        cast("name" as text) as name,
        cast("parentCustomer" as json) as parent_customer,
        cast("email" as text) as email,
        cast("phone" as text) as phone,
        cast("website" as text) as website,
        cast("currency" as text) as currency,
        cast("taxNumber" as text) as tax_number,
        cast("companyRegistrationNumber" as text) as company_registration_number,
        cast("isActive" as boolean) as is_active,
        cast("onHold" as boolean) as on_hold,
        cast("address" as text) as address,
        cast("postalCode" as text) as postal_code,
        cast("city" as text) as city,
        cast("country" as text) as country,
        cast("latitude" as double precision) as latitude,
        cast("longitude" as double precision) as longitude,
        cast("billingAddress" as text) as billing_address,
        cast("billingPostalCode" as text) as billing_postal_code,
        cast("billingCity" as text) as billing_city,
        cast("billingCountry" as text) as billing_country,
        cast("billingLat" as double precision) as billing_lat,
        cast("billingLng" as double precision) as billing_lng,

        case
            when regexp_matches(cast("dateCreated" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("dateCreated" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("dateCreated" as text) as timestamp)
        end as date_created,

        case
            when regexp_matches(cast("lastUpdated" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("lastUpdated" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("lastUpdated" as text) as timestamp)
        end as last_updated,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "valomnia"."customers"
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_relation, id
            order by extracted_at desc, last_updated desc nulls last
        ) as version_number
    from delivered
)

select
    source_relation,
    id,
    reference,
    name,
    parent_customer,
    email,
    phone,
    website,
    currency,
    tax_number,
    company_registration_number,
    is_active,
    on_hold,
    address,
    postal_code,
    city,
    country,
    latitude,
    longitude,
    billing_address,
    billing_postal_code,
    billing_city,
    billing_country,
    billing_lat,
    billing_lng,
    date_created,
    last_updated,
    extracted_at
from numbered
where version_number = 1;

CREATE OR REPLACE VIEW unified_staging.base_valomnia__full_reads AS
with full_reads as (
    select
        cast('valomnia' as text) as source_relation,
        cast("stream" as text) as stream,

        case
            when regexp_matches(cast("began_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("began_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("began_at" as text) as timestamp)
        end as began_at,

        case
            when regexp_matches(cast("_airbyte_extracted_at" as text), ':[0-9]{2}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
                then cast(cast("_airbyte_extracted_at" as text) as timestamp with time zone) at time zone 'UTC'
            else cast(cast("_airbyte_extracted_at" as text) as timestamp)
        end as extracted_at
    from "valomnia"."full_reads"
)

select
    source_relation,
    stream,
    max(date_trunc('milliseconds', began_at)) as began_at
from full_reads
group by source_relation, stream;

-- 3. What is made of them.

CREATE OR REPLACE VIEW unified_staging.free_mail_hosts AS
SELECT host
FROM (VALUES
    ('aol.com'),
    ('bredband.net'),
    ('caiway.nl'),
    ('casema.nl'),
    ('chello.nl'),
    ('free.fr'),
    ('gmail.com'),
    ('gmx.com'),
    ('gmx.de'),
    ('gmx.net'),
    ('googlemail.com'),
    ('hetnet.nl'),
    ('home.nl'),
    ('hotmail.be'),
    ('hotmail.co.uk'),
    ('hotmail.com'),
    ('hotmail.fr'),
    ('hotmail.nl'),
    ('hotmail.se'),
    ('icloud.com'),
    ('kpnmail.nl'),
    ('kpnplanet.nl'),
    ('laposte.net'),
    ('live.com'),
    ('live.fr'),
    ('live.nl'),
    ('live.se'),
    ('mac.com'),
    ('mail.com'),
    ('me.com'),
    ('msn.com'),
    ('neuf.fr'),
    ('online.nl'),
    ('orange.fr'),
    ('outlook.com'),
    ('outlook.fr'),
    ('outlook.nl'),
    ('outlook.se'),
    ('planet.nl'),
    ('proton.me'),
    ('protonmail.com'),
    ('quicknet.nl'),
    ('sfr.fr'),
    ('spray.se'),
    ('swipnet.se'),
    ('tele2.nl'),
    ('telfort.nl'),
    ('telia.com'),
    ('upcmail.nl'),
    ('wanadoo.fr'),
    ('web.de'),
    ('xs4all.nl'),
    ('yahoo.co.uk'),
    ('yahoo.com'),
    ('yahoo.fr'),
    ('yahoo.nl'),
    ('yahoo.se'),
    ('yandex.com'),
    ('ymail.com'),
    ('zeelandnet.nl'),
    ('ziggo.nl')
) AS hosts (host);

CREATE OR REPLACE VIEW unified_staging.stg_mijnklantportaal__customer_addresses AS
select
    'mijnklantportaal:' || customers.id as customer_key,
    'mijnklantportaal' as provider,
    customers.source_relation,
    'main' as kind,
    nullif(customers.address, '') as line,
    nullif(customers.zip_code, '') as postal_code,
    nullif(customers.city, '') as city,
    nullif(customers.country_code, '') as country_code,
    cast(null as double precision) as latitude,
    cast(null as double precision) as longitude,
    customers.extracted_at < full_reads.began_at as is_deleted
from "unified_staging"."base_mijnklantportaal__customers" as customers

left join "unified_staging"."base_mijnklantportaal__full_reads" as full_reads
    on full_reads.source_relation = customers.source_relation and full_reads.stream = 'customers';

CREATE OR REPLACE VIEW unified_staging.stg_valomnia__customer_addresses AS
with addresses as (
    select
        id,
        source_relation,
        extracted_at,
        'main' as kind,
        address as line,
        postal_code,
        city,
        country,
        latitude,
        longitude
    from "unified_staging"."base_valomnia__customers"
    union all
    select
        id,
        source_relation,
        extracted_at,
        'billing' as kind,
        billing_address as line,
        billing_postal_code as postal_code,
        billing_city as city,
        billing_country as country,
        billing_lat as latitude,
        billing_lng as longitude
    from "unified_staging"."base_valomnia__customers"
)

select
    'valomnia:' || addresses.id as customer_key,
    'valomnia' as provider,
    addresses.source_relation,
    addresses.kind,
    nullif(addresses.line, '') as line,
    nullif(addresses.postal_code, '') as postal_code,
    nullif(addresses.city, '') as city,
    -- The samples have codes of two letters; the documents do not say that it is always one.
    case when length(addresses.country) = 2 then addresses.country end as country_code,
    addresses.latitude,
    addresses.longitude,
    addresses.extracted_at < full_reads.began_at as is_deleted
from addresses

left join "unified_staging"."base_valomnia__full_reads" as full_reads
    on full_reads.source_relation = addresses.source_relation and full_reads.stream = 'customers';

CREATE OR REPLACE VIEW unified.customer_addresses AS
with addresses as (
    select
        customer_key,
        provider,
        source_relation,
        kind,
        line,
        postal_code,
        city,
        country_code,
        latitude,
        longitude,
        is_deleted
    from "unified_staging"."stg_mijnklantportaal__customer_addresses"
    union all
    select
        customer_key,
        provider,
        source_relation,
        kind,
        line,
        postal_code,
        city,
        country_code,
        latitude,
        longitude,
        is_deleted
    from "unified_staging"."stg_valomnia__customer_addresses"
)

select *
from addresses
where coalesce(line, postal_code, city, country_code, cast(latitude as text), cast(longitude as text)) is not null;

CREATE OR REPLACE VIEW unified_staging.stg_caoloon__customer_contacts AS
select
    -- A customer has one contact, an e-mail address without a key of its own.
    'caoloon:' || customers.guid as contact_key,
    'caoloon:' || customers.guid as customer_key,
    'caoloon' as provider,
    customers.source_relation,
    cast(null as text) as native_id,
    cast(null as text) as first_name,
    cast(null as text) as last_name,
    cast(null as text) as job_title,
    customers.contact as email,
    cast(null as text) as phone,
    cast(null as text) as mobile,
    cast(null as boolean) as is_decision_maker,
    cast(null as timestamp) as created_at,
    cast(null as timestamp) as updated_at,
    customers.extracted_at as last_seen_at,
    customers.extracted_at < full_reads.began_at as is_deleted
from "unified_staging"."base_caoloon__customers" as customers

left join "unified_staging"."base_caoloon__full_reads" as full_reads
    on full_reads.source_relation = customers.source_relation and full_reads.stream = 'customers'
where nullif(customers.contact, '') is not null;

CREATE OR REPLACE VIEW unified_staging.stg_valomnia__customer_contacts AS
select
    'valomnia:' || contacts.id as contact_key,
    'valomnia:' || (contacts.customer ->> '$.id') as customer_key,
    'valomnia' as provider,
    contacts.source_relation,
    contacts.id as native_id,
    nullif(contacts.first_name, '') as first_name,
    nullif(contacts.last_name, '') as last_name,
    nullif(contacts.fonction, '') as job_title,
    nullif(contacts.email, '') as email,
    nullif(contacts.phone, '') as phone,
    nullif(contacts.mobile, '') as mobile,
    contacts.is_decision_maker,
    contacts.date_created as created_at,
    contacts.last_updated as updated_at,
    contacts.extracted_at as last_seen_at,
    contacts.extracted_at < full_reads.began_at as is_deleted
from "unified_staging"."base_valomnia__contacts" as contacts

left join "unified_staging"."base_valomnia__full_reads" as full_reads
    on full_reads.source_relation = contacts.source_relation and full_reads.stream = 'contacts';

CREATE OR REPLACE VIEW unified.customer_contacts AS
select
    contact_key,
    customer_key,
    provider,
    source_relation,
    native_id,
    first_name,
    last_name,
    job_title,
    email,
    phone,
    mobile,
    is_decision_maker,
    created_at,
    updated_at,
    last_seen_at,
    is_deleted
from "unified_staging"."stg_caoloon__customer_contacts"
union all
select
    contact_key,
    customer_key,
    provider,
    source_relation,
    native_id,
    first_name,
    last_name,
    job_title,
    email,
    phone,
    mobile,
    is_decision_maker,
    created_at,
    updated_at,
    last_seen_at,
    is_deleted
from "unified_staging"."stg_valomnia__customer_contacts";

CREATE OR REPLACE VIEW unified_staging.stg_mijnklantportaal__customer_groups AS
with memberships as (
    select distinct
        customers.source_relation,
        customers.id as customer_id,
        listed.value as group_id,
        customers.extracted_at
    from "unified_staging"."base_mijnklantportaal__customers" as customers
    cross join unnest(
        case when json_type(customers.customer_groups) = 'ARRAY' then cast(customers.customer_groups as text[]) else [] end
    ) as listed (value)
)

select
    'mijnklantportaal:' || memberships.customer_id || ':' || memberships.group_id as membership_key,
    'mijnklantportaal:' || memberships.customer_id as customer_key,
    'mijnklantportaal:' || memberships.group_id as group_key,
    'mijnklantportaal' as provider,
    memberships.source_relation,
    memberships.group_id as group_native_id,
    cast(null as text) as group_reference,
    nullif(customer_groups.name, '') as group_name,
    memberships.extracted_at as last_seen_at,
    memberships.extracted_at < full_reads.began_at as is_deleted
from memberships
left join "unified_staging"."base_mijnklantportaal__customer_groups" as customer_groups
    on customer_groups.source_relation = memberships.source_relation and customer_groups.id = memberships.group_id

left join "unified_staging"."base_mijnklantportaal__full_reads" as full_reads
    on full_reads.source_relation = memberships.source_relation and full_reads.stream = 'customers'
where memberships.group_id is not null;

CREATE OR REPLACE VIEW unified_staging.stg_valomnia__customer_groups AS
with memberships as (
    select
        id,
        source_relation,
        (customer ->> '$.id') as customer_id,
        (customer_group ->> '$.id') as group_id,
        (customer_group ->> '$.reference') as group_reference,
        (customer_group ->> '$.name') as group_name,
        extracted_at
    from "unified_staging"."base_valomnia__customer_group_assignments"
)

select
    'valomnia:' || memberships.id as membership_key,
    'valomnia:' || memberships.customer_id as customer_key,
    'valomnia:' || memberships.group_id as group_key,
    'valomnia' as provider,
    memberships.source_relation,
    memberships.group_id as group_native_id,
    -- A group can be renamed later than the assignment was read.
    nullif(coalesce(customer_groups.reference, memberships.group_reference), '') as group_reference,
    nullif(coalesce(customer_groups.name, memberships.group_name), '') as group_name,
    memberships.extracted_at as last_seen_at,
    memberships.extracted_at < full_reads.began_at as is_deleted
from memberships
left join "unified_staging"."base_valomnia__customer_groups" as customer_groups
    on customer_groups.source_relation = memberships.source_relation and customer_groups.id = memberships.group_id

left join "unified_staging"."base_valomnia__full_reads" as full_reads
    on full_reads.source_relation = memberships.source_relation and full_reads.stream = 'customer_group_assignments';

CREATE OR REPLACE VIEW unified.customer_groups AS
select
    membership_key,
    customer_key,
    group_key,
    provider,
    source_relation,
    group_native_id,
    group_reference,
    group_name,
    last_seen_at,
    is_deleted
from "unified_staging"."stg_mijnklantportaal__customer_groups"
union all
select
    membership_key,
    customer_key,
    group_key,
    provider,
    source_relation,
    group_native_id,
    group_reference,
    group_name,
    last_seen_at,
    is_deleted
from "unified_staging"."stg_valomnia__customer_groups";

CREATE OR REPLACE VIEW unified_staging.stg_caoloon__customers AS
select
    'caoloon:' || customers.guid as customer_key,
    'caoloon' as provider,
    customers.source_relation,
    customers.guid as native_id,
    cast(null as text) as reference,
    nullif(customers.company_name, '') as name,
    nullif(customers.status, '') as status,
    cast(null as boolean) as is_active,
    nullif(customers.coc, '') as registration_number,
    cast(null as text) as tax_number,
    nullif(customers.contact, '') as email,
    cast(null as text) as phone,
    cast(null as text) as website,
    cast(null as text) as currency,
    cast(null as text) as parent_key,
    cast(null as timestamp) as created_at,
    customers.updated_at,
    customers.extracted_at as last_seen_at,
    customers.extracted_at < full_reads.began_at as is_deleted
from "unified_staging"."base_caoloon__customers" as customers

left join "unified_staging"."base_caoloon__full_reads" as full_reads
    on full_reads.source_relation = customers.source_relation and full_reads.stream = 'customers';

CREATE OR REPLACE VIEW unified_staging.stg_coredination__customers AS
select
    'coredination:' || customers.id as customer_key,
    'coredination' as provider,
    customers.source_relation,
    customers.id as native_id,
    cast(null as text) as reference,
    nullif(customers.name, '') as name,
    cast(null as text) as status,
    -- The list can have inactive customers in it, but a row does not tell.
    cast(null as boolean) as is_active,
    cast(null as text) as registration_number,
    cast(null as text) as tax_number,
    cast(null as text) as email,
    cast(null as text) as phone,
    cast(null as text) as website,
    cast(null as text) as currency,
    cast(null as text) as parent_key,
    customers.creation_time_stamp as created_at,
    customers.last_modified as updated_at,
    customers.extracted_at as last_seen_at,
    customers.extracted_at < full_reads.began_at as is_deleted
from "unified_staging"."base_coredination__customers" as customers

left join "unified_staging"."base_coredination__full_reads" as full_reads
    on full_reads.source_relation = customers.source_relation and full_reads.stream = 'customers';

CREATE OR REPLACE VIEW unified_staging.stg_mijnklantportaal__customers AS
select
    'mijnklantportaal:' || customers.id as customer_key,
    'mijnklantportaal' as provider,
    customers.source_relation,
    customers.id as native_id,
    cast(null as text) as reference,
    nullif(customers.company_name, '') as name,
    cast(null as text) as status,
    cast(null as boolean) as is_active,
    cast(null as text) as registration_number,
    cast(null as text) as tax_number,
    nullif(customers.primary_email, '') as email,
    nullif(customers.phone, '') as phone,
    cast(null as text) as website,
    cast(null as text) as currency,
    cast(null as text) as parent_key,
    customers.created_at,
    cast(null as timestamp) as updated_at,
    customers.extracted_at as last_seen_at,
    customers.extracted_at < full_reads.began_at as is_deleted
from "unified_staging"."base_mijnklantportaal__customers" as customers

left join "unified_staging"."base_mijnklantportaal__full_reads" as full_reads
    on full_reads.source_relation = customers.source_relation and full_reads.stream = 'customers';

CREATE OR REPLACE VIEW unified_staging.stg_valomnia__customers AS
select
    'valomnia:' || customers.id as customer_key,
    'valomnia' as provider,
    customers.source_relation,
    customers.id as native_id,
    nullif(customers.reference, '') as reference,
    nullif(customers.name, '') as name,
    -- The only word that Valomnia has for a state is the name of this field.
    case when customers.on_hold then 'onHold' end as status,
    customers.is_active,
    nullif(customers.company_registration_number, '') as registration_number,
    nullif(customers.tax_number, '') as tax_number,
    nullif(customers.email, '') as email,
    nullif(customers.phone, '') as phone,
    nullif(customers.website, '') as website,
    nullif(customers.currency, '') as currency,
    'valomnia:' || (customers.parent_customer ->> '$.id') as parent_key,
    customers.date_created as created_at,
    customers.last_updated as updated_at,
    customers.extracted_at as last_seen_at,
    customers.extracted_at < full_reads.began_at as is_deleted
from "unified_staging"."base_valomnia__customers" as customers

left join "unified_staging"."base_valomnia__full_reads" as full_reads
    on full_reads.source_relation = customers.source_relation and full_reads.stream = 'customers';

CREATE OR REPLACE VIEW unified.customers AS
select
    customer_key,
    provider,
    source_relation,
    native_id,
    reference,
    name,
    status,
    is_active,
    registration_number,
    tax_number,
    email,
    phone,
    website,
    currency,
    parent_key,
    created_at,
    updated_at,
    last_seen_at,
    is_deleted
from "unified_staging"."stg_caoloon__customers"
union all
select
    customer_key,
    provider,
    source_relation,
    native_id,
    reference,
    name,
    status,
    is_active,
    registration_number,
    tax_number,
    email,
    phone,
    website,
    currency,
    parent_key,
    created_at,
    updated_at,
    last_seen_at,
    is_deleted
from "unified_staging"."stg_coredination__customers"
union all
select
    customer_key,
    provider,
    source_relation,
    native_id,
    reference,
    name,
    status,
    is_active,
    registration_number,
    tax_number,
    email,
    phone,
    website,
    currency,
    parent_key,
    created_at,
    updated_at,
    last_seen_at,
    is_deleted
from "unified_staging"."stg_mijnklantportaal__customers"
union all
select
    customer_key,
    provider,
    source_relation,
    native_id,
    reference,
    name,
    status,
    is_active,
    registration_number,
    tax_number,
    email,
    phone,
    website,
    currency,
    parent_key,
    created_at,
    updated_at,
    last_seen_at,
    is_deleted
from "unified_staging"."stg_valomnia__customers";

CREATE OR REPLACE VIEW unified.customer_matches AS
with known_customers as (
    select * from "unified"."customers" where is_deleted is not true
),

-- What is compared, the surest first.
compared as (
    select
        customer_key,
        source_relation,
        1 as rank,
        case when ltrim(regexp_replace(registration_number, '[^0-9]', '', 'g'), '0') <> '' then lpad(regexp_replace(registration_number, '[^0-9]', '', 'g'), cast(greatest(8, length(regexp_replace(registration_number, '[^0-9]', '', 'g'))) as integer), '0') end as value
    from known_customers
    union all
    select
        customer_key,
        source_relation,
        2 as rank,
        nullif(regexp_replace(upper(tax_number), '[^A-Z0-9]', '', 'g'), '') as value
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
        and lower(trim(split_part(email, '@', 2))) not in (select host from "unified_staging"."free_mail_hosts")
    union all
    select
        known_customers.customer_key,
        known_customers.source_relation,
        4 as rank,
        nullif(trim(regexp_replace(
    regexp_replace(
        ' ' || replace(lower(translate(
    known_customers.name,
    'ÀÁÂÃÄÅàáâãäåÈÉÊËèéêëÌÍÎÏìíîïÒÓÔÕÖØòóôõöøÙÚÛÜùúûüÇçÑñÝýÿŠšŽž',
    'AAAAAAaaaaaaEEEEeeeeIIIIiiiiOOOOOOooooooUUUUuuuuCcNnYyySsZz'
)), '.', '') || ' ',
        '[[:punct:][:space:]]+',
        ' ',
        'g'
    ),
    '( (bv|nv|vof|cv|ab|hb|kb|sarl|sas|sasu|sa|eurl|suarl|ltd|limited|llp|plc|inc|gmbh|ag|kg))+ $',
    ''
)), '')
        || ' ' || nullif(regexp_replace(upper(customer_addresses.postal_code), '[^A-Z0-9]', '', 'g'), '') as value
    from known_customers
    inner join "unified"."customer_addresses" as customer_addresses
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
group by one.customer_key, one.source_relation, other.customer_key, other.source_relation;
