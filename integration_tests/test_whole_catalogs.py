"""Each provider's whole catalog is read into DuckDB by PyAirbyte, twice: the second time only what changed."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from integration_tests.connector import Json
from integration_tests.installation import WITHOUT_PYAIRBYTE
from integration_tests.sandbox import Sandbox, serve
from integration_tests.streams import expected, key_of
from integration_tests.warm import connector, start_script

duckdb = pytest.importorskip("duckdb", reason=WITHOUT_PYAIRBYTE)

# Its fixture takes long: one process runs it for all tests of the module.
pytestmark = pytest.mark.xdist_group("whole catalogs")

# A stream, the field that names the row it hangs on, and the stream of that row.
CHILDREN = [
    ("caoloon", "collective_labour_agreement_details", "caoId", "collective_labour_agreements"),
    ("caoloon", "inquiry_pay_equity_details", "guid", "inquiries_pay_equity"),
    ("coredination", "job_details", "id", "jobs"),
    ("coredination", "customer_projects", "customerId", "customers"),
    ("coredination", "customer_documents", "customerId", "customers"),
    ("coredination", "customer_search", "id", "customers"),
    ("mijnklantportaal", "payment_link_payments", "paymentLinkId", "payment_links"),
    ("mijnklantportaal", "issued_punch_cards", "punchCardId", "punch_cards"),
    ("mijnklantportaal", "ticket_messages", "ticketId", "tickets"),
    ("valomnia", "customer_details", "id", "customers"),
]
PROVIDERS = {"caoloon": 6, "coredination": 8, "mijnklantportaal": 18, "valomnia": 35}

"""How many streams each provider has."""
PARENTS = {(provider, stream): parent for provider, stream, _, parent in CHILDREN}
READ_IN_FULL = {"jobs", "job_details", "customer_search"}
HIDDEN = {"webhooks": {"secret"}, "agreements": {"signerSignature", "signers"}}

START = "2024-01-01T00:00:00Z"
FIRST_SYNC = datetime(2026, 3, 1, tzinfo=timezone.utc)
SECOND_SYNC = FIRST_SYNC + timedelta(days=1)
LOOKBACK = timedelta(minutes=10, seconds=2)
"""How long before its state a sync begins, with how far a filter in whole seconds reaches."""
A_MONTH = timedelta(days=30)
A_DAY = timedelta(days=1)
ROWS = {"appointments": 12}

# In one process: importing PyAirbyte takes longer than a sync. A file for each provider: the more tables a file has,
# the longer PyAirbyte looks at each. At those that are new it need not look, hence `replace`.
SYNC_TWICE = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import airbyte as ab
from airbyte.caches import DuckDBCache

def discovered(config):
    source = ab.get_source("source-customers", config=config, local_executable=sys.argv[2], install_if_missing=False)
    source.select_all_streams()
    return source

def read(provider, strategy):
    with DuckDBCache(db_path=f"{provider}.duckdb", cache_dir=f"cache_{provider}") as cache:
        sources[provider].read(cache, skip_validation=True, write_strategy=strategy)

configs = json.loads(sys.argv[1])
with ThreadPoolExecutor() as pool:
    sources = dict(zip(configs, pool.map(discovered, configs.values())))
    for strategy in ("replace", "auto"):
        list(pool.map(read, configs, [strategy] * len(configs)))
        print("The sync is done.", file=sys.stderr, flush=True)
        sys.stdin.readline()
"""


@dataclass
class Synced:
    """What both syncs left.

    Attributes:
        folder: has a DuckDB file for each provider.
        sandbox: as it is after the second sync.
        since: the latest change before the first sync, by provider and stream.
        changed: the keys of the rows that were changed or added between the syncs, by provider and stream.
        paused_at: a moment between the syncs, by this machine's clock.
    """

    folder: Path
    sandbox: Sandbox
    since: dict[tuple[str, str], datetime]
    changed: dict[tuple[str, str], set[Any]]
    paused_at: datetime

    def streams(self, provider: str) -> list[str]:
        """The names of the tables with rows of the API."""
        tables = [name for (name,) in self._query(provider, "SHOW TABLES")[1]]
        return [name for name in tables if name != "full_reads" and not name.startswith("_airbyte")]

    def full_reads(self, provider: str) -> dict[str, list[int]]:
        """How many rows each complete read of a stream delivered, from the first to the last."""
        reads: dict[str, list[int]] = {}
        for stream, rows in self._query(provider, "SELECT stream, rows FROM full_reads ORDER BY began_at")[1]:
            reads.setdefault(stream, []).append(rows)
        return reads

    def rows(self, provider: str, stream: str) -> dict[Any, Json]:
        """The rows of a table by key, with JSON read."""
        columns, found = self._query(provider, f"SELECT * FROM {stream}")
        rows = [
            {
                name: json.loads(value) if kind == "JSON" and value else value
                for (name, kind), value in zip(columns, row, strict=True)
            }
            for row in found
        ]
        return {key_of(provider, stream, row): row for row in rows}

    def fresh(self, provider: str, stream: str) -> set[Any]:
        """The keys of the rows that the second sync brought."""
        rows = self.rows(provider, stream)
        return {key for key, row in rows.items() if in_utc(row["_airbyte_extracted_at"]) > self.paused_at}

    def _query(self, provider: str, query: str) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
        with duckdb.connect(str(self.folder / f"{provider}.duckdb"), read_only=True) as database:
            found = database.execute(query)
            return [(name, str(kind)) for name, kind, *_ in found.description], found.fetchall()


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synced]:
    sandbox = Sandbox(20, rows=ROWS, seed=5, clock=FIRST_SYNC.timestamp, rate_limit=3000)
    folder = tmp_path_factory.mktemp("whole")
    with serve(sandbox), syncing(sandbox, folder) as process:
        wait_for_sync(process)
        tables = {(name, s): t for name, api in sandbox.providers.items() for s, t in api.tables.items()}
        since = {
            where: max(map(table.changed_at, table.rows)) for where, table in tables.items() if table.resource.cursor
        }
        sandbox.clock, paused_at = SECOND_SYNC.timestamp, datetime.now(timezone.utc)
        changed = {}
        for provider, stream in tables:
            # An appointment that changes when it is long over is not seen.
            update = int(stream != "appointments")
            updated, inserted, _ = sandbox.providers[provider].change(seed=1, stream=stream, update=update, insert=1)
            changed[provider, stream] = {*updated, *inserted}
        print("go on", file=process.stdin, flush=True)
        wait_for_sync(process)
        yield Synced(folder, sandbox, since, changed, paused_at)


