"""Every byte is read against a deadline and a largest size: an answer that trickles in, or never ends, has an end."""

import threading
import time as real_time
from dataclasses import replace
from typing import Any

import pytest

from integration_tests.connector import Json, Outcome, check, read
from integration_tests.sandbox import Sandbox
from source_customers import provider
from source_customers.connection.attempts import Patience
from source_customers.connection.connection import Connection

SHORTER = 400
"""How many times shorter than in truth a request's patience is here: real seconds pass while a socket drips."""
LONGEST = 60 / SHORTER
"""A minute, likewise."""

PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "list": ("caoloon", {}),
    "second page": ("caoloon", {"on": 2}),
    "400": ("caoloon", {"status": 400}),
    "503": ("caoloon", {"status": 503}),
    "401": ("coredination", {"status": 401}),
    "login": ("valomnia", {"endpoint": "login"}),
    "refused login": ("valomnia", {"endpoint": "login", "status": 400}),
    "token": ("mijnklantportaal", {"endpoint": "token"}),
    "refused token": ("mijnklantportaal", {"endpoint": "token", "status": 400}),
}
EVERYWHERE = pytest.mark.parametrize("place", PLACES)


@pytest.fixture(autouse=True)
def patiences(monkeypatch: pytest.MonkeyPatch) -> list[Patience]:
    """Shorten the patience of every request; return what it would have been."""
    asked: list[Patience] = []

    def connection(settings: Any, config: Any, patience: Patience) -> Connection:
        asked.append(patience)
        return Connection(settings, config, replace(patience, failing=patience.failing / SHORTER))

    monkeypatch.setattr(provider, "Connection", connection)
    return asked


def dripping(sandbox: Sandbox, place: str, kind: str) -> Json:
    """Have an API drip at a place for ever; return the config to read it with."""
    name, where = PLACES[place]
    options = {"interval": 0.02} if kind.startswith("drip") else {}
    sandbox.providers[name].fault(kind, forever=True, **where, **options)
    return sandbox.config(
        name, oauth=name == "mijnklantportaal", **({} if name == "mijnklantportaal" else {"page_size": 20})
    )


def errors_of(outcome: Outcome) -> tuple[str, str]:
    [error] = outcome.stream_errors
    return error


@EVERYWHERE
@pytest.mark.parametrize("kind", ["drip_body", "drip_headers"])
def test_a_drip_ends_with_the_patience_of_its_request(sandbox: Sandbox, place: str, kind: str) -> None:
    config = dripping(sandbox, place, kind)
    began = real_time.monotonic()

    failure, _ = errors_of(read(config))

    # A status that is an answer by itself is not waited for: its body says nothing more.
    is_told_by_its_status = kind == "drip_body" and place in {"400", "401"}
    assert failure == {"400": "system_error", "401": "config_error"}.get(
        place if is_told_by_its_status else "", "transient_error"
    )
    assert real_time.monotonic() - began < 2.5


@EVERYWHERE
@pytest.mark.parametrize("kind", ["drip_body", "drip_headers"])
def test_a_check_ends_within_a_minute(sandbox: Sandbox, patiences: list[Patience], place: str, kind: str) -> None:
    config = dripping(sandbox, place, kind)

    outcome = check(config)

    if place != "second page":
        assert outcome.status[0] == "FAILED"
    assert {patience.failing + patience.named for patience in patiences} <= {float(each) for each in range(60)}


@EVERYWHERE
@pytest.mark.parametrize("kind", ["endless_body", "huge_body"])
def test_a_body_without_end_is_given_up(sandbox: Sandbox, place: str, kind: str) -> None:
    config = dripping(sandbox, place, kind)

    failure, _ = errors_of(read(config))

    assert failure == {"400": "system_error", "401": "config_error"}.get(place, "transient_error")


def test_nobody_waits_longer_for_a_login_that_drips_than_the_login_itself(sandbox: Sandbox) -> None:
    sandbox.valomnia.session_requests = 12
    sandbox.valomnia.fault("drip_body", endpoint="login", on=3, forever=True, interval=0.02)
    began = real_time.monotonic()

    outcome = read(sandbox.config("valomnia", page_size=10, concurrency=8))

    assert outcome.stream_errors[0][0] == "transient_error"
    assert real_time.monotonic() - began < 2.5
    assert len(sandbox.valomnia.requests.of(kind="login")) <= 4


def test_a_drip_leaves_no_thread(sandbox: Sandbox) -> None:
    before = set(threading.enumerate())

    read(dripping(sandbox, "second page", "drip_body"))

    until = real_time.monotonic() + 2
    while left := set(threading.enumerate()) - before:
        assert real_time.monotonic() < until, left
        real_time.sleep(0.01)
