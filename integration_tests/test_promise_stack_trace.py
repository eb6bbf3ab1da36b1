"""A stack trace holds frames and types, and nothing that an exception says."""

from typing import NoReturn

import pytest

from integration_tests.connector import Outcome, check, discover, read
from integration_tests.sandbox import Sandbox
from source_customers import provider
from source_customers.reading.cursor import Cursor
from source_customers.reading.envelope import Envelope

QUOTED = "jan@example.nl"


def fail(*_: object, **__: object) -> NoReturn:
    """Fail as what is not foreseen does: with a text that quotes a row."""
    no_rows: dict[str, str] = {}
    try:
        no_rows[QUOTED]
    except KeyError as cause:
        raise RuntimeError(f"no such customer: {QUOTED}") from cause
    raise AssertionError


def assert_says_nothing(outcome: Outcome) -> None:
    assert QUOTED not in outcome.output
    assert QUOTED not in outcome.errors_output


def traces_of(outcome: Outcome) -> list[str]:
    return [trace["error"]["stack_trace"] for trace in outcome.of_type("TRACE") if trace["type"] == "ERROR"]


def test_a_stream_that_fails_unexpectedly(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cursor, "note", fail)

    outcome = read(sandbox.config("caoloon"))

    assert outcome.exit_code == 1
    assert_says_nothing(outcome)
    assert outcome.stream_errors[0][0] == "system_error"
    assert "RuntimeError" in outcome.stream_errors[0][1]
    trace = traces_of(outcome)[0]
    assert "KeyError" in trace
    assert "RuntimeError" in trace
    assert "test_promise_stack_trace.py" in trace


def test_an_answer_that_is_read_unexpectedly(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Envelope, "read", fail)

    outcome = read(sandbox.config("caoloon"))

    assert outcome.exit_code == 1
    assert_says_nothing(outcome)
    assert "RuntimeError" in traces_of(outcome)[0]


@pytest.mark.parametrize("command", [read, check, discover])
def test_a_command_that_fails_unexpectedly(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, command: object) -> None:
    monkeypatch.setattr(provider, "load_manifest", fail)

    outcome = command(sandbox.config("caoloon"))  # type: ignore[operator]

    assert outcome.exit_code == 1
    assert_says_nothing(outcome)
    [trace] = traces_of(outcome)
    assert "RuntimeError" in trace
    assert "test_promise_stack_trace.py" in trace


def test_a_check_that_fails_unexpectedly(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Envelope, "read", fail)

    outcome = check(sandbox.config("caoloon"))

    assert_says_nothing(outcome)
