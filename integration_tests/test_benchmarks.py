"""The benchmarks run; what they find is for `make bench` to tell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measure import Series, Usage
from benchmarks.table import Line, table
from integration_tests.installation import ROOT

# Its fixture takes long: one process runs it for all tests of the module.
pytestmark = pytest.mark.xdist_group("benchmarks")

PROVIDERS = {"caoloon", "coredination", "mijnklantportaal", "valomnia"}


def run_module(*arguments: str) -> str:
    command = [sys.executable, "-m", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    results = tmp_path_factory.mktemp("benchmarks") / "results.json"
    return run_module("benchmarks", "--quick", "--results", str(results)), results


def test_every_provider_is_read_to_its_end_by_the_connector_and_by_a_bare_loop(found: tuple[str, Path]) -> None:
    readings = json.loads(found[1].read_text())["cases"]["quick"]["readings"]

    assert {reading["provider"] for reading in readings} == PROVIDERS
    for reading in readings:
        assert reading["requests"]["ours"] >= reading["pages"] > 1
        assert abs(reading["requests"]["loop"] - reading["pages"]) <= 1
        [usage] = reading["series"]["ours"]["usages"]
        assert usage["seconds"] > 0
        assert usage["cpu"] > 0
        assert usage["memory"] > 0


def test_several_lists_are_read_and_the_start_is_measured_with_them(found: tuple[str, Path]) -> None:
    readings = json.loads(found[1].read_text())["cases"]["quick"]["readings"]

    [several] = [reading for reading in readings if reading["lists"] > 1]
    assert several["rows"] == several["lists"] * 120
    assert set(several["starts"]) == set(several["series"]) == {"ours", "loop"}
    for name, start in several["starts"].items():
        assert len(start["usages"]) == len(several["series"][name]["usages"]) == 1
        assert start["usages"][0]["cpu"] > 0


def test_the_start_is_taken_off_round_by_round() -> None:
    whole, start = Series([Usage(5, 3, 90), Usage(9, 3, 95)]), Series([Usage(1, 1, 80), Usage(4, 2, 80)])

    assert whole.without(start).usages == [Usage(4, 2, 90), Usage(5, 1, 95)]


def test_a_table_says_what_was_found(found: tuple[str, Path]) -> None:
    output, results = found
    lines = [line for case in json.loads(results.read_text())["cases"].values() for line in case["lines"]]

    assert all(line["work"] in output for line in lines)
    assert any(line["work"].startswith("spec") for line in lines)


def test_results_hold_no_credentials(found: tuple[str, Path]) -> None:
    assert "sandbox-" not in found[1].read_text()


def test_the_table_has_a_column_for_those_who_took_part_only() -> None:
    printed = table([Line("work", {"ours": "1 s", "dlt": "5 s"}, "5x", "4x", met=True), Line("other", {"ours": "2 s"})])

    header, _, first, second = printed.splitlines()
    assert [cell.strip() for cell in header.split("|")[1:-1]] == ["Work", "Goal", "Found", "Met", "ours", "dlt"]
    assert [cell.strip() for cell in first.split("|")[1:-1]] == ["work", "4x", "5x", "yes", "1 s", "5 s"]
    assert [cell.strip() for cell in second.split("|")[1:-1]] == ["other", "", "", "", "2 s", ""]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="from Python 3.12 on, only one thread can be profiled")
def test_the_profile_tells_where_the_time_goes() -> None:
    printed = run_module("benchmarks.profile", "--rows", "500", "--functions", "5")

    assert "| HTTP |" in printed
    assert "| reading JSON |" in printed
