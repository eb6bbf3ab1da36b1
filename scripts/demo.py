"""`make demo`: shows what the connector does, on the four APIs as their documents describe them.

A server on this machine plays the APIs (integration_tests/sandbox), so neither an account nor the internet is needed.
PyAirbyte runs the connector, as a user's script would, and keeps the rows in a DuckDB file.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from textwrap import fill, indent
from typing import TYPE_CHECKING, Any

from integration_tests.sandbox import Sandbox, serve
from source_customers.startup import quickly

if TYPE_CHECKING:
    from airbyte import Source
    from airbyte.caches import DuckDBCache

    from integration_tests.sandbox.provider import Provider

ROOT = Path(__file__).resolve().parent.parent
VIEWS = ROOT / "dbt" / "views" / "duckdb.sql"
EXECUTABLE = Path(sys.executable).with_name("source-customers")
WIDTH = min(100, shutil.get_terminal_size((100, 24)).columns)

# Ten pages at MijnKlantportaal, and a request for each ticket: with a look at all its lists, two syncs stay within the
# 60 requests that it allows a minute.
CUSTOMERS = 150
ROWS = {"tickets": 3, "ticket_messages": 9}
# Of the streams that there are, customers and some of what belongs to them: each more costs PyAirbyte half a second.
STREAMS = {
    "caoloon": ("customers", "inquiries_pay_equity"),
    "coredination": ("customers", "customer_projects"),
    "mijnklantportaal": ("customers", "tickets", "ticket_messages"),
    "valomnia": ("customers", "orders"),
}
RENAMED, ADDED = 2, 1
FULL_READ_EVERY, EIGHT_DAYS = "P7D", 8 * 86_400.0
# One company that two providers know, each by another name.
REGISTRATION_NUMBER = "01234567"
MEANWHILE = 60.0
TOO_MANY_REQUESTS = 429
NEW_FIELD = "vatNumber"

NAME_FIELDS = {"caoloon": "companyName", "coredination": "name", "mijnklantportaal": "companyName", "valomnia": "name"}
# What the connector asks of a list by default, where that decides what is on it.
LISTED = {"coredination": {"inactive": ""}}

ONE_TABLE = """\
SELECT provider, count(*) FILTER (NOT is_deleted) AS customers,
  count(*) FILTER (name LIKE 'Renamed %') AS renamed, count(*) FILTER (is_deleted) AS gone,
  any_value(name) FILTER (is_deleted) AS who
