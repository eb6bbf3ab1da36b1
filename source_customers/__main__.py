"""`python -m source_customers` is the command `source-customers`."""

from source_customers.run import run

run()
