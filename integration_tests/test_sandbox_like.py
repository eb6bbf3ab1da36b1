"""A probe's report makes the sandbox behave like the API that was probed."""

import json
from pathlib import Path
from typing import Any

import pytest

from integration_tests.probing import config_of, probe
from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.__main__ import main
from integration_tests.sandbox.like import behave_like

SEEN: list[tuple[str, dict[str, Any]]] = [
    ("valomnia", {"max_page_size": 50, "lower_filter": "exclusive", "missing_change_times": 0.5}),
    ("valomnia", {"ignored_sorts": ["id"], "total_off": 1}),
    ("valomnia", {"refused_streams": ["items", "orders"], "past_end": "last"}),
    ("caoloon", {"list_order": "guid", "upper_filter": "ignored", "past_end": "refused"}),
    ("caoloon", {"list_order": "oldest", "max_page_size": 200}),
    ("coredination", {"list_order": "newest", "fixed_page_size": 20}),
    ("coredination", {"last_modified_as": "seconds", "stuck_page": True}),
    ("mijnklantportaal", {"rate_headers": False, "never_last": True, "keys": "repeated"}),
]


@pytest.mark.parametrize(("provider", "settings"), SEEN, ids=str)
def test_what_was_found_becomes_settings(
    sandbox: Sandbox, tmp_path: Path, provider: str, settings: dict[str, Any]
) -> None:
    api = sandbox.providers[provider]
    for name, value in settings.items():
        setattr(api, name, value)
    path = tmp_path / "report.json"
    before = probe(config_of(sandbox, provider), "--report", str(path))

    sandbox.reset()
    given = behave_like(sandbox, json.loads(path.read_text(encoding="utf-8")))

    share = given.pop("missing_change_times")  # of the rows that were looked at
    assert share == pytest.approx(settings.get("missing_change_times", 0.0), abs=0.1)
    expected = {name: value for name, value in settings.items() if name != "missing_change_times"}
    assert {name: given.get(name) for name in expected} == expected
    assert {name: getattr(api, name) for name in expected} == expected
    after = probe(config_of(sandbox, provider))
    assert after.ids("contradicted") == before.ids("contradicted")


def test_a_report_of_an_api_as_documented_changes_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    probe(config_of(sandbox, "valomnia"), "--report", str(path))

    behave_like(sandbox, json.loads(path.read_text(encoding="utf-8")))

    assert probe(config_of(sandbox, "valomnia")).exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no JSON", "Expecting value"),
        ("[]", "it is no report of a probe"),
        ('{"provider": "nobody", "streams": {}}', "the sandbox does not have its provider"),
        ('{"provider": "caoloon", "streams": {"customers": {"found": {"keys": 1}}}}', "is no setting of the sandbox"),
    ],
)
def test_what_is_no_report_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)

    assert main(["--port", "0", "--like", str(path)]) == 1
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0", "--like", str(tmp_path / "none.json")]) == 1
    assert "Cannot behave like" in capsys.readouterr().err
