"""Undocumented fields of all providers arrive in DuckDB, where PyAirbyte makes a column of each field that it knows."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from integration_tests.installation import WITHOUT_PYAIRBYTE
from integration_tests.sandbox import Sandbox
from integration_tests.warm import connector, run_script

duckdb = pytest.importorskip("duckdb", reason=WITHOUT_PYAIRBYTE)

Rows = dict[str, dict[str, Any]]

KEYS = {"caoloon": "guid", "coredination": "id", "mijnklantportaal": "id", "valomnia": "id"}
# In one process: importing PyAirbyte takes longer than a sync.
SYNC_ALL = """
import json, shutil, sys
from concurrent.futures import ThreadPoolExecutor
import airbyte as ab
from airbyte.caches import DuckDBCache

def discovered(config):
    source = ab.get_source("source-customers", config=config, local_executable=sys.argv[2], install_if_missing=False)
    source.select_streams("customers")
    return source

configs = json.loads(sys.argv[1])
with ThreadPoolExecutor() as pool:
    sources = list(pool.map(discovered, configs.values()))
for provider, source in zip(configs, sources):
    with DuckDBCache(db_path="customers.duckdb", schema_name=provider, cache_dir="cache") as cache:
        source.read(cache, skip_validation=True, force_full_refresh=True)
"""


def fields_of(key: str) -> Mapping[str, Any]:
    """Fields of every type, with another value in each row, and in some rows none.

    Rows of other streams, which `discover` looks at too, need not have that key.
    """

    def number(row: Mapping[str, Any]) -> int:
        return sum(map(ord, str(row.get(key))))

    def every_other(row: Mapping[str, Any]) -> Any:
        return None if number(row) % 2 else f"x{number(row)}"

    return {
        "extraText": lambda row: f"text of {row.get(key)}",
        "extraTime": lambda row: f"2024-01-01T00:00:{number(row) % 60:02d}Z" if number(row) % 3 else "soon",
        "extraNumber": lambda row: number(row) / 4,
        "extraWhole": number,
        "extraFlag": lambda row: number(row) % 2 == 0,
        "extraMixed": lambda row: number(row) if number(row) % 2 else f"text of {row.get(key)}",
        "extraObject": lambda row: {"of": {"key": row.get(key)}, "list": [number(row), None]},
        "extraList": lambda row: [str(row.get(key)), "ü"],
        "extraGap": every_other,
    }


@pytest.fixture
def table(sandbox: Sandbox, tmp_path: Path) -> Path:
    """The file that syncs of all providers write."""
    sandbox.mijnklantportaal.rate_limit = None
    configs = {}
    for name, key in KEYS.items():
        sandbox.providers[name].extra_fields = fields_of(key)
        configs[name] = sandbox.config(name)
    configs["mijnklantportaal"]["provider"]["requests_per_minute"] = 1_000_000
    script = tmp_path / "sync_all.py"
    script.write_text(SYNC_ALL, encoding="utf-8")
    done = run_script(script, json.dumps(configs), str(connector()), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path / "customers.duckdb"


def rows_of(file: Path, provider: str) -> Rows:
    """The rows in the file by key, with JSON read."""
    with duckdb.connect(str(file), read_only=True) as database:
        found = database.execute(f"SELECT * FROM {provider}.customers")
        columns = [(name, kind) for name, kind, *_ in found.description]
        rows = [
            {
                name: json.loads(value) if str(kind) == "JSON" and value else value
                for (name, kind), value in zip(columns, row, strict=True)
            }
            for row in found.fetchall()
        ]
    return {str(row[KEYS[provider]]): row for row in rows}


def test_every_undocumented_field_has_a_column_with_every_value(sandbox: Sandbox, table: Path) -> None:
    for provider in KEYS:
        listed = sandbox.providers[provider].listed(**({"inactive": ""} if provider == "coredination" else {}))
        rows = rows_of(table, provider)

        assert rows.keys() == set(map(str, listed)), provider
        for key, given in listed.items():
            row = rows[str(key)]
            expected = {name.lower(): given[name] for name in fields_of("")}
            expected["extramixed"] = str(expected["extramixed"])  # a column for both is one of texts
            assert {name: row[name] for name in expected} == expected, provider
