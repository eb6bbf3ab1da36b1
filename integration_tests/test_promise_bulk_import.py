"""Hundreds of rows with one change time, in any order of the server's: all of them come, or the sync fails."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Literal

import pytest

from integration_tests.connector import Json, Outcome, check, read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.ties import Equals

IMPORTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

ANY_ORDER = pytest.mark.parametrize("equals", ["stable", "shuffled", "plan"])


@pytest.fixture
def imported(sandbox: Sandbox) -> Sandbox:
    """A sandbox whose providers have got hundreds of rows in one second."""
    sandbox.valomnia.insert(300, at=IMPORTED)
    sandbox.caoloon.insert(300, at=IMPORTED)
    sandbox.coredination.insert(100, at=IMPORTED)
    return sandbox


def stream_state(moment: datetime) -> Json:
    """Return the state of a sync of Coredination up to a moment."""
    told = {"lastModified": str(int(moment.timestamp() * 1000))}
    return {"type": "STREAM", "stream": {"stream_descriptor": {"name": "customers"}, "stream_state": told}}


@ANY_ORDER
def test_valomnia_in_the_order_of_the_key(imported: Sandbox, equals: Equals) -> None:
    imported.valomnia.equals = equals

    outcome = read(imported.config("valomnia"))

    assert outcome.is_complete
    assert delivered(outcome, "valomnia") == listed(imported, "valomnia")
    assert len(outcome.rows()) == 550
    lists = imported.valomnia.requests.of(kind="list")
    assert {(request.value("sort"), request.value("order")) for request in lists} == {("id", "asc")}
    assert len(lists) <= 8


@ANY_ORDER
def test_valomnia_that_ignores_the_order(imported: Sandbox, equals: Equals) -> None:
    imported.valomnia.equals = equals
    imported.valomnia.ignored_sorts = ["id"]

    outcome = read(imported.config("valomnia", page_size=70))

    assert outcome.is_complete
    assert delivered(outcome, "valomnia") == listed(imported, "valomnia")


@ANY_ORDER
def test_valomnia_that_is_asked_for_no_order(imported: Sandbox, equals: Equals) -> None:
    imported.valomnia.equals = equals
    imported.valomnia.refused_sorts = ["id"]

    outcome = read(imported.config("valomnia", sort="none"))

    assert outcome.is_complete
    assert delivered(outcome, "valomnia") == listed(imported, "valomnia")
    assert {request.value("sort") for request in imported.valomnia.requests.of(kind="list")} == {None}


@pytest.mark.parametrize("command", [check, read])
@pytest.mark.parametrize("filters", [{}, {"customers": {"name": "A*"}}])
def test_valomnia_that_refuses_the_order_is_told_what_to_change(
    imported: Sandbox, command: Callable[[Json], Outcome], filters: Json
) -> None:
    imported.valomnia.refused_sorts = ["id"]

    outcome = command(imported.config("valomnia", **filters))

    said = outcome.stream_errors if command is read else [("config_error", outcome.status[1])]
    [(kind, message)] = said
    assert kind == "config_error"
    assert "set `sort` to `none`" in str(message)


@ANY_ORDER
@pytest.mark.parametrize("page_size", [60, 100])
def test_caoloon(imported: Sandbox, equals: Equals, page_size: int) -> None:
    imported.caoloon.equals = equals

    outcome = read(imported.config("caoloon", page_size=page_size))

    assert outcome.is_complete
    assert delivered(outcome, "caoloon") == listed(imported, "caoloon")


@ANY_ORDER
def test_coredination_in_the_order_of_the_key(imported: Sandbox, equals: Equals) -> None:
    imported.coredination.equals = equals

    outcome = read(imported.config("coredination"))

    assert outcome.is_complete
    assert delivered(outcome, "coredination") == listed(imported, "coredination")


@ANY_ORDER
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_coredination_without_a_total_is_whole_or_fails(
    imported: Sandbox, equals: Equals, order: Literal["newest", "oldest"]
) -> None:
    imported.coredination.equals = equals
    imported.coredination.list_order = order
    imported.coredination.max_page_size = 100

    for _ in range(3):
        outcome = read(imported.config("coredination"))

        if outcome.is_complete:
            assert delivered(outcome, "coredination") == listed(imported, "coredination")
        else:
            assert equals != "stable"
            assert outcome.stream_errors[0][0] == "transient_error"


def test_coredination_with_pairs_of_equals_is_whole_or_fails(sandbox: Sandbox) -> None:
    imported = set()
    for seconds in range(60):
        imported |= set(sandbox.coredination.insert(1 + seconds % 2, at=IMPORTED + timedelta(seconds=seconds)))
    sandbox.coredination.list_order = "newest"
    sandbox.coredination.equals = "shuffled"
    sandbox.coredination.max_page_size = 20
    state = [stream_state(IMPORTED - timedelta(hours=1))]

    completed = 0
    for _ in range(10):
        outcome = read(sandbox.config("coredination", concurrency=1), state)

        assert outcome.stream_errors or imported <= set(delivered(outcome, "coredination"))
        completed += outcome.is_complete
    assert completed


@pytest.mark.parametrize("provider", ["caoloon", "valomnia"])
def test_a_total_that_is_never_reached_is_an_error(imported: Sandbox, provider: str) -> None:
    imported.providers[provider].fault("short_page", forever=True)

    outcome = read(imported.config(provider))

    assert not outcome.is_complete
    assert outcome.stream_errors[0][0] == "transient_error"