FROM unified.customers GROUP BY provider ORDER BY provider"""
MATCHES = """\
SELECT one.provider, one.name, other.provider, other.name, reason
FROM unified.customer_matches
JOIN unified.customers AS one USING (customer_key)
JOIN unified.customers AS other ON other.customer_key = other_customer_key
WHERE one.provider <> other.provider ORDER BY rank, one.name, other.name LIMIT 1"""
ORDERS = """\
SELECT name AS customer, count(*) AS orders, max(orders.datecreated)::DATE AS latest
FROM valomnia.orders JOIN valomnia.customers ON customers.reference = orders.customerreference
GROUP BY ALL ORDER BY orders DESC, latest DESC LIMIT 3"""

Key = tuple[str, ...]
Rows = dict[Key, dict[str, Any]]


class DemoError(Exception):
    """The demo cannot show what it is meant to show; the message says why."""


@dataclass
class Connection:
    """The connector set up for one provider, and the place of its rows in the DuckDB file."""

    provider: str
    source: "Source"
    cache: "DuckDBCache"

    @property
    def streams(self) -> dict[str, Any]:
        """The streams that `discover` lists, by name."""
        return {stream.name: stream for stream in self.source.discovered_catalog.streams}

    @property
    def read(self) -> tuple[str, ...]:
        """The names of the streams that the demo reads."""
        return STREAMS[self.provider]

    @property
    def is_incremental(self) -> bool:
        """Whether customers can be read by what changed."""
        return bool(self.streams["customers"].default_cursor_field)

    def key_of(self, stream: str) -> list[str]:
        """Return the columns that identify a row of a stream."""
        return [path[0].lower() for path in self.streams[stream].source_defined_primary_key]

    def rows(self, stream: str) -> Rows:
        """Return the rows of a stream in the DuckDB file by key, without what PyAirbyte adds.

        Raises:
            DemoError: there is a row twice.
        """
        rows: Rows = {}
        for row in self.cache[stream]:
            own = {column: value for column, value in row.items() if not column.startswith("_airbyte_")}
            if rows.setdefault(tuple(str(row[column]) for column in self.key_of(stream)), own) is not own:
                raise DemoError(f"A row of {stream} of {self.provider} is in the file twice.")
        return rows

    def arrived(self, stream: str, since: datetime) -> int:
        """Return how many rows of a stream the connector has sent since a moment."""
        # PyAirbyte writes these moments in UTC, without saying so.
        return sum(row["_airbyte_extracted_at"].replace(tzinfo=timezone.utc) >= since for row in self.cache[stream])


@dataclass(frozen=True)
class Sync:
    """What one sync of one provider read, and what the file holds after it, by stream."""

    read: dict[str, int]
    requests: int
    seconds: float
    rows: dict[str, Rows]


class Table:
    """A table whose rows appear as they become known; columns are given as name and width, negative for numbers."""

    def __init__(self, *columns: tuple[str, int]) -> None:
        self._widths = [width for _, width in columns]
        print(dim(self._line([name for name, _ in columns])))

    def row(self, *cells: object) -> None:
        """Print a row."""
        print(self._line(cells), flush=True)

    def _line(self, cells: Sequence[object]) -> str:
        texts = [
            f"{cell!s:<{width}}" if width > 0 else f"{cell!s:>{-width}}"
            for cell, width in zip(cells, self._widths, strict=True)
        ]
        return ("  " + "  ".join(texts)).rstrip()


def main() -> int:
    """Run the demo; return 1, with the reason on the standard error, if any step of it fails."""
    parser = ArgumentParser(description="Show what source-customers does, without an account.")
    parser.add_argument("--output", type=Path, default=ROOT / ".demo", help="folder for the DuckDB file and the logs")
    output = parser.parse_args().output.resolve()
    if find_spec("airbyte") is None:
        print("The demo needs PyAirbyte, which supports Python 3.10 to 3.12.", file=sys.stderr)
        print("Choose one of them: `make demo PYTHON=python3.12 VENV=.venv-3.12`.", file=sys.stderr)
        return 1
    started = time.monotonic()
    try:
        sandbox = Sandbox(CUSTOMERS, rows=ROWS)
        sandbox.caoloon.update(list(sandbox.caoloon.listed())[7], touch=False, coc=REGISTRATION_NUMBER)
        number = {"companyRegistrationNumber": REGISTRATION_NUMBER}
        sandbox.valomnia.update(list(sandbox.valomnia.rows)[11], touch=False, **number)
        with serve(sandbox):
            show(sandbox, output)
    except (DemoError, OSError) as error:
        print(f"\nThe demo stopped. {error}", file=sys.stderr)
        return 1
    print(f"\n  All of this took {time.monotonic() - started:.0f} seconds.")
    return 0


def show(sandbox: Sandbox, output: Path) -> None:
    """Show the connector, command by command."""
    introduce(output)
    show_spec()
    with ExitStack() as caches:
        connections = show_check(sandbox, output, caches)
        show_discover(connections)
        first = show_first_sync(connections, sandbox)
        show_changes(sandbox)
        show_second_sync(connections, sandbox, first)
        show_new_field(connections, sandbox, output)
        show_who_is_gone(connections, sandbox)
    show_file(output / "customers.duckdb")


def introduce(output: Path) -> None:
    """Say what this is, and what it leaves behind."""
    print(bold("source-customers: an Airbyte source for the customers of four providers"))
    say(
        "It reads them, and all that belongs to them, from CAO Loon, Coredination, MijnKlantportaal and Valomnia: "
        "everything at first, then what changed. Here a server on this machine plays the four APIs, as their documents "
        f"describe them, with {CUSTOMERS} customers each. PyAirbyte runs the connector and keeps the rows in a DuckDB "
        f"file. Every run starts afresh: the file in {shown(output)} is replaced."
    )


def show_spec() -> None:
    """Show the fields of a config, as the connector's own spec lists them.

    Raises:
        DemoError: the connector does not print its spec.
    """
    heading("1. spec: what a config holds")
    run = subprocess.run([EXECUTABLE, "spec"], capture_output=True, text=True, check=False)
    messages = [json.loads(line) for line in run.stdout.splitlines()]
    specs = [message["spec"]["connectionSpecification"] for message in messages if message["type"] == "SPEC"]
    if not specs:
        raise DemoError(f"`source-customers spec` ended with status {run.returncode}.\n{run.stderr}")
    for branch in specs[0]["properties"]["provider"]["oneOf"]:
        fields = [f"{field}*" if field in branch["required"] else field for field in branch["properties"]]
        say(", ".join(fields[1:]), before=f"{branch['properties']['name']['const']:<18}")
    say("* is required, everything else has a default. A config:")
    print('  {"provider": {"name": "caoloon", "api_token": "...", "start_date": "2024-01-01T00:00:00Z"}}')


def show_check(sandbox: Sandbox, output: Path, caches: ExitStack) -> list[Connection]:
    """Set the connector up for each provider, and show that the credentials work."""
    heading("2. check: do the credentials work?")
    with quiet("The check"):
        connections = connect(sandbox, output, caches)
        # Each of these starts the connector, for a second or two, mostly waiting for one processor.
        with ThreadPoolExecutor() as pool:
            list(pool.map(check_and_discover, connections))
    for connection in connections:
        print(f"  {connection.provider:<18}succeeded")
    return connections


def show_discover(connections: Sequence[Connection]) -> None:
    """Show the streams, and of some what identifies their rows and what tells which of them changed."""
    heading("3. discover: what there is to read")
    for connection in connections:
        say(", ".join(connection.streams), before=f"{connection.provider:<18}")
    say("Some of each are read here. Those that are incremental can be read in full, too:")
    table = Table(("provider", 16), ("stream", 20), ("key", 20), ("cursor", 12), ("sync mode", 12))
    for connection in connections:
        for name, provider in named(connection):
            stream = connection.streams[name]
            key = ", ".join(path[0] for path in stream.source_defined_primary_key)
            mode = stream.supported_sync_modes[-1].value.replace("_", " ")
            table.row(provider, name, key, (stream.default_cursor_field or ["-"])[0], mode)


def show_first_sync(connections: Sequence[Connection], sandbox: Sandbox) -> dict[str, Sync]:
    """Read everything, and show what that took."""
    heading("4. First sync: everything")
    table = Table(("provider", 16), ("stream", 20), ("rows", -6), ("requests", -10), ("seconds", -9))
    syncs = {}
    for connection in connections:
        done = syncs[connection.provider] = sync(connection, sandbox)
        for name, provider in named(connection):
            table.row(provider, name, len(done.rows[name]), *of_all(done, provider))
    archived = sum("archived" in flags for flags in sandbox.caoloon.flags.values())
    say(
        "Compared by key, the file holds exactly what is on the providers' lists, each row once. (CAO Loon's leaves "
        f"out {archived} archived customers.) A list is asked for once, whatever comes out of it: projects stand in "
        "the customers' own rows, and messages cost a request a ticket. The seconds are mostly those in which the "
        "connector and PyAirbyte start."
    )
    return syncs


def named(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the streams of a provider that are read, the first of them with the provider's name."""
    yield connection.read[0], connection.provider
    yield from ((stream, "") for stream in connection.read[1:])


