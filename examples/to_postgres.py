"""Sync one provider to PostgreSQL.

    export PGPASSWORD=...
    python examples/to_postgres.py config.json --host db.example.com --database crm --user sync

The user needs the right to make a schema in the database. Run it again, and only what changed is read.
"""

import os
from argparse import ArgumentParser
from urllib.parse import quote

from common import PostgresCache, config_file, connect, sync


def main() -> None:
    """Sync the customers into a schema of the provider's name, and print how many there are."""
    parser = ArgumentParser(description="Sync one provider to PostgreSQL. The password is taken from PGPASSWORD.")
    parser.add_argument("config", type=config_file)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=5432)
    parser.add_argument("--database", default="postgres")
    parser.add_argument("--user", default="postgres")
    arguments = parser.parse_args()
    provider = arguments.config["provider"]["name"]

    cache = PostgresCache(
        host=arguments.host,
        port=arguments.port,
        database=quote(arguments.database, safe=""),
        # PyAirbyte puts these into a URL as they are, where an @ or a / would end them.
        username=quote(arguments.user, safe=""),
        password=quote(os.environ.get("PGPASSWORD", ""), safe=""),
        schema_name=provider,  # rows and state of each provider, apart from the others'
    )
    result = sync(connect(arguments.config, "customers"), cache)

    print(f"\nRead in this run: {result.processed_records} rows.")
    print(f"In {provider}.customers now: {len(result['customers'])} customers.")


if __name__ == "__main__":
    main()
