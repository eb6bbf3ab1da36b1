{{ config(enabled=var('customers__coredination_enabled')) }}

{{ customers.last_full_reads('coredination') }}