def of_all(done: Sync, provider: str) -> tuple[object, str]:
    """Return the requests and seconds that all streams took together, in the provider's first row of a table."""
    return (done.requests, f"{done.seconds:.1f}") if provider else ("", "")


def show_changes(sandbox: Sandbox) -> None:
    """Rename some customers of each provider, and add one."""
    heading("5. Meanwhile, at the providers")
    now = sandbox.clock
    # Syncs are seldom seconds apart: the changes are dated back, rather than the reader kept waiting.
    sandbox.clock = lambda: now() - MEANWHILE
    for provider in sandbox.providers.values():
        for number, key in enumerate(list(provider.listed())[100 : 100 + RENAMED], start=1):
            name: dict[str, Any] = {NAME_FIELDS[provider.name]: f"Renamed {number}"}
            provider.update(key, **name)
        provider.insert(ADDED)
    sandbox.clock = now
    say(f"{RENAMED} customers of each got another name a minute ago, and {ADDED} was added.")


def show_second_sync(connections: Sequence[Connection], sandbox: Sandbox, first: Mapping[str, Sync]) -> None:
    """Read again, and show that what changed arrived, and how little else was read.

    Raises:
        DemoError: the file does not show the changes.
    """
    heading("6. Second sync: what changed")
    table = Table(
        ("provider", 16),
        ("stream", 20),
        ("rows", -6),
        ("changed", -9),
        ("read", -6),
        ("requests", -10),
        ("seconds", -9),
    )
    for connection in connections:
        before, done = first[connection.provider].rows, sync(connection, sandbox)
        for name, provider in named(connection):
            changed = sum(before[name].get(key) != row for key, row in done.rows[name].items())
            table.row(provider, name, len(done.rows[name]), changed, done.read[name], *of_all(done, provider))
            if name == "customers" and changed != RENAMED + ADDED:
                raise DemoError(f"{RENAMED + ADDED} customers of {provider} changed, in the file {changed}.")
    say("changed: rows of the file that are new or differ from those of the first sync. read: rows the connector sent.")
    incremental = ", ".join(connection.provider for connection in connections if connection.is_incremental)
    say(
        f"{incremental}: incremental. The connector asks for what changed since the last row it "
        "delivered, and reads that row again lest another of the same moment be missed."
    )
    pace, requests = sandbox.mijnklantportaal.rate_limit, sandbox.mijnklantportaal.requests
    refused = sum(request.status == TOO_MANY_REQUESTS for request in requests)
    say(
        "mijnklantportaal: full refresh. Its rows carry no time of change and its lists cannot be filtered by "
        f"one, so each sync reads them all. It allows {pace} requests a minute; the connector counts, and waits before "
        f"it would ask for more. All steps together took {len(requests)}, {refused or 'none'} of them refused."
    )


