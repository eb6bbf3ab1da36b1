"""Sync several providers into one DuckDB file, and ask one question over all of them in SQL.

    python examples/all_providers.py caoloon.json coredination.json mijnklantportaal.json valomnia.json

Each file holds the config of one provider. Run it again, and only what changed is read.
"""

from argparse import ArgumentParser

import duckdb
from common import DuckDBCache, config_file, connect, sync

# Each provider has its own names. A view makes one table of them. `since` is when a customer was made; CAO Loon
# tells only when one was last changed.
CUSTOMERS = {
    "caoloon": "SELECT 'caoloon' AS provider, guid AS id, companyname AS name, updatedat AS since",
    "coredination": "SELECT 'coredination', id::VARCHAR, name, make_timestamp(creationtimestamp * 1000)",
    "mijnklantportaal": "SELECT 'mijnklantportaal', id, companyname, createdat",
    "valomnia": "SELECT 'valomnia', id::VARCHAR, name, datecreated",
}

QUESTION = """\
PIVOT (
  SELECT strftime(since, '%Y-%m') AS month, provider FROM customers
  WHERE since >= (SELECT date_trunc('month', max(since)) FROM customers) - INTERVAL 11 MONTHS
)
ON provider USING count(*) ORDER BY month"""


def main() -> None:
    """Sync each provider, and print how many customers there are by month and provider."""
    parser = ArgumentParser(description="Sync several providers into one DuckDB file.")
    parser.add_argument("configs", type=config_file, nargs="+", help="a file with a config for each provider")
    parser.add_argument("--database", default="customers.duckdb", help="the file (default customers.duckdb)")
    arguments = parser.parse_args()

    views = []
    for config in arguments.configs:
        provider = config["provider"]["name"]
        # A schema for each provider keeps their tables, and what PyAirbyte notes about them, apart.
        with DuckDBCache(db_path=arguments.database, schema_name=provider) as cache:
            result = sync(connect(config, "customers"), cache)
            print(f"{provider}: {result.processed_records} rows read, {len(result['customers'])} in the file")
        views.append(f"{CUSTOMERS[provider]} FROM {provider}.customers")

    with duckdb.connect(arguments.database) as database:
        database.execute(f"CREATE OR REPLACE VIEW customers (provider, id, name, since) AS {' UNION ALL '.join(views)}")
        print("\nCustomers by month and provider, the last twelve months:")
        database.sql(QUESTION).show()


if __name__ == "__main__":
    main()
