"""Sync several providers into one DuckDB file, and make one table of their customers.

    python examples/one_table.py caoloon.json valomnia.json

Each file holds the config of one provider. Run it again, and only what changed is read; without configs, nothing is
read. Views are added to the file, in the schemas `unified` and `unified_staging`: those of `dbt/views/duckdb.sql`. What
they hold is said in dbt/README.md.
"""

import sys
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path

import duckdb
from common import DuckDBCache, config_file, connect, sync

# What the table is made of; a provider has some of these streams.
STREAMS = ("customers", "contacts", "customer_groups", "customer_group_assignments", "full_reads")

VIEWS = Path(__file__).parent.parent / "dbt" / "views" / "duckdb.sql"

CUSTOMERS = """\
SELECT
    provider,
    count(*) FILTER (is_deleted IS NOT TRUE) AS customers,
    count(*) FILTER (is_deleted) AS gone,
    max(updated_at) AS last_change
FROM unified.customers
GROUP BY ALL ORDER BY ALL"""

TABLES_OF_DBT = """\
SELECT table_name FROM information_schema.tables WHERE table_schema = 'unified' AND table_type = 'BASE TABLE'"""

MATCHES = """\
SELECT one.customer_key, other.customer_key AS other_customer_key, coalesce(one.name, other.name) AS name, reason
FROM unified.customer_matches
JOIN unified.customers AS one USING (customer_key, source_relation)
JOIN unified.customers AS other
    ON other.customer_key = other_customer_key AND other.source_relation = other_source_relation
ORDER BY rank, customer_key, other_customer_key"""


def main() -> None:
    """Sync, make the views, and print how many customers there are and which are probably the same company."""
    parser = ArgumentParser(description="Sync several providers, and make one table of their customers.")
    parser.add_argument("configs", type=config_file, nargs="*", help="a file with a config for each provider")
    parser.add_argument("--database", default="customers.duckdb", help="the file (default customers.duckdb)")
    arguments = parser.parse_args()

    for config in arguments.configs:
        source = connect(config)
        available = source.get_available_streams()
        source.select_streams([stream for stream in STREAMS if stream in available])
        with DuckDBCache(db_path=arguments.database, schema_name=config["provider"]["name"]) as cache:
            sync(source, cache)
    with duckdb.connect(arguments.database) as database:
        make_views(database)
        print("Customers by provider:")
        database.sql(CUSTOMERS).show()
        print("Probably the same company:")
        database.sql(MATCHES).show()


def make_views(database: duckdb.DuckDBPyConnection) -> None:
    """Add the views to a file, of whatever tables are there.

    Raises:
        SystemExit: dbt has made tables of the same names, which would stay as they are.
    """
    if database.execute(TABLES_OF_DBT).fetchall():
        sys.exit(
            "dbt has made tables in the schema `unified` of this file. Build them anew with dbt, or drop the schema."
        )
    for statement in duckdb.extract_statements(VIEWS.read_text(encoding="utf-8")):
        with suppress(duckdb.CatalogException):  # a table that is not there
            database.execute(statement)


if __name__ == "__main__":
    main()
