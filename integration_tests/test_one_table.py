"""The dbt package and its plain views: of what the connector reads, every customer once, and whoever is gone is marked.

Two syncs read everything. Between them rows change, come and go; in the second one, a provider is interrupted and a
stream fails.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from integration_tests import connector, postgres
from integration_tests.connector import Json
from integration_tests.installation import WITHOUT_PYAIRBYTE
from integration_tests.one_table import expected
from integration_tests.one_table.dbt import ROOT, build, needs_dbt
from integration_tests.one_table.expected import Rows
from integration_tests.one_table.tables import Table, statements, table
from integration_tests.rows import listed
from integration_tests.sandbox import Sandbox, serve
from integration_tests.warm import run_script, start_script

duckdb = pytest.importorskip("duckdb", reason=WITHOUT_PYAIRBYTE)
psycopg2 = pytest.importorskip("psycopg2", reason=WITHOUT_PYAIRBYTE)

pytestmark = needs_dbt

VIEWS = ROOT / "dbt" / "views"
EXAMPLE = ROOT / "examples" / "one_table.py"
STREAMS = {
    "caoloon": ["customers"],
    "coredination": ["customers"],
    "mijnklantportaal": ["customers", "customer_groups"],
    "valomnia": ["customers", "contacts", "customer_groups", "customer_group_assignments"],
}
IDENTITY = {
    "customers": ("customer_key",),
    "customer_addresses": ("customer_key", "kind"),
    "customer_contacts": ("contact_key",),
    "customer_groups": ("membership_key",),
    "customer_matches": ("customer_key", "other_customer_key"),
}

Query = Callable[[str], list[Json]]


@dataclass
class Story:
    """What happens in the sandbox, and what the tables have to hold in the end."""

    sandbox: Sandbox
    read_twice: Sequence[str] = tuple(STREAMS)
    before: dict[tuple[str, str], dict[Any, Json]] = field(default_factory=dict)

    def begin(self) -> None:
        """Let some customers be the same company, in whatever way it is written."""
        providers = self.sandbox.providers
        self.sandbox.mijnklantportaal.rate_limit = None
        hirers, portals = list(listed(self.sandbox, "caoloon")), list(providers["mijnklantportaal"].listed())
        self.hirers, self.portals, self.clients = hirers, portals, list(providers["valomnia"].listed())
        self.sandbox.caoloon.update(hirers[0], coc="01234567", contact="one@gmail.com")
        self.sandbox.caoloon.update(hirers[1], coc="00000000", contact="Two@Firm.example")
        self.sandbox.mijnklantportaal.update(portals[0], companyName="Été & Fils B.V.", zipCode="1234 ab")
        self.sandbox.mijnklantportaal.update(portals[1], primaryEmail="two@firm.example")
        self.sandbox.mijnklantportaal.update(portals[2], primaryEmail="one@gmail.com")
        self.sandbox.caoloon.update(hirers[4], coc="87654321")
        parent = {"id": self.clients[0], "reference": "NC-1", "name": "Parent", "href": "/api/v1.0/customers/256"}
        update = self.sandbox.valomnia.update
        update(self.clients[1], companyRegistrationNumber="1234567", parentCustomer=parent, onHold=True)
        update(self.clients[2], name="ETE & FILS", postalCode="1234AB", taxNumber="FR 12 345")
        update(
            self.clients[3], taxNumber="fr12345", companyRegistrationNumber="87654321", website="https://example.com"
        )
        self.before = {
            (each, stream): self._rows(each, stream) for each, streams in STREAMS.items() for stream in streams
        }

    @property
    def same_company(self) -> set[tuple[str, str, str]]:
        """Pairs that have to be found, and why."""
        pairs = {
            (f"caoloon:{self.hirers[0]}", f"valomnia:{self.clients[1]}", "registration_number"),
            (f"valomnia:{self.clients[2]}", f"valomnia:{self.clients[3]}", "tax_number"),
            (f"caoloon:{self.hirers[1]}", f"mijnklantportaal:{self.portals[1]}", "email"),
            (f"mijnklantportaal:{self.portals[0]}", f"valomnia:{self.clients[2]}", "name_and_postal_code"),
        }
        return {(min(one, other), max(one, other), reason) for one, other, reason in pairs}

    @property
    def different_companies(self) -> set[tuple[str, str]]:
        """Pairs that must not be found: an address of a free mail host, and a customer who is gone."""
        return {
            (f"caoloon:{self.hirers[0]}", f"mijnklantportaal:{self.portals[2]}"),
            (f"caoloon:{self.hirers[4]}", f"valomnia:{self.clients[3]}"),
        }

    def go_on(self) -> None:
        """Rows change, come and go, and two things go wrong from now on."""
        sandbox = self.sandbox
        sandbox.caoloon.delete(*self.hirers[4:7])
        sandbox.caoloon.update(self.hirers[7], companyName="Renamed")
        sandbox.caoloon.insert()
        sandbox.mijnklantportaal.delete(self.portals[3])
        sandbox.mijnklantportaal.update(self.portals[4], companyName="Renamed", customerGroups=[])
        sandbox.mijnklantportaal.insert(2)
        sandbox.valomnia.delete(self.clients[8])
        sandbox.valomnia.update(self.clients[9], name="Renamed", isActive=False)
        tables = sandbox.valomnia.tables
        tables["contacts"].delete(next(iter(tables["contacts"].rows)))
        tables["customer_group_assignments"].delete(next(iter(tables["customer_group_assignments"].rows)))
        tables["customer_groups"].update(next(iter(tables["customer_groups"].rows)), name="Renamed")
        sandbox.coredination.delete(*list(self.before["coredination", "customers"])[:5])
        sandbox.coredination.fault("status_401", on=3, forever=True)
        sandbox.valomnia.fault("status_403", stream="contacts", forever=True)

    def complete(self, provider: str, stream: str, round_number: int) -> bool:
        """Whether a sync read a stream to its end."""
        if round_number == 0:
            return True
        fails = provider == "coredination" or (provider, stream) == ("valomnia", "contacts")
        return provider in self.read_twice and not fails

    def _rows(self, provider: str, stream: str) -> dict[Any, Json]:
        if stream == "customers":
            return listed(self.sandbox, provider)
        return self.sandbox.providers[provider].expected(stream)

    def config(self, provider: str) -> Json:
        fields: Json = {"requests_per_minute": 1_000_000} if provider == "mijnklantportaal" else {"page_size": 10}
        return self.sandbox.config(provider, **fields)

    def table_rows(self, provider: str, stream: str) -> tuple[list[Json], list[Json]]:
        """The rows that have to be there, and those of them that are gone."""
        before, after = self.before[provider, stream], self._rows(provider, stream)
        if not self.complete(provider, stream, 1):
            return list(before.values()), []
        gone = [row for key, row in before.items() if key not in after]
        return [*after.values(), *gone], gone

    def expected(self, model: str) -> Rows:
        """The rows of a model, with whether they are gone."""
        made: list[tuple[Callable[[Iterable[Json]], Rows], str, str]] = []
        groups = {
            each: {row["id"]: row for row in self.table_rows(each, "customer_groups")[0]}
            for each in ("mijnklantportaal", "valomnia")
        }
        if model == "customers":
            made = [(_of(expected.customers, each), each, "customers") for each in STREAMS]
        if model == "customer_addresses":
            made = [(_of(expected.addresses, each), each, "customers") for each in groups]
        if model == "customer_contacts":
            made = [
                (_of(expected.contacts, each), each, stream)
                for each, stream in (("caoloon", "customers"), ("valomnia", "contacts"))
            ]
        if model == "customer_groups":
            made = [
                (
                    lambda rows: expected.mijnklantportaal_groups(rows, groups["mijnklantportaal"]),
                    "mijnklantportaal",
                    "customers",
                ),
                (
                    lambda rows: expected.valomnia_groups(rows, groups["valomnia"]),
                    "valomnia",
                    "customer_group_assignments",
                ),
            ]
        found: Rows = {}
        for make, provider, stream in made:
            rows, gone = self.table_rows(provider, stream)
            deleted = make(gone)
            found |= {key: {**row, "is_deleted": key in deleted} for key, row in make(rows).items()}
        return found


def _of(make: Callable[[str, Iterable[Json]], Rows], provider: str) -> Callable[[Iterable[Json]], Rows]:
    return lambda rows: make(provider, rows)


@pytest.fixture
def story() -> Iterator[Story]:
    with serve(Sandbox(customers=40, rows=15, seed=15)) as sandbox:
        story = Story(sandbox)
        story.begin()
        yield story


def check(story: Story, query: Query, schema: str = "unified") -> None:
    """Compare the tables with what has to be in them."""
    for model in ("customers", "customer_addresses", "customer_contacts", "customer_groups"):
        rows = query(f"SELECT * FROM {schema}.{model}")
        found = {tuple(row[name] for name in IDENTITY[model]): row for row in rows}
        wanted = story.expected(model)
        assert len(found) == len(rows), model
        assert found.keys() == wanted.keys(), model
        for key, row in wanted.items():
            assert {name: found[key][name] for name in row} == row, (model, key)
    matches = query(f"SELECT * FROM {schema}.customer_matches")
    pairs = {(row["customer_key"], row["other_customer_key"], row["reason"]) for row in matches}
    assert story.same_company <= pairs
    assert not story.different_companies & {pair[:2] for pair in pairs}


def same_rows(query: Query, one: str, other: str) -> None:
    """Compare the tables of two schemas."""
    for model, identity in IDENTITY.items():
        order = ", ".join(identity)
        rows = [query(f"SELECT * FROM {schema}.{model} ORDER BY {order}") for schema in (one, other)]
        assert rows[0] == rows[1], model


def test_what_pyairbyte_writes_to_duckdb(story: Story, tmp_path: Path) -> None:
    story.read_twice = ["caoloon", "coredination"]
    rounds = {
        each: {
            "config": story.config(each),
            "streams": [*streams, "full_reads"],
            "rounds": 2 if each in story.read_twice else 1,
        }
        for each, streams in STREAMS.items()
    }
    with _pyairbyte(rounds, tmp_path) as next_round:
        for number in range(2):
            if number:
                story.go_on()
            next_round()
    file = tmp_path / "customers.duckdb"
    went = build(tmp_path, target="duckdb", CUSTOMERS_DUCKDB=str(file))

    assert set(went.values()) == {"success", "pass"}, went
    with duckdb.connect(str(file)) as database:
        query = _duckdb_query(database)
        check(story, query)
        _make_duckdb_views(database, "views")
        same_rows(query, "unified", "views")


def test_what_airbyte_writes_to_postgres(story: Story, tmp_path: Path, postgres_port: int) -> None:
    tables = _two_syncs(story)
    with _postgres(postgres_port, "postgres") as database:
        _fill(database, statements(tables, "postgres", mark="%s"))

    went = build(
        tmp_path,
        target="postgres",
        PGHOST="127.0.0.1",
        PGPORT=str(postgres_port),
        PGUSER="postgres",
        PGDATABASE="postgres",
        PGPASSWORD=postgres.PASSWORD,
    )

    assert set(went.values()) == {"success", "pass"}, went
    with _postgres(postgres_port, "postgres") as database:
        check(story, _postgres_query(database))
        _make_postgres_views(database, "views")
        same_rows(_postgres_query(database), "unified", "views")
        database.execute("CREATE DATABASE lower")
    # PyAirbyte's cache in PostgreSQL: names in lower case, and text where there are several types.
    with _postgres(postgres_port, "lower") as database:
        _fill(database, statements(tables, "postgres", str.lower, mark="%s"))
        database.execute("ALTER TABLE caoloon.customers ALTER coc TYPE varchar USING coc #>> '{}'")
        _make_postgres_views(database, "unified")
        check(story, _postgres_query(database))


def test_what_airbyte_writes_to_duckdb(story: Story, tmp_path: Path) -> None:
    tables = _two_syncs(story)
    with duckdb.connect(str(tmp_path / "customers.duckdb")) as database:
        _fill_duckdb(database, tables)
        _make_duckdb_views(database, "unified")
        check(story, _duckdb_query(database))


def test_the_example_makes_the_table_of_what_is_there(story: Story, tmp_path: Path) -> None:
    file = tmp_path / "customers.duckdb"
    [customers, full_reads] = _two_syncs(story, ["caoloon"])
    with duckdb.connect(str(file)) as database:
        _fill_duckdb(database, [customers])

    outputs = [_example(file)]
    with duckdb.connect(str(file)) as database:
        _fill_duckdb(database, [full_reads])
    outputs.append(_example(file))

    gone = len(story.table_rows("caoloon", "customers")[1])
    everybody = len(story.table_rows("caoloon", "customers")[0])
    assert re.search(rf"caoloon +│ +{everybody} │ +0 │", outputs[0]), outputs[0]
    assert re.search(rf"caoloon +│ +{everybody - gone} │ +{gone} │", outputs[1]), outputs[1]


def test_the_example_says_that_dbt_has_made_the_tables(tmp_path: Path) -> None:
    file = tmp_path / "customers.duckdb"
    with duckdb.connect(str(file)) as database:
        database.execute("CREATE SCHEMA unified; CREATE TABLE unified.customers AS SELECT 'of yesterday' AS name")

    done = run_script(EXAMPLE, "--database", str(file), folder=tmp_path)

    assert done.returncode == 1
    assert "Build them anew with dbt" in done.stderr


def _example(file: Path) -> str:
    done = run_script(EXAMPLE, "--database", str(file), folder=file.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_several_connections_and_providers_that_are_off(story: Story, tmp_path: Path) -> None:
    file = tmp_path / "customers.duckdb"
    tables = [each for each in _two_syncs(story, ["valomnia"]) if each.name in {"customers", "full_reads"}]
    with duckdb.connect(str(file)) as database:
        _fill_duckdb(database, tables)
        # Another connection wrote the same customers into a schema that others use too, and no full reads.
        for each in tables:
            each.schema, each.name = "shared", f"south_{each.name}"
        _fill_duckdb(database, [each for each in tables if not each.name.endswith("full_reads")])
    variables = {
        "customers__coredination_enabled": False,
        "customers__caoloon_enabled": False,
        "customers__mijnklantportaal_enabled": False,
        "customers__matches_enabled": False,
        "customers__valomnia_sources": [
            {"name": "north", "schema": "valomnia"},
            {"name": "south", "schema": "shared", "prefix": "south_"},
        ],
    }

    went = build(tmp_path, "--vars", json.dumps(variables), target="duckdb", CUSTOMERS_DUCKDB=str(file))

    assert set(went.values()) == {"success", "pass"}, went
    models = {name for name in went if name.startswith("model.")}
    assert not [
        name
        for name in models
        if any(off in name for off in ("matches", "caoloon", "coredination", "mijnklantportaal"))
    ]
    wanted = {key: row for key, row in story.expected("customers").items() if row["provider"] == "valomnia"}
    with duckdb.connect(str(file)) as database:
        query = _duckdb_query(database)
        for name in ("north", "south"):
            rows = query(f"SELECT * FROM unified.customers WHERE source_relation = '{name}'")
            assert {row["customer_key"]: row["is_deleted"] for row in rows} == {
                key: row["is_deleted"] if name == "north" else None for (key,), row in wanted.items()
            }


# While dbt takes note of a schema's first table, its other threads believe already that they know all of them.
SLOW_TO_KNOW_TABLES = """
import time
from dbt.adapters.cache import RelationsCache
add = RelationsCache.add
RelationsCache.add = lambda cache, relation: (add(cache, relation), time.sleep(0.2))
from scripts.views import main
main()
"""


def test_the_views_are_those_of_the_models_however_slowly_dbt_lists_tables(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / ".venv-dbt" / "bin" / "python", "-c", SLOW_TO_KNOW_TABLES, "--into", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert done.returncode == 0 or "postgres.sql is left as it is" in done.stderr, done.stdout + done.stderr
    for made in tmp_path.iterdir():
        assert made.read_text("utf-8") == (VIEWS / made.name).read_text("utf-8"), f"run make views for {made.name}"


@pytest.fixture
def postgres_port() -> Iterator[int]:
    try:
        with postgres.server() as port:
            yield port
    except postgres.NoServerError as reason:
        pytest.skip(str(reason))


@contextmanager
def _pyairbyte(rounds: Mapping[str, Json], folder: Path) -> Iterator[Callable[[], None]]:
    """Get ready for the rounds, and yield what goes through the next."""
    script = ROOT / "integration_tests" / "one_table" / "pyairbyte.py"
    process = start_script(script, json.dumps(rounds), folder=folder, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def next_round() -> None:
        stdin.write("\n")
        stdin.flush()
        assert any(line == "done\n" for line in stdout)  # PyAirbyte prints too

    with process:
        try:
            yield next_round
        finally:
            stdin.close()
            process.kill()


def _two_syncs(story: Story, providers: Sequence[str] = tuple(STREAMS)) -> list[Table]:
    """The tables of a destination that appends: every version of every row, and the full reads."""
    tables: dict[tuple[str, str], Table] = {}
    for provider in providers:
        catalog = connector.discover(story.config(provider)).of_type("CATALOG")[0]
        schemas = {stream["name"]: stream["json_schema"] for stream in catalog["streams"]}
        for stream in [*STREAMS[provider], "full_reads"]:
            tables[provider, stream] = table(provider, stream, schemas[stream])
    for number in range(2):
        if number:
            story.go_on()
        for provider in providers:
            catalog = connector.configured_catalog([*STREAMS[provider], "full_reads"], "full_refresh")
            outcome = connector.read(story.config(provider), catalog=catalog)
            for record in outcome.of_type("RECORD"):
                tables[provider, record["stream"]].add(record["data"], record["emitted_at"])
            assert {row["stream"] for row in outcome.rows("full_reads")} == {
                stream for stream in STREAMS[provider] if story.complete(provider, stream, number)
            }, provider
    return list(tables.values())


def _duckdb_query(database: Any) -> Query:
    def query(sql: str) -> list[Json]:
        found = database.execute(sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return query


def _fill_duckdb(database: Any, tables: Sequence[Table]) -> None:
    for sql, rows in statements(tables, "duckdb", mark="?"):
        if rows:
            database.executemany(sql, rows)
        else:
            database.execute(sql)


def _make_duckdb_views(database: Any, schema: str) -> None:
    sql = (VIEWS / "duckdb.sql").read_text(encoding="utf-8").replace("unified", schema)
    for statement in duckdb.extract_statements(sql):
        database.execute(statement)


@contextmanager
def _postgres(port: int, database: str) -> Iterator[Any]:
    connection = psycopg2.connect(
        host="127.0.0.1", port=port, user="postgres", password=postgres.PASSWORD, dbname=database
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _postgres_query(cursor: Any) -> Query:
    def query(sql: str) -> list[Json]:
        cursor.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return query


def _fill(cursor: Any, filling: Iterable[tuple[str, Sequence[Sequence[Any]]]]) -> None:
    for sql, rows in filling:
        if rows:
            cursor.executemany(sql, rows)
        else:
            cursor.execute(sql)


def _make_postgres_views(cursor: Any, schema: str) -> None:
    cursor.execute((VIEWS / "postgres.sql").read_text(encoding="utf-8").replace("unified", schema))
