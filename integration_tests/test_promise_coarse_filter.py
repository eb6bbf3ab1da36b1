"""A filter by day lets through all of today: what was delivered is not delivered again for that."""

from datetime import timedelta

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Outcome, read
from integration_tests.sandbox import Sandbox


@pytest.fixture
def today(sandbox: Sandbox, time: Time) -> Sandbox:
    """A sandbox all of whose customers changed within the last three hours."""
    sandbox.clock = lambda: time.now().timestamp()
    for number, key in enumerate(sandbox.coredination.rows):
        sandbox.coredination.touch(key, at=time.now() - timedelta(hours=3) + timedelta(seconds=30 * number))
    return sandbox


def read_by(sandbox: Sandbox, modified_format: str, state: list[dict[str, object]] | None = None) -> Outcome:
    outcome = read(sandbox.config("coredination", modified_format=modified_format), state)
    assert outcome.is_complete, outcome.stream_errors
    return outcome


@pytest.mark.parametrize("modified_format", ["epoch_milliseconds", "date"])
def test_a_first_sync_delivers_each_row_once(today: Sandbox, modified_format: str) -> None:
    outcome = read_by(today, modified_format)

    keys = [row["id"] for row in outcome.rows()]
    assert sorted(keys) == sorted(today.coredination.rows)


def test_the_filter_is_a_day(today: Sandbox, time: Time) -> None:
    state = read_by(today, "date").last_state
    today.clear_requests()

    read_by(today, "date", state)

    days = {request.value("modified") for request in today.coredination.requests}
    assert days <= {f"{time.now() - timedelta(hours=hours):%Y-%m-%d}" for hours in range(40)}


def test_the_next_sync_does_not_deliver_a_row_twice(today: Sandbox) -> None:
    state = read_by(today, "date").last_state
    changed = sorted(today.coredination.rows)[:3]
    today.coredination.touch(*changed)

    outcome = read_by(today, "date", state)

    keys = [row["id"] for row in outcome.rows()]
    assert len(keys) == len(set(keys))
    assert set(changed) <= set(keys)