@contextmanager
def syncing(sandbox: Sandbox, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run PyAirbyte, which waits for a line after each sync."""
    configs = {
        "caoloon": sandbox.config("caoloon"),
        "coredination": sandbox.config("coredination", customer_search={"query": "a e i o u"}),
        "mijnklantportaal": sandbox.config("mijnklantportaal", start_date=START, appointments={"days": 60}),
        "valomnia": sandbox.config("valomnia"),
    }
    script = folder / "sync_twice.py"
    script.write_text(SYNC_TWICE, encoding="utf-8")
    process = start_script(script, json.dumps(configs), str(connector()), folder=folder, stdout=subprocess.DEVNULL)
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_sync(process: subprocess.Popen[str]) -> None:
    assert process.stderr
    said = []
    for line in process.stderr:
        if line == "The sync is done.\n":
            return
        said.append(line)
    raise AssertionError("".join(said))


def in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc)


def is_same(given: Any, stored: Any) -> bool:
    """Whether a column holds what the API gave, in the type that PyAirbyte has for it."""
    if isinstance(stored, datetime):
        return datetime.fromisoformat(given.replace("Z", "+00:00")).replace(tzinfo=None) == stored  # without its zone
    if isinstance(stored, date):
        return date.fromisoformat(given) == stored
    if isinstance(stored, str) and not isinstance(given, str):
        return str(given) == stored  # a column for numbers and texts is one of texts
    return bool(given == (float(stored) if isinstance(given, float) else stored))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_row_of_every_stream_is_there_as_the_api_has_it(synced: Synced, provider: str) -> None:
    streams = synced.streams(provider)
    assert len(streams) == PROVIDERS[provider]

    for stream in streams:
        rows, given = synced.rows(provider, stream), expected(synced.sandbox, provider, stream)
        assert given
        assert rows.keys() == given.keys(), stream
        hidden = HIDDEN.get(stream, set())
        for key, row in given.items():
            wrong = {
                name: (value, rows[key][name.lower()])
                for name, value in row.items()
                if name not in hidden and not is_same(value, rows[key][name.lower()])
            }
            assert not wrong, (stream, key)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_second_sync_brings_what_changed(synced: Synced, provider: str) -> None:
    api = synced.sandbox.providers[provider]
    for stream in synced.streams(provider):
        fresh = synced.fresh(provider, stream)
        parent = PARENTS.get((provider, stream), stream)
        table = api.tables[parent]
        if stream == "appointments":
            starts = {key: datetime.fromisoformat(row["startsAt"]) for key, row in table.rows.items()}
            # All that is to come may still change; what is past changes for a month, and days begin when they like.
            assert {key for key, start in starts.items() if start >= SECOND_SYNC - A_MONTH} <= fresh
            assert fresh <= {key for key, start in starts.items() if start >= FIRST_SYNC - A_MONTH - 2 * A_DAY}
            assert len(fresh) < len(starts)
        elif (provider, parent) not in synced.since or stream in READ_IN_FULL:
            assert fresh == set(synced.rows(provider, stream)), stream
        else:
            # Inquiries do not tell when they changed. Their state is the moment at which the sync began.
            since = FIRST_SYNC if parent == "inquiries_pay_equity" else synced.since[provider, parent]
            recent = {key for key in table.rows if table.changed_at(key) >= since - LOOKBACK}
            parents = {key[0] if isinstance(key, tuple) else key for key in fresh}
            assert parents <= recent, stream
            assert fresh >= {
                key
                for key in synced.rows(provider, stream)
                if (key[0] if isinstance(key, tuple) else key) in synced.changed[provider, parent]
            }, stream


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_read_of_a_whole_stream_is_told(synced: Synced, provider: str) -> None:
    reads = synced.full_reads(provider)

    assert reads.keys() == set(synced.streams(provider)) - {"appointments"}
    for stream, counts in reads.items():
        each_time = (provider, PARENTS.get((provider, stream), stream)) not in synced.since or stream in READ_IN_FULL
        assert len(counts) == (2 if each_time else 1), stream
        assert counts[-1] <= len(synced.rows(provider, stream))
        assert counts[-1] == len(synced.rows(provider, stream)) or not each_time


@pytest.mark.parametrize(("provider", "stream", "field", "parent"), CHILDREN)
def test_children_have_parents(synced: Synced, provider: str, stream: str, field: str, parent: str) -> None:
    rows = synced.rows(provider, stream).values()

    assert rows
    assert {row[field.lower()] for row in rows} <= set(synced.rows(provider, parent))


def test_no_request_was_refused(synced: Synced) -> None:
    requests = synced.sandbox.requests

    assert {request.status for request in requests.of("mijnklantportaal")} == {200}
    assert {request.status for request in requests} <= {200, 301, 302}
    assert not synced.sandbox.errors
