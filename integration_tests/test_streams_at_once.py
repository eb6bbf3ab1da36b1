"""Several lists at once over one connection: as many requests as allowed, one login, one rate, each stream alone."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import Any

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Json, Outcome, command_files, configured_catalog, read
from integration_tests.sandbox import Sandbox, serve
from integration_tests.sandbox.providers.mijnklantportaal import SCOPES
from integration_tests.streams import delivered, expected, latest_states, statuses
from source_customers.config.check import provider_config
from source_customers.full_reads import NAME as FULL_READS
from source_customers.provider import Provider
from source_customers.source import SourceCustomers

PROVIDERS = ["caoloon", "coredination", "mijnklantportaal", "valomnia"]
OWN_FIELDS: dict[str, Json] = {
    "coredination": {"customer_search": {"query": "a e i"}},
    "mijnklantportaal": {"start_date": "2023-12-01T00:00:00Z", "appointments": {"days": 100}},
}
BEGINNING = {"lastUpdated": "1970-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def small_sandbox() -> Iterator[Sandbox]:
    with serve(Sandbox(30, rows=12, seed=4, rate_limit=None)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(small_sandbox: Sandbox) -> Sandbox:
    small_sandbox.reset()
    return small_sandbox


def config(sandbox: Sandbox, provider: str, **fields: Any) -> Json:
    return sandbox.config(provider, **{**OWN_FIELDS.get(provider, {}), **fields})


def all_streams(configured: Json) -> list[str]:
    return [stream for stream in Provider(*provider_config(configured)).streams if stream != FULL_READS]


def read_all(configured: Json) -> Outcome:
    return read(configured, catalog=configured_catalog(all_streams(configured)))


def assert_everything_came(outcome: Outcome, sandbox: Sandbox, provider: str, streams: list[str]) -> None:
    for stream in streams:
        rows = delivered(outcome, provider, stream)
        assert rows.keys() == expected(sandbox, provider, stream).keys(), stream
        assert len(outcome.rows(stream)) == len(rows), stream


@pytest.mark.parametrize("concurrency", [1, 4, 16])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_more_requests_are_in_flight_than_allowed(sandbox: Sandbox, provider: str, concurrency: int) -> None:
    sandbox.latency = 0.004
    asked = config(sandbox, provider, concurrency=concurrency)

    outcome = read_all(asked)

    assert outcome.exit_code == 0
    assert_everything_came(outcome, sandbox, provider, all_streams(asked))
    peak = sandbox.providers[provider].peak_in_flight
    assert min(concurrency, 3) <= peak <= concurrency
    # Of Valomnia there are enough lists for all that is allowed.
    assert provider != "valomnia" or peak > concurrency / 2


def test_each_stream_is_read_in_its_order_and_says_so(sandbox: Sandbox) -> None:
    random = Random(1)
    sandbox.valomnia.fault("slow", forever=True, seconds=0.02, when=lambda _: random.random() < 0.1)
    asked = config(sandbox, "valomnia", page_size=5, concurrency=16)

    outcome = read_all(asked)

    assert outcome.exit_code == 0
    for stream in all_streams(asked):
        told = [kind for name, kind in _told(outcome) if name == stream]
        assert [kind for kind in told if kind not in {"RECORD", "STATE"}] == ["STARTED", "RUNNING", "COMPLETE"]
        assert told[:3] == ["STARTED", "RUNNING", "RECORD"]
        assert told[-2:] == ["STATE", "COMPLETE"]
        keys = [row["id"] for row in outcome.rows(stream)]
        assert keys == sorted(expected(sandbox, "valomnia", stream)), stream
    started = [name for name, kind in _told(outcome) if kind == "STARTED"]
    assert started[:2] == ["customers", "customer_details"]


def _told(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Yield the stream and the kind of each message about a stream."""
    for message in outcome.messages:
        if message["type"] == "RECORD":
            yield message["record"]["stream"], "RECORD"
        elif message["type"] == "STATE":
            yield message["state"]["stream"]["stream_descriptor"]["name"], "STATE"
        elif message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            yield status["stream_descriptor"]["name"], status["status"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_stream_is_as_when_it_is_read_alone(sandbox: Sandbox, provider: str) -> None:
    asked = config(sandbox, provider)

    together = read_all(asked)

    for stream in all_streams(asked)[::4]:
        alone = read(asked, catalog=configured_catalog([stream]))
        assert alone.rows(stream) == together.rows(stream), stream


def test_a_slow_list_holds_no_other_back(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("slow", stream="customer_groups", seconds=0.5)

    outcome = read_all(config(sandbox, "valomnia"))

    complete = [name for name, kind in _told(outcome) if kind == "COMPLETE"]
    assert complete[-1] == "customer_groups"
    assert len(complete) == 35


def test_one_login_does_for_all(sandbox: Sandbox) -> None:
    outcome = read_all(config(sandbox, "valomnia", concurrency=16))

    assert outcome.exit_code == 0
    assert len(sandbox.requests.of(kind="login")) == 1


def test_a_session_that_ends_is_renewed_once_for_all(sandbox: Sandbox) -> None:
    sandbox.valomnia.session_requests = 30
    asked = config(sandbox, "valomnia", concurrency=8)

    outcome = read_all(asked)

    assert outcome.exit_code == 0
    assert_everything_came(outcome, sandbox, "valomnia", all_streams(asked))
    answered = [request for request in sandbox.valomnia.requests if request.status == 200 and request.kind != "login"]
    assert len(sandbox.requests.of(kind="login")) == -(-len(answered) // 30)


def test_a_wrong_password_is_tried_once_and_named_for_every_stream(sandbox: Sandbox) -> None:
    asked = config(sandbox, "valomnia", concurrency=16, password="wrong")

    outcome = read_all(asked)

    assert outcome.exit_code == 1
    assert len(sandbox.valomnia.requests) == 1
    streams = all_streams(asked)
    refusal = ("config_error", "The login was refused. Check `username` and `password`.")
    assert outcome.stream_errors == [refusal] * len(streams)
    assert outcome.errors[-1] == ("config_error", "35 of 35 streams did not sync successfully.")
    assert statuses(outcome) == {stream: ["STARTED", "INCOMPLETE"] for stream in streams}
    # Each leaves the state that it began with.
    assert outcome.states == [BEGINNING] * len(streams)


def test_one_rate_is_kept_by_all_streams(sandbox: Sandbox, time: Time) -> None:
    sandbox.clock = lambda: time.now().timestamp()
    sandbox.mijnklantportaal.rate_limit = 60
    sandbox.mijnklantportaal.rate_window = "sliding"
    # Few in flight: each wait moves the clock of the tests for all of them.
    asked = config(sandbox, "mijnklantportaal", concurrency=2)

    outcome = read_all(asked)

    assert outcome.exit_code == 0
    assert_everything_came(outcome, sandbox, "mijnklantportaal", all_streams(asked))
    requests = sandbox.mijnklantportaal.requests
    assert {request.status for request in requests} == {200}
    assert len(requests) > 60
    # As fast as allowed: one wait of a minute for each sixty requests, of both threads.
    assert len([wait for wait in time.slept if wait > 30]) <= 2 * (len(requests) // 60)


@pytest.mark.parametrize("scope", ["tickets.read", "customers.read", "webhooks.read"])
def test_a_stream_that_is_refused_is_named_with_what_it_needs(sandbox: Sandbox, scope: str) -> None:
    api = sandbox.mijnklantportaal
    api.scopes = sorted({*SCOPES.values()} - {scope})
    refused = [stream for stream, needed in SCOPES.items() if needed == scope]
    asked = config(sandbox, "mijnklantportaal")

    outcome = read_all(asked)

    assert outcome.exit_code == 1
    assert len(outcome.stream_errors) == len(refused)
    for kind, message in outcome.stream_errors:
        assert kind == "config_error"
        assert message.endswith(f"Give the API key or app the scope {scope}.")
    assert outcome.errors[-1] == ("config_error", f"{len(refused)} of 18 streams did not sync successfully.")
    whole = [stream for stream in all_streams(asked) if stream not in refused]
    ends = {stream: ended[-1] for stream, ended in statuses(outcome).items()}
    assert ends == {**dict.fromkeys(whole, "COMPLETE"), **dict.fromkeys(refused, "INCOMPLETE")}
    assert_everything_came(outcome, sandbox, "mijnklantportaal", whole)
    # A refusal is the last word: nothing is asked for twice, and nothing that hangs on what was refused.
    forbidden = [str(request.stream) for request in api.requests if request.status == 403]
    assert sorted(forbidden) == sorted({*refused} - {"ticket_messages", "payment_link_payments"})


@pytest.mark.parametrize("fault", ["status_403", "status_503", "html_200"])
def test_a_stream_that_fails_fails_alone(sandbox: Sandbox, fault: str) -> None:
    sandbox.valomnia.fault(fault, stream="orders", forever=True)
    asked = config(sandbox, "valomnia")

    outcome = read_all(asked)

    assert outcome.exit_code == 1
    [(_, message)] = outcome.stream_errors
    assert message.startswith("Stream orders")
    whole = [stream for stream in all_streams(asked) if stream != "orders"]
    assert {stream for stream, ended in statuses(outcome).items() if ended[-1] == "COMPLETE"} == set(whole)
    assert statuses(outcome)["orders"] == ["STARTED", "INCOMPLETE"]
    assert_everything_came(outcome, sandbox, "valomnia", whole)
    assert latest_states(outcome)["orders"] == BEGINNING


def test_nothing_is_sent_after_the_reader_has_stopped(sandbox: Sandbox) -> None:
    sandbox.latency = 0.01
    asked = config(sandbox, "valomnia", page_size=5, concurrency=8)
    source = SourceCustomers()
    with command_files(catalog=configured_catalog(all_streams(asked))) as [_, file]:
        catalog = source.read_catalog(file)
    before = set(threading.enumerate())  # those of other tests may still be there
    with closing(source.read_pages(logging.getLogger("airbyte"), asked, catalog)) as messages:  # type: ignore[type-var]
        for _ in range(20):
            next(messages)

        threads = set(threading.enumerate()) - before
    threads = {thread for thread in threads if thread.name.startswith(("stream-", "connection-"))}
    assert threads
    for thread in threads:
        thread.join(timeout=5)
    assert not [thread for thread in threads if thread.is_alive()]
    assert len(sandbox.requests) < 100
