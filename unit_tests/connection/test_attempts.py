"""How long a failing request is tried: a budget for our waits and one for those that the server names."""

import pytest

from source_customers.connection.attempts import PATIENCE, Attempts, GaveUpError, Patience
from source_customers.connection.stop import Stop, Stopped
from unit_tests.connection.conftest import Clock


def waits(named: float | None, patience: Patience = PATIENCE) -> int:
    """Wait until it gives up; return how often."""
    attempts, count = Attempts(patience, Stop(), "customers"), 0
    while count < 5000:
        try:
            attempts.wait("It failed", named)
        except GaveUpError:
            return count
        count += 1
    raise AssertionError("it never gives up")


def test_waits_of_our_own_grow_to_half_a_minute_and_end(clock: Clock) -> None:
    waits(None)

    assert clock.slept == [1, 2, 4, 8, 16, 30, 30, 30, 30]
    assert sum(clock.slept) < 170


@pytest.mark.parametrize("named", [31, 60, 90, 120, 169, 170, 171, 599, 600])
def test_waits_that_the_server_names_are_kept_for_an_hour_whatever_their_length(clock: Clock, named: float) -> None:
    count = waits(named)

    assert 3600 - 600 < sum(clock.slept) <= 3600 + 170
    assert min(clock.slept) >= named
    assert count == len(clock.slept)


@pytest.mark.parametrize("named", [3601, 1e300])
def test_a_wait_is_never_longer_than_ten_minutes(clock: Clock, named: float) -> None:
    waits(named)

    assert max(clock.slept) <= 601


@pytest.mark.parametrize("named", [0, 0.001, 1, 2, 5])
def test_a_server_that_names_short_waits_gets_few_requests_and_an_end(clock: Clock, named: float) -> None:
    assert waits(named) <= 15
    assert clock.slept[0] >= 1
    assert sum(clock.slept) < 300


def test_a_named_wait_leaves_the_time_for_failing_as_it_was(clock: Clock) -> None:
    attempts = Attempts(Patience(), Stop(), "customers")

    attempts.wait("It failed", 120)
    attempts.wait("It failed", 120)

    assert attempts.remaining == 170
    assert sum(clock.slept) == 241


def test_without_a_budget_for_named_waits_they_count_as_failing(clock: Clock) -> None:
    assert waits(10, Patience(failing=40, named=0)) == 3
    assert sum(clock.slept) < 40


def test_a_stop_ends_a_wait(clock: Clock) -> None:  # noqa: ARG001  # it replaces the sleep
    stop = Stop()
    stop.set()

    with pytest.raises(Stopped):
        Attempts(Patience(), stop, "customers").wait("It failed")


def test_excused_time_does_not_count(clock: Clock) -> None:
    attempts = Attempts(Patience(), Stop(), "customers")
    clock.seconds += 10

    with attempts.excused():
        clock.seconds += 1000

    assert attempts.remaining == 160
