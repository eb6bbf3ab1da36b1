"""Reads providers into a DuckDB file by PyAirbyte, round after round.

    python pyairbyte.py '{"caoloon": {"config": {...}, "streams": ["customers"], "rounds": 2}}'

Each round begins with a line from the other side, reads everything, and ends with a line that says `done`.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import airbyte as ab
from airbyte import exceptions
from airbyte.caches import DuckDBCache

# The class of PyAirbyte's errors; from its version 1.0 on it has another name.
AirbyteError: Any = getattr(exceptions, "AirbyteLibError", None) or exceptions.PyAirbyteError
EXECUTABLE = Path(sys.executable).with_name("source-customers")


def discovered(given: dict[str, Any]) -> ab.Source:
    source = ab.get_source(
        "source-customers", config=given["config"], local_executable=EXECUTABLE, install_if_missing=False
    )
    source.select_streams(given["streams"])
    return source


def main() -> None:
    providers = json.loads(sys.argv[1])
    with ThreadPoolExecutor() as pool:
        sources = dict(zip(providers, pool.map(discovered, providers.values()), strict=True))
    for number in range(max(given["rounds"] for given in providers.values())):
        sys.stdin.readline()
        for provider in [each for each, given in providers.items() if number < given["rounds"]]:
            cache = DuckDBCache(db_path="customers.duckdb", schema_name=provider, cache_dir=Path("cache"))
            # A sync that the sandbox makes fail shall fail; what it leaves is what the tests look at.
            with cache, suppress(AirbyteError):
                sources[provider].read(cache, skip_validation=True, force_full_refresh=True)
        print("done", flush=True)  # noqa: T201  # the other side waits for it


if __name__ == "__main__":
    main()