def show_new_field(connections: Sequence[Connection], sandbox: Sandbox, output: Path) -> None:
    """Add a field that no document names, and show how it is missed, and found.

    Raises:
        DemoError: it is not missed, or not all of its values are in the file.
    """
    heading("7. A field that no document names")
    started = time.time()
    [connection] = [connection for connection in connections if connection.provider == "coredination"]
    sandbox.coredination.extra_fields = {NEW_FIELD: lambda row: f"SE{row['id']}01"}
    say(f"Coredination's customers have a field `{NEW_FIELD}` from now on.")
    table = Table(("catalog", 12), ("read", -6), (f"with {NEW_FIELD}", -14), ("requests", -10), ("seconds", -9))
    for name in ("of step 3", "refreshed"):
        is_new = name == "refreshed"
        if is_new:
            with quiet("The discover"):
                connection = replace(connection, source=source_of(sandbox, connection.provider))
                check_and_discover(connection)
        done = sync(connection, sandbox, everything=is_new)
        values = [row.get(NEW_FIELD.lower()) for row in done.rows["customers"].values()]
        filled = sum(value is not None for value in values)
        table.row(name, done.read["customers"], filled, done.requests, f"{done.seconds:.1f}")
        if filled != (len(values) if is_new else 0):
            raise DemoError(f"{filled} of {len(values)} customers of {connection.provider} have a `{NEW_FIELD}`.")
    say("The first of these syncs had a catalog without the field. PyAirbyte leaves it out; the connector says so:")
    say(logged(output / "logs", "Stream customers: ", "does not declare", NEW_FIELD, since=started), before="  ")
    say(
        "Then the schema was refreshed: `discover` looks at a few rows, and declares what they have beside what is "
        "documented. The second sync read every customer again, so that all of them have a value."
    )


