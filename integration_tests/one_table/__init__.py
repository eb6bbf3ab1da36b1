"""What the tests of the one customer table need: rows of the connector in tables, dbt, and what has to come out."""
