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
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from textwrap import fill, indent
from typing import TYPE_CHECKING, Any

from integration_tests.sandbox import Sandbox, serve

if TYPE_CHECKING:
    from airbyte import Source
    from airbyte.caches import DuckDBCache

ROOT = Path(__file__).resolve().parent.parent
EXECUTABLE = Path(sys.executable).with_name("source-customers")
WIDTH = min(100, shutil.get_terminal_size((100, 24)).columns)

# Seventeen pages at MijnKlantportaal: two syncs stay within the 60 requests that it allows a minute.
CUSTOMERS = 250
RENAMED, ADDED = 2, 1
MEANWHILE = 60.0
TOO_MANY_REQUESTS = 429
NEW_FIELD = "vatNumber"

NAME_FIELDS = {"caoloon": "companyName", "coredination": "name", "mijnklantportaal": "companyName", "valomnia": "name"}
# What the connector asks of a list by default, where that decides who is on it.
LISTED = {"coredination": {"inactive": ""}}

QUERY = """\
SELECT * FROM (
  SELECT 'caoloon' AS provider, companyname AS customer FROM caoloon.customers
  UNION ALL SELECT 'coredination', name FROM coredination.customers
  UNION ALL SELECT 'mijnklantportaal', companyname FROM mijnklantportaal.customers
  UNION ALL SELECT 'valomnia', name FROM valomnia.customers
)
WHERE customer LIKE 'Renamed %' ORDER BY ALL"""

Rows = dict[str, dict[str, Any]]


class DemoError(Exception):
    """The demo cannot show what it is meant to show; the message says why."""


@dataclass
class Connection:
    """The connector set up for one provider, and the place of its rows in the DuckDB file."""

    provider: str
    source: "Source"
    cache: "DuckDBCache"

    @property
    def streams(self) -> list[Any]:
        """The streams that `discover` lists."""
        streams: list[Any] = self.source.discovered_catalog.streams
        return streams

    @property
    def is_incremental(self) -> bool:
        """Whether customers can be read by what changed."""
        return any(stream.name == "customers" and stream.default_cursor_field for stream in self.streams)

    def rows(self) -> Rows:
        """Return the customers in the DuckDB file by key, without the columns that PyAirbyte adds.

        Raises:
            DemoError: there is a customer twice.
        """
        [key] = [stream.source_defined_primary_key[0][0] for stream in self.streams if stream.name == "customers"]
        rows: Rows = {}
        for row in self.cache["customers"]:
            own = {column: value for column, value in row.items() if not column.startswith("_airbyte_")}
            if rows.setdefault(str(row[key.lower()]), own) is not own:
                raise DemoError(f"A customer of {self.provider} is in the file twice.")
        return rows


@dataclass(frozen=True)
class Sync:
    """What one sync of one provider read, and what the file holds after it."""

    read: int
    requests: int
    seconds: float
    rows: Rows


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
        with serve(Sandbox(CUSTOMERS)) as sandbox:
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
    show_file(output / "customers.duckdb")


