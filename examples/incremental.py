"""Sync one provider again and again: the first run reads everything, later ones read what changed.

    python examples/incremental.py config.json

PyAirbyte keeps the state in the DuckDB file, next to the rows. To start over, delete the file.
"""

from argparse import ArgumentParser

import duckdb
from common import DuckDBCache, config_file, connect, sync


def main() -> None:
    """Sync the customers, and print what was transferred and where the next run starts."""
    parser = ArgumentParser(description="Sync one provider, from where the last run ended.")
    parser.add_argument("config", type=config_file)
    parser.add_argument("--database", default="customers.duckdb", help="the file (default customers.duckdb)")
    arguments = parser.parse_args()
    provider = arguments.config["provider"]["name"]

    with DuckDBCache(db_path=arguments.database, schema_name=provider) as cache:
        result = sync(connect(arguments.config, "customers"), cache)
        read, rows = result.processed_records, len(result["customers"])
    print(f"\nRead in this run: {read} rows. In the file now: {rows} customers.")

    # The state is one row a stream. MijnKlantportaal does not tell what changed: each run reads all of it, and the
    # state says no more than that.
    with duckdb.connect(arguments.database, read_only=True) as database:
        database.execute(f"USE {provider}")
        database.execute(
            "SELECT state_json->'$.stream.stream_state' FROM _airbyte_state WHERE stream_name = 'customers'"
        )
        [[state]] = database.fetchall()
    print(f"The next run starts from {state}")


if __name__ == "__main__":
    main()
