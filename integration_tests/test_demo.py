"""`make demo` tells the truth, and says so when it cannot go on."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.installation import WITHOUT_PYAIRBYTE
from integration_tests.warm import run_script

duckdb = pytest.importorskip("duckdb", reason=WITHOUT_PYAIRBYTE)

# Its fixture takes long: one process runs it for all tests of the module.
pytestmark = pytest.mark.xdist_group("demo")

ROOT = Path(__file__).parent.parent
PROVIDERS = ["caoloon", "coredination", "mijnklantportaal", "valomnia"]
RENAMED, ADDED = 2, 1
FEW = 10
STREAMS = 9
RATE = 60

# The sandbox lives in the demo's process: what it received is told, and what it answers changed, from within.
RECORDED_DEMO = """
import json, sys
from collections import Counter
from pathlib import Path
from scripts import demo

sandboxes, looks = [], Counter()

def look(connection):
    provider = sandboxes[0].providers[connection.provider]
    before = len(provider.requests)
    check_and_discover(connection)
    looks[provider.name] += len(provider.requests) - before

serve, demo.serve = demo.serve, lambda sandbox: serve(sandboxes.append(sandbox) or sandbox)
check_and_discover, demo.check_and_discover = demo.check_and_discover, look
status = demo.main()
received = {"all": Counter(r.provider for r in sandboxes[0].requests), "looks": looks}
received["refused"] = sum(request.status == 429 for request in sandboxes[0].requests)
Path(sys.argv[2], "requests.json").write_text(json.dumps(received))
sys.exit(status)
"""
REFUSED_DEMO = """
import sys
from scripts import demo

def serve_one(sandbox):
    sandbox.providers = {"caoloon": sandbox.caoloon}
    return serve(sandbox)

def refuse(connections, sandbox):
    sandbox.caoloon.fault("status_403", forever=True)
    return show_first_sync(connections, sandbox)

serve, demo.serve = demo.serve, serve_one
show_first_sync, demo.show_first_sync = demo.show_first_sync, refuse
sys.exit(demo.main())
"""

Cells = dict[str, dict[str, dict[str, float]]]


def section(text: str, title: str) -> list[str]:
    """The lines below a heading, up to the next empty one."""
    return text.partition(f"\n{title}")[2].partition("\n\n")[0].splitlines()[1:]


def table(text: str, title: str) -> Cells:
    """The numbers in the table of a section, by provider, stream and column; the last columns are the provider's."""
    header, *rows = [line.split() for line in section(text, title)[: STREAMS + 1]]
    cells: Cells = {}
    for row in rows:
        if row[0] in PROVIDERS:
            cells[row.pop(0)] = {}
        stream, *numbers = row
        cells[list(cells)[-1]][stream] = dict(zip(header[2:], map(float, numbers), strict=False))
    return cells


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "output"


@pytest.fixture(scope="module")
def text(output: Path) -> str:
    output.mkdir()
    script = output / "demo.py"
    script.write_text(RECORDED_DEMO, encoding="utf-8")
    run = run_script(script, "--output", str(output), folder=output)
    assert run.returncode == 0, run.stderr
    assert run.stderr == "", "PyAirbyte or the connector speaks besides the demo"
    return run.stdout


@pytest.fixture(scope="module")
def first(text: str) -> Cells:
    return table(text, "4. First sync")


@pytest.fixture(scope="module")
def second(text: str) -> Cells:
    return table(text, "6. Second sync")


@pytest.fixture(scope="module")
def new_field(text: str) -> dict[str, list[str]]:
    """Rows read, rows with a value, requests and seconds, before and after the schema was refreshed."""
    rows = re.findall(r"^  (of step 3|refreshed) +(.+)$", text, flags=re.MULTILINE)
    return {name: cells.split() for name, cells in rows}


@pytest.mark.parametrize("title", ["1. spec", "2. check", "3. discover"])
def test_every_command_is_shown_for_every_provider(text: str, title: str) -> None:
    names = [line.split()[0] for line in section(text, title)]

    # All streams of a provider, and then those that are read.
    times = 2 if title == "3. discover" else 1
    assert [name for name in names if name in PROVIDERS] == PROVIDERS * times


def test_rows_and_changes_are_those_of_the_file(output: Path, first: Cells, second: Cells) -> None:
    assert list(first) == list(second) == PROVIDERS
    with duckdb.connect(str(output / "customers.duckdb"), read_only=True) as database:
        for provider, streams in second.items():
            assert list(streams) == list(first[provider])
            for stream, cells in streams.items():
                [(rows,)] = database.execute(f"SELECT count(*) FROM {provider}.{stream}").fetchall()
                assert rows == cells["rows"] > 0
            cells = streams["customers"]
            name = "companyname" if provider in {"caoloon", "mijnklantportaal"} else "name"
            counts = f"SELECT count(*) FROM {provider}.customers WHERE {name} LIKE 'Renamed %'"
            assert database.execute(counts).fetchall() == [(RENAMED,)]
            assert cells["rows"] == first[provider]["customers"]["rows"] + ADDED
            assert cells["changed"] == RENAMED + ADDED