def introduce(output: Path) -> None:
    """Say what this is, and what it leaves behind."""
    print(bold("source-customers: an Airbyte source for the customers of four providers"))
    say(
        "It reads them from CAO Loon, Coredination, MijnKlantportaal and Valomnia: all of them at first, then what "
        f"changed. Here a server on this machine plays the four APIs, as their documents describe them, with "
        f"{CUSTOMERS} customers each. PyAirbyte runs the connector and keeps the rows in a DuckDB file. Every run "
        f"starts afresh: the file in {shown(output)} is replaced."
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
    """Show the streams, what identifies their rows, and what tells which of them changed."""
    heading("3. discover: what there is to read")
    table = Table(("provider", 16), ("stream", 12), ("key", 6), ("cursor", 14), ("sync modes", 10))
    for connection in connections:
        for stream in connection.streams:
            key, cursor = stream.source_defined_primary_key[0][0], (stream.default_cursor_field or ["-"])[0]
            modes = ", ".join(mode.value.replace("_", " ") for mode in stream.supported_sync_modes)
            table.row(connection.provider, stream.name, key, cursor, modes)


def show_first_sync(connections: Sequence[Connection], sandbox: Sandbox) -> dict[str, Sync]:
    """Read every customer, and show what that took."""
    heading("4. First sync: every customer")
    table = Table(("provider", 16), ("rows", -6), ("requests", -10), ("seconds", -9))
    syncs = {}
    for connection in connections:
        done = syncs[connection.provider] = sync(connection, sandbox)
        table.row(connection.provider, len(done.rows), done.requests, f"{done.seconds:.1f}")
    archived = sum("archived" in flags for flags in sandbox.caoloon.flags.values())
    say(
        "Compared by key, the file holds exactly those who are on the providers' lists, each once. (CAO Loon's leaves "
        f"out {archived} archived customers.) The seconds are mostly those in which the connector and PyAirbyte start."
    )
    return syncs


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
    table = Table(("provider", 16), ("rows", -6), ("changed", -9), ("read", -6), ("requests", -10), ("seconds", -9))
    for connection in connections:
        before, done = first[connection.provider].rows, sync(connection, sandbox)
        changed = sum(before.get(key) != row for key, row in done.rows.items())
        table.row(connection.provider, len(done.rows), changed, done.read, done.requests, f"{done.seconds:.1f}")
        if changed != RENAMED + ADDED:
            raise DemoError(f"{RENAMED + ADDED} customers of {connection.provider} changed, in the file {changed}.")
    say("changed: rows of the file that are new or differ from those of the first sync. read: rows the connector sent.")
    incremental = ", ".join(connection.provider for connection in connections if connection.is_incremental)
    say(
        f"{incremental}: incremental. The connector asks for what changed since the last row it "
        "delivered, and reads that row again lest another of the same moment be missed."
    )
    pace, requests = sandbox.mijnklantportaal.rate_limit, sandbox.mijnklantportaal.requests
    refused = sum(request.status == TOO_MANY_REQUESTS for request in requests)
    say(
        "mijnklantportaal: full refresh. Its customers carry no time of change and its list cannot be filtered by "
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
        values = [row.get(NEW_FIELD.lower()) for row in done.rows.values()]
        filled = sum(value is not None for value in values)
        table.row(name, done.read, filled, done.requests, f"{done.seconds:.1f}")
        if filled != (len(values) if is_new else 0):
            raise DemoError(f"{filled} of {len(values)} customers of {connection.provider} have a `{NEW_FIELD}`.")
    say("The first of these syncs had a catalog without the field. PyAirbyte leaves it out; the connector says so:")
    say(logged(output / "logs", "does not declare", NEW_FIELD, since=started), before="  ")
    say(
        "Then the schema was refreshed: `discover` looks at a few rows, and declares what they have beside what is "
        "documented. The second sync read every customer again, so that all of them have a value."
    )


def logged(folder: Path, *words: str, since: float) -> str:
    """Return what the connector said with some words since a moment (`time.time()`), as PyAirbyte's logs have it.

    Raises:
        DemoError: it said nothing.
    """
    for file in [each for each in folder.rglob("*.log") if each.stat().st_mtime >= since]:
        for line in file.read_text(encoding="utf-8").splitlines():
            if "Stream " in line and all(word in line for word in words):
                return line[line.index("Stream ") :]
    raise DemoError(f"The connector did not say: {' ... '.join(words)}.")


def show_file(file: Path) -> None:
    """Show that the result is an ordinary DuckDB file, and how to go on from here."""
    import duckdb  # noqa: PLC0415  # takes a while, which should not pass before the first line of the demo

    heading("8. The result: one DuckDB file, a schema for each provider")
    print(indent(QUERY, "  "), end="\n\n")
    table = Table(("provider", 16), ("customer", 10))
    with duckdb.connect(str(file), read_only=True) as database:
        for row in database.execute(QUERY).fetchall():
            table.row(*row)
    python = shown(Path(sys.executable))
    look = f"import duckdb; db = duckdb.connect('{shown(file)}'); db.sql('FROM caoloon.customers').show()"
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
    from airbyte.caches import DuckDBCache  # noqa: PLC0415

    file = output / "customers.duckdb"
    for old in (file, file.with_name(f"{file.name}.wal")):
        old.unlink(missing_ok=True)
    connections = []
    for provider in sorted(sandbox.providers):
        # All providers call their stream `customers`: without a schema each they would share its table and state.
        cache = DuckDBCache(db_path=file, schema_name=provider, cache_dir=output / "cache")
        connections.append(Connection(provider, source_of(sandbox, provider), caches.enter_context(cache)))
    return connections


def source_of(sandbox: Sandbox, provider: str) -> "Source":
    """Return the connector set up with a provider's config."""
    import airbyte as ab  # noqa: PLC0415

    config = sandbox.config(provider)
    return ab.get_source("source-customers", config=config, local_executable=EXECUTABLE, install_if_missing=False)


def check_and_discover(connection: Connection) -> None:
    """Run `check` and `discover` for one provider.

    Raises:
        DemoError: one of them failed.
    """
    try:
        connection.source.check()
        connection.source.select_streams("customers")
    except Exception as error:
        raise DemoError(f"{connection.provider}: {error}") from error


def sync(connection: Connection, sandbox: Sandbox, *, everything: bool = False) -> Sync:
    """Sync one provider, and make sure that the file then holds those who are on its list.

    Args:
        connection: the connector set up for the provider.
        sandbox: plays the provider.
        everything: whether to read all customers, whatever the file holds already.

    Raises:
        DemoError: the sync failed, or the file holds others.
    """
    provider = sandbox.providers[connection.provider]
    requests, started = len(provider.requests), time.monotonic()
    with quiet(f"The sync of {provider.name}"):
        # `check` has validated the config.
        result = connection.source.read(connection.cache, skip_validation=True, force_full_refresh=everything)
    seconds = time.monotonic() - started
    rows = connection.rows()
    wrong = {str(key) for key in provider.listed(**LISTED.get(provider.name, {}))} ^ rows.keys()
    if wrong:
        raise DemoError(f"{len(wrong)} customers are either only in the file or only on the list of {provider.name}.")
    return Sync(result.processed_records, len(provider.requests) - requests, seconds, rows)


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