def show_who_is_gone(connections: Sequence[Connection], sandbox: Sandbox) -> None:
    """Delete a customer of each provider, and let the time come for everything to be read again."""
    heading("8. A week later, some customers are gone")
    for provider in sandbox.providers.values():
        provider.delete(list(provider.listed())[50])
    now = sandbox.clock
    sandbox.clock = lambda: now() + EIGHT_DAYS
    table = Table(("provider", 16), ("read", -6), ("requests", -10), ("seconds", -9))
    for connection in connections:
        done = sync(connection, sandbox, gone=1)
        table.row(connection.provider, done.read["customers"], *of_all(done, connection.provider))
    sandbox.clock = now
    say(
        "No API tells what was deleted: it just does not come any more. The config has "
        f'`"full_read_every": "{FULL_READ_EVERY}"`, so everything was read again, and the stream `full_reads` says '
        "when that began. What was last delivered before is gone."
    )


def logged(folder: Path, *words: str, since: float) -> str:
    """Return what the connector said with some words since a moment (`time.time()`), as PyAirbyte's logs have it.

    Raises:
        DemoError: it said nothing.
    """
    for file in [each for each in folder.rglob("*.log") if each.stat().st_mtime >= since]:
        for line in file.read_text(encoding="utf-8").splitlines():
            if all(word in line for word in words):
                return line[line.index(words[0]) :]
    raise DemoError(f"The connector did not say: {' ... '.join(words)}.")


def show_file(file: Path) -> None:
    """Show that the result is an ordinary DuckDB file, and how to go on from here."""
    import duckdb  # noqa: PLC0415  # takes a while, which should not pass before the first line of the demo

    heading("9. The result: one table of all customers, in a DuckDB file with a schema for each provider")
    queries = [
        (ONE_TABLE, [("provider", 16), ("customers", -9), ("renamed", -7), ("gone", -4), ("who", 40)]),
        (MATCHES, [("provider", 8), ("customer", 24), ("provider", 8), ("customer", 24), ("reason", 20)]),
        (ORDERS, [("customer", 36), ("orders", -6), ("latest", -12)]),
    ]
    with duckdb.connect(str(file)) as database:
        for statement in duckdb.extract_statements(VIEWS.read_text(encoding="utf-8")):
            with suppress(duckdb.CatalogException):  # of a table that was not read
                database.execute(statement)
        for number, (query, columns) in enumerate(queries):
            print("\n" * bool(number) + indent(query, "  "), end="\n\n")
            table = Table(*columns)
            for row in database.execute(query).fetchall():
                table.row(*row)
    python = shown(Path(sys.executable))
    look = f"import duckdb; db = duckdb.connect('{shown(file)}'); db.sql('FROM unified.customers').show()"
    heading("How to go on")
    print(f"  The file    {shown(file)}")
    print(f'  Look at it  {python} -c "{look}"')
    print(f"  Play along  {python} -m integration_tests.sandbox  (the same server, with configs to try)")
    print(f"  For real    {python} examples/duckdb_and_pandas.py config.json")


def connect(sandbox: Sandbox, output: Path, caches: ExitStack) -> list[Connection]:
    """Set PyAirbyte up to read each provider into its own schema of one new file."""
    # PyAirbyte reads these when it is imported: no registry, where this source is not listed; no usage data; no
    # progress on the terminal; logs where they are in nobody's way.
    os.environ |= {"AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1", "NO_LIVE_PROGRESS": "1"}
    os.environ["AIRBYTE_LOGGING_ROOT"] = str(output / "logs")
    # The import takes eight seconds otherwise.
    quickly(partial(import_module, "airbyte"))
    from airbyte.caches import DuckDBCache  # noqa: PLC0415

    file = output / "customers.duckdb"
    for old in (file, file.with_name(f"{file.name}.wal")):
        old.unlink(missing_ok=True)
    connections = []
    for provider in sorted(sandbox.providers):
        # Each provider has a stream `customers`: without a schema each they would share its table and state.
        cache = DuckDBCache(db_path=file, schema_name=provider, cache_dir=output / "cache")
        connections.append(Connection(provider, source_of(sandbox, provider), caches.enter_context(cache)))
    return connections