def test_children_have_their_parents_in_the_file(output: Path) -> None:
    with duckdb.connect(str(output / "customers.duckdb"), read_only=True) as database:
        for child, key, parent in (
            ("coredination.customer_projects", "customerid", "coredination.customers"),
            ("mijnklantportaal.ticket_messages", "ticketid", "mijnklantportaal.tickets"),
        ):
            counts = f"SELECT count(*), count(p.id) FROM {child} c LEFT JOIN {parent} p ON p.id = c.{key}"
            [(children, found)] = database.execute(counts).fetchall()
            assert children == found > 0


@pytest.fixture(scope="module")
def gone(text: str) -> dict[str, list[str]]:
    """The row of each provider in the table of the full reads: rows, requests and seconds."""
    _, *rows = [line.split() for line in section(text, "8. A week later")[: len(PROVIDERS) + 1]]
    return {provider: cells for provider, *cells in rows}


def test_requests_are_those_that_the_server_received(
    output: Path, first: Cells, second: Cells, new_field: dict[str, list[str]], gone: dict[str, list[str]]
) -> None:
    received = json.loads((output / "requests.json").read_text())

    for provider in PROVIDERS:
        shown = [cells[provider]["customers"]["requests"] for cells in (first, second)]
        shown += [int(cells[2]) for cells in new_field.values()] if provider == "coredination" else []
        shown.append(int(gone[provider][1]))
        assert received["all"][provider] == sum(shown) + received["looks"][provider]


def test_nothing_was_refused_for_its_rate(output: Path, text: str, gone: dict[str, list[str]]) -> None:
    received = json.loads((output / "requests.json").read_text())
    # Until the week that passed before the last sync.
    asked = received["all"]["mijnklantportaal"] - int(gone["mijnklantportaal"][1])

    assert received["refused"] == 0
    assert f"All steps together took {asked}, none of them refused." in " ".join(text.split())
    assert asked < RATE, "the demo would wait for the rest of a minute"


def test_who_is_gone_and_who_is_the_same_is_told(text: str, gone: dict[str, list[str]], output: Path) -> None:
    shown = [line.split() for line in text.partition("\n9. The result")[2].splitlines()]
    rows = {row[0]: row[1:4] for row in shown if row and row[0] in PROVIDERS and row[1].isdigit()}
    with duckdb.connect(str(output / "customers.duckdb"), read_only=True) as database:
        counts = (
            "SELECT provider, count(*) FILTER (NOT is_deleted), count(*) FILTER (is_deleted) FROM unified.customers"
        )
        held = {provider: numbers for provider, *numbers in database.execute(f"{counts} GROUP BY 1").fetchall()}

    for provider in PROVIDERS:
        assert held[provider] == [int(gone[provider][0]), 1]
        assert rows[provider] == [str(held[provider][0]), str(RENAMED), "1"]
    assert "registration_number" in text


def test_a_field_is_missed_and_then_found(text: str, output: Path, new_field: dict[str, list[str]]) -> None:
    said = " ".join(" ".join(section(text, "7. A field")).split())
    with duckdb.connect(str(output / "customers.duckdb"), read_only=True) as database:
        counts = "SELECT count(*), count(*) FILTER (vatnumber = 'SE' || id || '01') FROM coredination.customers"
        [(rows, filled)] = database.execute(counts).fetchall()

    assert new_field["of step 3"][1] == "0"
    assert new_field["refreshed"][:2] == [str(rows), str(filled)] == [str(rows)] * 2
    assert "these (1): vatNumber. Refresh the schema (discover) to get them." in said


def test_the_second_sync_reads_little_where_it_can(second: Cells) -> None:
    for provider in ("caoloon", "coredination", "valomnia"):
        # Rows of the latest moments may be read twice.
        assert RENAMED + ADDED <= second[provider]["customers"]["read"] < FEW
        assert second[provider]["customers"]["requests"] < FEW
        assert max(cells["read"] for cells in second[provider].values()) < FEW
    assert second["mijnklantportaal"]["customers"]["read"] == second["mijnklantportaal"]["customers"]["rows"]


def test_the_command_for_a_look_at_the_file_works(text: str, output: Path) -> None:
    [command] = re.findall(r"Look at it +(.+)", text)

    look = subprocess.run(command, shell=True, cwd=output, capture_output=True, text=True, check=False)

    assert look.returncode == 0, look.stderr
    assert "customer_key" in look.stdout


def test_a_sync_that_fails_ends_the_demo_with_the_reason(tmp_path: Path) -> None:
    # From nothing, as `make demo` does.
    command = [sys.executable, "-c", REFUSED_DEMO, "--output", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 1
    assert "The sync of caoloon failed." in run.stderr
    assert "The token has no permission for this list." in " ".join(run.stderr.split())  # PyAirbyte breaks lines
    assert "6. Second sync" not in run.stdout
