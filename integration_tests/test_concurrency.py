"""Several requests in flight: the same outcome as with one, and no more of them than allowed."""

import signal
import subprocess
import sys
import time as real_time
from pathlib import Path
from typing import Any

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Json, command_files, configured_catalog, read
from integration_tests.rows import listed
from integration_tests.sandbox import Sandbox
from source_customers.reading import ranges

PROVIDERS = ["caoloon", "coredination", "mijnklantportaal", "valomnia"]


def narrow(sandbox: Sandbox, provider: str, concurrency: int) -> dict[str, Any]:
    """A config with pages so small that there are many."""
    config = sandbox.config(provider, concurrency=concurrency)
    if provider != "mijnklantportaal":
        config["provider"]["page_size"] = 10
    return config


def told(messages: list[Json]) -> list[Json]:
    """Messages without the times at which they were written, and up to which a list was read."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k not in {"emitted_at", "stack_trace", "until"}}
        return value

    return [strip(message) for message in messages if message["type"] != "LOG"]


@pytest.mark.parametrize("fault", [None, "status_503", "status_429", "html_200", "connection_reset", "status_403"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_outcome_is_the_same_as_with_one_request_at_a_time(
    sandbox: Sandbox, provider: str, fault: str | None
) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    catalog = configured_catalog(sync_mode="full_refresh" if provider == "mijnklantportaal" else "incremental")
    outcomes = []
    for concurrency in (1, 16):
        sandbox.providers[provider].clear_faults()
        if fault:
            where = {"page": 5} if provider in {"caoloon", "mijnklantportaal"} else {"offset": 36}
            times = {} if fault == "status_403" else {"times": 1}
            sandbox.providers[provider].fault(fault, **where, **times)
        outcomes.append(read(narrow(sandbox, provider, concurrency), catalog=catalog))

    one, many = outcomes
    assert told(one.messages) == told(many.messages)
    assert one.is_complete == (fault != "status_403")


@pytest.mark.parametrize("concurrency", [1, 3, 16])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_more_requests_are_in_flight_than_allowed(sandbox: Sandbox, provider: str, concurrency: int) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    sandbox.latency = 0.01

    read(narrow(sandbox, provider, concurrency))

    peak = sandbox.providers[provider].peak_in_flight
    assert peak <= concurrency
    assert concurrency == 1 or peak > 1


@pytest.mark.parametrize("concurrency", [1, 16])
@pytest.mark.parametrize(("provider", "pages"), [("caoloon", 24), ("valomnia", 27)])
def test_with_a_total_no_request_is_made_in_vain(sandbox: Sandbox, provider: str, pages: int, concurrency: int) -> None:
    read(narrow(sandbox, provider, concurrency))

    # One at first, which tells the time, and one at the end. Valomnia's pages of ten bring nine new rows each, and the
    # first request brings its first page.
    assert len(sandbox.requests.of(provider, kind="list")) == 1 + pages + 1


@pytest.mark.parametrize(("provider", "more"), [("caoloon", 2), ("valomnia", 1)])
def test_pages_of_a_hundred_cost_a_request_or_two_more(sandbox: Sandbox, provider: str, more: int) -> None:
    read(sandbox.config(provider, concurrency=16))

    assert len(sandbox.requests.of(provider, kind="list")) == 3 + more


def test_a_list_that_is_too_long_is_cut_by_what_its_first_page_tells(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "MOST_ROWS", 60)

    outcome = read(narrow(sandbox, "caoloon", 16))

    opening, *parts = [request.value("updatedTo") for request in sandbox.requests.of("caoloon", kind="list")]
    assert opening is None
    # The whole list is not asked for a second time.
    assert int(parts[0] or 0) < max(int(part) for part in parts if part)
    assert outcome.is_complete
    assert {row["guid"] for row in outcome.rows()} == set(listed(sandbox, "caoloon"))


@pytest.mark.parametrize("provider", ["coredination", "mijnklantportaal"])
def test_without_a_total_few_requests_are_made_in_vain(sandbox: Sandbox, provider: str) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    read(narrow(sandbox, provider, 1))
    needed = len(sandbox.requests.of(provider, kind="list"))
    sandbox.clear_requests()

    read(narrow(sandbox, provider, 6))

    assert needed <= len(sandbox.requests.of(provider, kind="list")) <= needed + 6


def test_a_refusal_stops_the_look_ahead(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("status_403", page=3)

    outcome = read(narrow(sandbox, "caoloon", 4))

    assert outcome.stream_errors[0][0] == "config_error"
    assert max(int(request.value("page") or 0) for request in sandbox.caoloon.requests) <= 3 + 4


def test_retries_of_a_page_that_is_ahead_keep_the_order(sandbox: Sandbox, time: Time) -> None:
    sandbox.valomnia.fault("status_503", offset=45, times=3)

    outcome = read(narrow(sandbox, "valomnia", 8))

    assert [row["id"] for row in outcome.rows()] == sorted(sandbox.valomnia.rows)
    assert len(time.slept) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sync_ends_at_once(sandbox: Sandbox, number: signal.Signals) -> None:
    sandbox.caoloon.fault("slow", page=3, seconds=30)
    command = str(Path(sys.executable).with_name("source-customers"))
    with command_files(config=narrow(sandbox, "caoloon", 8), catalog=configured_catalog()) as files:
        process = subprocess.Popen(
            [command, "read", *files],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Whoever runs the tests in the background ignores SIGINT, which is inherited.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no threads yet
        )
        assert process.stdout
        # The output ends where the command ends early.
        assert any('"RUNNING"' in line for line in process.stdout)
        process.send_signal(number)
        began = real_time.monotonic()
        process.communicate(timeout=20)

    assert process.returncode != 0
    assert real_time.monotonic() - began < 5
