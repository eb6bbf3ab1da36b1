"""The example does what it says, run as a user would run it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

from integration_tests.sandbox import Sandbox

EXAMPLE = Path(__file__).parent.parent / "examples" / "sync_to_duckdb.py"


def run_example(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, EXAMPLE, *arguments],
        cwd=folder,
        env={**os.environ, "AIRBYTE_LOGGING_ROOT": str(folder / "logs")},
        capture_output=True,
        text=True,
        check=False,
    )


def sync(folder: Path) -> str:
    run = run_example(folder, "config.json")
    assert run.returncode == 0, run.stderr
    return run.stdout


def rows_read(output: str) -> int:
    """What the example says that this run read."""
    [number] = re.findall(r"Rows read in this run: ([\d,]+)", output)
    return int(number.replace(",", ""))


def cached(folder: Path) -> dict[Any, str]:
    """The names in the cache by key."""
    file = folder / ".cache" / "default_cache" / "default_cache.duckdb"
    with duckdb.connect(str(file), read_only=True) as database:
        return dict(database.execute("SELECT guid, companyname FROM caoloon.customers").fetchall())


def test_a_second_run_reads_only_what_changed(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(sandbox.config("caoloon")), encoding="utf-8")
    before = sandbox.caoloon.listed()

    first = sync(tmp_path)

    assert cached(tmp_path).keys() == before.keys()
    assert rows_read(first) == len(before)

    renamed = list(before)[30]
    sandbox.caoloon.update(renamed, companyName="Renamed")
    [added] = sandbox.caoloon.insert(1)
    sandbox.clear_requests()

    second = sync(tmp_path)

    rows = cached(tmp_path)
    assert rows.keys() == before.keys() | {added}
    assert rows[renamed] == "Renamed"
    assert 2 <= rows_read(second) < 10  # rows of the latest moments may be read twice
    reads = [request for request in sandbox.requests.of("caoloon", kind="list") if request.value("pageSize") != "1"]
    assert reads
    assert all(request.value("updatedFrom") for request in reads)


def test_without_a_config_it_says_what_it_needs(tmp_path: Path) -> None:
    run = run_example(tmp_path, "missing.json")

    assert run.returncode == 2
    assert "usage: sync_to_duckdb.py" in run.stderr
    assert "missing.json is not a config" in run.stderr
