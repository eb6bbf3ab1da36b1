"""Sync one provider to DuckDB with PyAirbyte; run it again, and only what changed is read.

    python examples/sync_to_duckdb.py config.json

config.json holds, for example, {"provider": {"name": "coredination", "api_key": "..."}}.
`source-customers spec` lists the providers and their fields.
"""

import json
import os
import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

# PyAirbyte reads these when it is imported: it shall not look the connector up in Airbyte's registry, where it is
# not listed, and send no usage data.
os.environ.setdefault("AIRBYTE_OFFLINE_MODE", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")

import airbyte as ab
from airbyte.caches import DuckDBCache


def main() -> None:
    """Sync all streams of the provider in the config, and print how many rows there are now."""
    config = read_config()
    source = ab.get_source(
        "source-customers", config=config, local_executable=find_executable(), install_if_missing=False
    )
    source.check()  # raises, with the reason, when the provider refuses the credentials
    source.select_all_streams()
    cache = open_cache(config["provider"]["name"])
    result = source.read(cache)

    print(f"\n{'stream':<20}{'rows in the cache':>20}")
    for stream, rows in result.streams.items():  # rows.to_pandas() and rows.to_arrow() are at hand too
        print(f"{stream:<20}{len(rows):>20,}")
    print(f"\nRows read in this run: {result.processed_records:,}")
    print("The first run reads all rows, later ones those that changed (MijnKlantportaal does not tell: always all).")
    print(f"They are in {cache.db_path}, schema {cache.schema_name}.")


def read_config() -> dict[str, Any]:
    """Return the config in the file that the command line names."""
    parser = ArgumentParser(description="Sync one provider to DuckDB with PyAirbyte.")
    parser.add_argument("config", type=Path, help='such as {"provider": {"name": "coredination", "api_key": "..."}}')
    path = parser.parse_args().config
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        parser.error(f"{path} is not a config: {error}")
    return config


def find_executable() -> str:
    """Return where `source-customers` is installed: next to this Python, or on the PATH."""
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return shutil.which("source-customers", path=folders) or sys.exit("Install source-customers first.")


def open_cache(provider: str) -> DuckDBCache:
    """Return PyAirbyte's default cache, where rows and state of each provider have a schema of their own.

    Without one, all providers would share the table `customers` and each other's state.
    """
    default = ab.get_default_cache()  # .cache/default_cache/default_cache.duckdb
    return DuckDBCache(db_path=default.db_path, cache_dir=default.cache_dir, schema_name=provider)


if __name__ == "__main__":
    main()
