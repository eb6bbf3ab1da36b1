"""Sync one provider to a DuckDB file, and look at its customers as a pandas DataFrame.

    python examples/duckdb_and_pandas.py config.json

config.json holds, for example, {"provider": {"name": "coredination", "api_key": "..."}}.
"""

from argparse import ArgumentParser

from common import DuckDBCache, config_file, connect, sync


def main() -> None:
    """Sync the customers, and print the first of them."""
    parser = ArgumentParser(description="Sync one provider to a DuckDB file and pandas.")
    parser.add_argument("config", type=config_file)
    parser.add_argument("--database", default="customers.duckdb", help="the file (default customers.duckdb)")
    arguments = parser.parse_args()
    config = arguments.config

    # Each provider has a stream `customers`, and so a schema of its own in the file. Of its other streams, which
    # `source-customers discover` lists, name those that you want: each becomes a table, and a part of the result.
    cache = DuckDBCache(db_path=arguments.database, schema_name=config["provider"]["name"])
    result = sync(connect(config, "customers"), cache)

    # A DataFrame with a row for each customer. PyAirbyte writes the names of columns in small letters (companyName
    # is companyname), and adds columns of its own.
    customers = result["customers"].to_pandas()
    customers = customers.drop(columns=[name for name in customers if str(name).startswith("_airbyte_")])

    print(f"\n{len(customers)} customers, the first of them:\n")
    print(customers.iloc[:5, :4].to_string(index=False))
    print(f"\nColumns: {', '.join(map(str, customers.columns))}")


if __name__ == "__main__":
    main()
