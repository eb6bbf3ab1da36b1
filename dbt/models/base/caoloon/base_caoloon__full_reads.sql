{{ config(enabled=var('customers__caoloon_enabled')) }}

{{ customers.last_full_reads('caoloon') }}