def source_of(sandbox: Sandbox, provider: str) -> "Source":
    """Return the connector set up with a provider's config."""
    import airbyte as ab  # noqa: PLC0415

    fields: dict[str, Any] = {} if provider == "mijnklantportaal" else {"full_read_every": FULL_READ_EVERY}
    config = sandbox.config(provider, **fields)
    return ab.get_source("source-customers", config=config, local_executable=EXECUTABLE, install_if_missing=False)


def check_and_discover(connection: Connection) -> None:
    """Run `check` and `discover` for one provider.

    Raises:
        DemoError: one of them failed.
    """
    try:
        connection.source.check()
        connection.source.select_streams([*connection.read, "full_reads"])
    except Exception as error:
        raise DemoError(f"{connection.provider}: {error}") from error


def sync(connection: Connection, sandbox: Sandbox, *, everything: bool = False, gone: int = 0) -> Sync:
    """Sync one provider, and make sure that the file then holds what is on its lists.

    Args:
        connection: the connector set up for the provider.
        sandbox: plays the provider.
        everything: whether to read all rows, whatever the file holds already.
        gone: how many customers are in the file that are on no list any more.

    Raises:
        DemoError: the sync failed, or the file holds other rows.
    """
    provider = sandbox.providers[connection.provider]
    requests, started, began = len(provider.requests), time.monotonic(), datetime.now(timezone.utc)
    with quiet(f"The sync of {provider.name}"):
        # `check` has validated the config.
        connection.source.read(connection.cache, skip_validation=True, force_full_refresh=everything)
    seconds = time.monotonic() - started
    rows = {stream: connection.rows(stream) for stream in connection.read}
    for stream, found in rows.items():
        listed = expected(provider, stream)
        wrong = (listed - found.keys()) | (set() if gone else found.keys() - listed)
        if wrong or (stream == "customers" and len(found) - len(listed) != gone):
            raise DemoError(f"{len(wrong)} rows of {stream} are only in the file or only on a list of {provider.name}.")
    read = {stream: connection.arrived(stream, began) for stream in connection.read}
    return Sync(read, len(provider.requests) - requests, seconds, rows)


def expected(provider: "Provider", stream: str) -> set[Key]:
    """Return the keys of the rows that a provider lists."""
    keys = provider.expected(stream, **LISTED.get(provider.name, {}))
    return {tuple(map(str, key)) if isinstance(key, tuple) else (str(key),) for key in keys}


@contextmanager
def quiet(step: str) -> Iterator[None]:
    """Keep what PyAirbyte prints away from the reader, unless the step fails.

    Raises:
        DemoError: the step failed; the message has what PyAirbyte said about it.
    """
    said = StringIO()
    try:
        with redirect_stdout(StringIO()), redirect_stderr(said):
            yield
    except Exception as error:
        # The connector's own sentence is not in the exception: PyAirbyte prints it.
        _, found, sentences = said.getvalue().partition("ERROR: ")
        raise DemoError(f"{step} failed.\n{found}{sentences}{error}") from error


def heading(text: str) -> None:
    """Begin a section."""
    print(f"\n{bold(text)}", flush=True)


def say(text: str, before: str = "") -> None:
    """Print a paragraph, or an entry with `before` in front of it."""
    margin = " " * len(before)
    print(fill(text, WIDTH, initial_indent=f"  {before}", subsequent_indent=f"  {margin}", break_on_hyphens=False))


def bold(text: str) -> str:
    """Return a text in bold, on a terminal."""
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


def dim(text: str) -> str:
    """Return a text that stands back, on a terminal."""
    return f"\033[2m{text}\033[0m" if sys.stdout.isatty() else text


def shown(path: Path) -> str:
    """Return a path as the reader would type it."""
    return os.path.relpath(path)


if __name__ == "__main__":
    sys.exit(main())
