"""The examples do what they say, run as a user would run them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integration_tests.installation import WITHOUT_PYAIRBYTE
from integration_tests.postgres import PASSWORD, NoServerError, server
from integration_tests.rows import streams_of
from integration_tests.sandbox import Sandbox
from integration_tests.warm import run_script

duckdb = pytest.importorskip("duckdb", reason=WITHOUT_PYAIRBYTE)
sqlalchemy = pytest.importorskip("sqlalchemy", reason=WITHOUT_PYAIRBYTE)

EXAMPLES = Path(__file__).parent.parent / "examples"


@dataclass
class Folder:
    """A user's folder with configs, and the examples run in it."""

    path: Path
    sandbox: Sandbox

    def config(self, provider: str, **fields: Any) -> str:
        name = f"{provider}.json"
        (self.path / name).write_text(json.dumps(self.sandbox.config(provider, **fields)), encoding="utf-8")
        return name

    def start(self, script: str, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return run_script(EXAMPLES / script, *arguments, folder=self.path, variables=variables)

    def run(self, script: str, *arguments: str, **variables: str) -> str:
        done = self.start(script, *arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run_from_nothing(self, script: str, *arguments: str) -> str:
        """Run an example as a user's shell does, all imports included."""
        done = subprocess.run(
            [sys.executable, EXAMPLES / script, *arguments],
            cwd=self.path,
            env={**os.environ, "AIRBYTE_LOGGING_ROOT": str(self.path / "logs")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path / "customers.duckdb"), read_only=True) as database:
            rows: list[tuple[Any, ...]] = database.execute(sql).fetchall()
            return rows


@pytest.fixture
def folder(sandbox: Sandbox, tmp_path: Path) -> Folder:
    return Folder(tmp_path, sandbox)


def numbers(pattern: str, output: str) -> list[int]:
    """The numbers that stand in the groups of a pattern."""
    found = re.search(pattern, output)
    assert found, output
    return [int(number) for number in found.groups()]


def test_one_provider_to_duckdb_and_pandas(folder: Folder) -> None:
    listed = folder.sandbox.valomnia.listed()

    output = folder.run_from_nothing("duckdb_and_pandas.py", folder.config("valomnia"))

    assert numbers(r"(\d+) customers", output) == [len(listed)]
    assert output.count("\n") == 11
    assert "Columns: id, reference, " in output
    assert "_airbyte" not in output
    assert {key for (key,) in folder.query("SELECT id FROM valomnia.customers")} == listed.keys()


def test_all_providers_and_the_chart_of_them(folder: Folder) -> None:
    providers = folder.sandbox.providers
    listed = {name: len(provider.listed()) for name, provider in providers.items()}
    listed["coredination"] = len(folder.sandbox.coredination.listed(inactive=""))

    output = folder.run("all_providers.py", *map(folder.config, providers))

    for name, count in listed.items():
        assert f"{name}: {count} rows read, {count} in the file\n" in output
    by_provider = folder.query("SELECT provider, count(DISTINCT id), count(since) FROM customers GROUP BY ALL")
    assert {name: ids for name, ids, _ in by_provider} == listed
    assert {name: moments for name, _, moments in by_provider} == listed
    assert re.search(r"month +│ caoloon │ coredination │ mijnklantportaal │ valomnia", output)
    assert "│ 2025-12 │" in output

    folder.run("one_table.py")
    drawn = folder.run("chart.py", "customers.duckdb", "chart.png")

    picture = (folder.path / "chart.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert 10_000 < len(picture) < 100_000
    [months, customers] = numbers(r"(\d+) months, (\d+) customers", drawn)
    assert months == 24
    since = "coalesce(created_at, updated_at) >= TIMESTAMP '2024-01-01'"
    assert customers == folder.query(f"SELECT count(*) FROM unified.customers WHERE {since}")[0][0]


def test_a_second_run_transfers_what_changed(folder: Folder) -> None:
    customers = folder.sandbox.coredination
    config = folder.config("coredination")
    before = customers.listed(inactive="")

    first = folder.run("incremental.py", config)
    customers.update(next(iter(before)), name="Renamed")
    customers.insert(1)
    folder.sandbox.clear_requests()
    second = folder.run("incremental.py", config)

    counts = r"Read in this run: (\d+) rows\. In the file now: (\d+) customers\."
    assert numbers(counts, first) == [len(before), len(before)]
    [read, now] = numbers(counts, second)
    assert 2 <= read < 10  # rows of the latest moments may be read twice
    assert now == len(before) + 1
    starts = [numbers(r'The next run starts from \{"lastModified":"(\d+)"\}', output) for output in (first, second)]
    assert starts[0] < starts[1]
    assert folder.query("SELECT count(*) FROM coredination.customers WHERE name = 'Renamed'") == [(1,)]
    lists = folder.sandbox.requests.of("coredination", "customers", kind="list")
    # `check` asks for one row, and `discover` for one page, to learn the fields.
    looked, reads = lists[:2], lists[2:]
    asked = [(request.value("limit"), request.value("modified")) for request in looked]
    assert asked == [("1", None), ("100", None)]
    assert reads
    assert all(request.value("modified") for request in reads)
    since = folder.sandbox.requests.index(reads[0])
    assert {request.stream for request in folder.sandbox.requests[since:]} == {"customers"}


def test_without_a_config_it_says_what_it_needs(folder: Folder) -> None:
    run = folder.start("duckdb_and_pandas.py", "missing.json")

    assert run.returncode == 2
    assert "usage: duckdb_and_pandas.py" in run.stderr
    assert "missing.json is not a config" in run.stderr


def test_secrets_come_from_environment_variables(folder: Folder) -> None:
    token = folder.sandbox.config("caoloon")["provider"]["api_token"]
    config = folder.config("caoloon", api_token="secret_reference::CAOLOON_API_TOKEN")

    output = folder.run("secrets_from_environment.py", config, CAOLOON_API_TOKEN=token)
    refused = folder.start("secrets_from_environment.py", config, CAOLOON_API_TOKEN="another")

    streams = output.removeprefix("The credentials work. Streams: ").strip().split(", ")
    assert streams[0] == "customers"
    assert sorted(streams) == sorted([*streams_of("caoloon"), "full_reads"])
    assert refused.returncode == 1
    assert "caoloon: Stream customers: The token was refused." in refused.stderr
    assert "Traceback" not in refused.stderr
    assert any((folder.path / "logs").rglob("*.log"))
    for file in folder.path.rglob("*"):
        assert file.is_dir() or token.encode() not in file.read_bytes()


def test_missing_variables_are_named(folder: Folder) -> None:
    credentials = {"auth_type": "api_key", "api_key": "secret_reference::PORTAL_KEY"}
    config = folder.config("mijnklantportaal", credentials=credentials)

    unset = folder.start("secrets_from_environment.py", config)

    assert unset.returncode == 1
    assert "Set these environment variables first: PORTAL_KEY" in unset.stderr


@dataclass
class Postgres:
    """A server that nobody else uses."""

    port: int

    def query(self, sql: str) -> Sequence[Any]:
        url = sqlalchemy.URL.create("postgresql", "postgres", PASSWORD, "127.0.0.1", self.port, "postgres")
        with sqlalchemy.create_engine(url).connect() as connection:
            rows: Sequence[Any] = connection.execute(sqlalchemy.text(sql)).fetchall()
            return rows


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    try:
        with server() as port:
            yield Postgres(port)
    except NoServerError as reason:
        pytest.skip(str(reason))


def test_one_table_of_what_two_providers_have(folder: Folder) -> None:
    valomnia, coredination = folder.sandbox.valomnia, folder.sandbox.coredination

    output = folder.run("one_table.py", folder.config("valomnia"), folder.config("coredination"))

    for provider, listed in (("coredination", coredination.listed(inactive="")), ("valomnia", valomnia.listed())):
        assert numbers(rf"{provider} +│ +(\d+) │ +(\d+) │", output) == [len(listed), 0]
    [(contacts, groups)] = folder.query(
        "SELECT (SELECT count(*) FROM unified.customer_contacts), (SELECT count(*) FROM unified.customer_groups)"
    )
    assert contacts == len(valomnia.expected("contacts"))
    assert groups == len(valomnia.expected("customer_group_assignments"))


def test_one_provider_to_postgres(folder: Folder, postgres: Postgres) -> None:
    caoloon = folder.sandbox.caoloon
    before = caoloon.listed()
    command = ("to_postgres.py", folder.config("caoloon"), "--host", "127.0.0.1", "--port", str(postgres.port))

    first = folder.run(*command, PGPASSWORD=PASSWORD)
    caoloon.update(next(iter(before)), companyName="Renamed")
    second = folder.run(*command, PGPASSWORD=PASSWORD)

    counts = r"Read in this run: (\d+) rows\.\nIn caoloon\.customers now: (\d+) customers\."
    assert numbers(counts, first) == [len(before), len(before)]
    [read, now] = numbers(counts, second)
    assert 1 <= read < 10
    assert now == len(before)
    rows = dict(map(tuple, postgres.query("SELECT guid, companyname FROM caoloon.customers")))
    assert rows.keys() == before.keys()
    assert rows[next(iter(before))] == "Renamed"
