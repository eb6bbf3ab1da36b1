{{ config(enabled=var('customers__valomnia_enabled')) }}

{{ customers.last_full_reads('valomnia') }}
