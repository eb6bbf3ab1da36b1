{{ config(enabled=var('customers__mijnklantportaal_enabled')) }}

{{ customers.last_full_reads('mijnklantportaal') }}
