"""`make demo` tells the truth, and says so when it cannot go on."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.installation import WITHOUT_PYAIRBYTE

duckdb = pytest.importorskip("duckdb", reason=WITHOUT_PYAIRBYTE)

ROOT = Path(__file__).parent.parent
PROVIDERS = ["caoloon", "coredination", "mijnklantportaal", "valomnia"]
RENAMED, ADDED = 2, 1
FEW = 10

# The sandbox lives in the demo's process: what it received is told, and what it answers changed, from within.
RECORDED_DEMO = """
import json, sys
from collections import Counter
from pathlib import Path
from scripts import demo

sandboxes = []
serve, demo.serve = demo.serve, lambda sandbox: serve(sandboxes.append(sandbox) or sandbox)
status = demo.main()
Path(sys.argv[2], "requests.json").write_text(json.dumps(Counter(r.provider for r in sandboxes[0].requests)))
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

Cells = dict[str, dict[str, float]]


def run_demo(code: str, output: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", code, "--output", str(output)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def section(text: str, title: str) -> list[str]:
    """The lines below a heading, up to the next empty one."""
    return text.partition(f"\n{title}")[2].partition("\n\n")[0].splitlines()[1:]


def table(text: str, title: str) -> Cells:
    """The numbers in the table of a section, by provider and column."""
    header, *rows = [line.split() for line in section(text, title)[: len(PROVIDERS) + 1]]
    return {name: dict(zip(header[1:], map(float, numbers), strict=True)) for name, *numbers in rows}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "output"


@pytest.fixture(scope="module")
def text(output: Path) -> str:
    run = run_demo(RECORDED_DEMO, output)
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

    assert [name for name in names if name in PROVIDERS] == PROVIDERS


def test_rows_and_changes_are_those_of_the_file(output: Path, first: Cells, second: Cells) -> None:
    assert list(first) == list(second) == PROVIDERS
    with duckdb.connect(str(output / "customers.duckdb"), read_only=True) as database:
        for provider, cells in second.items():
            name = "companyname" if provider in {"caoloon", "mijnklantportaal"} else "name"
            counts = f"SELECT count(*), count(*) FILTER ({name} LIKE 'Renamed %') FROM {provider}.customers"
            [(rows, renamed)] = database.execute(counts).fetchall()
            assert (rows, renamed) == (cells["rows"], RENAMED)
            assert cells["rows"] == first[provider]["rows"] + ADDED
            assert cells["changed"] == RENAMED + ADDED


def test_requests_are_those_that_the_server_received(
    output: Path, first: Cells, second: Cells, new_field: dict[str, list[str]]
) -> None:
    received = json.loads((output / "requests.json").read_text())

    # A check asks for one row. A discover asks for a page, at Valomnia for another one; both log in there.
    others = {"caoloon": 2, "mijnklantportaal": 2, "valomnia": 5}
    others["coredination"] = 4 + sum(int(cells[2]) for cells in new_field.values())
    for provider in PROVIDERS:
        assert received[provider] == first[provider]["requests"] + second[provider]["requests"] + others[provider]


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
        assert RENAMED + ADDED <= second[provider]["read"] < FEW
        assert second[provider]["requests"] < FEW
    assert second["mijnklantportaal"]["read"] == second["mijnklantportaal"]["rows"]


def test_the_command_for_a_look_at_the_file_works(text: str) -> None:
    [command] = re.findall(r"Look at it +(.+)", text)

    look = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)

    assert look.returncode == 0, look.stderr
    assert "companyname" in look.stdout


def test_a_sync_that_fails_ends_the_demo_with_the_reason(tmp_path: Path) -> None:
    run = run_demo(REFUSED_DEMO, tmp_path)

    assert run.returncode == 1
    assert "The sync of caoloon failed." in run.stderr
    assert "The token has no permission for this list." in " ".join(run.stderr.split())  # PyAirbyte breaks lines
    assert "6. Second sync" not in run.stdout
