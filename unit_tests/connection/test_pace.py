"""The pace: never more than allowed in any span, whatever the clock does and whoever else uses the key."""

import threading
from contextlib import suppress
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_customers import waiting
from source_customers.connection.pace import Pace
from source_customers.connection.stop import Stop, Stopped
from unit_tests.connection.conftest import Clock


def requests_at_once(pace: Pace) -> int:
    """How many requests it lets through now."""
    sent = 0
    while pace._take_or_wait() == 0:
        sent += 1
    return sent


def send(pace: Pace, headers: dict[str, str] | None = None) -> None:
    pace.take(Stop())
    pace.give_back(headers)


def test_lets_as_many_through_as_allowed_and_then_waits_for_the_first_to_be_a_span_old(clock: Clock) -> None:
    pace = Pace(3, 60.0)
    for _ in range(4):
        send(pace)
        clock.seconds += 5

    assert clock.slept == [45.0]


def test_no_place_leaks_when_a_place_becomes_free_between_two_lines(clock: Clock) -> None:
    for offset in range(40):
        pace = Pace(2, 60.0)
        clock.step = 0.0
        send(pace)
        send(pace)
        clock.seconds += 60.0 - offset * 1e-7
        clock.step = 1e-7
        send(pace)
        clock.step = 0.0
        clock.seconds += 120

        assert requests_at_once(pace) == 2


steps = st.lists(
    st.tuples(
        st.sampled_from(["send", "answer"]),
        st.floats(0, 25),
        st.one_of(st.none(), st.integers(-3, 9), st.sampled_from(["²", "", "x", "9" * 400])),
    ),
    max_size=40,
)


@given(limit=st.integers(1, 5), steps=steps, step=st.sampled_from([0.0, 1e-6, 0.3]))
def test_never_exceeds_the_limit_in_any_span(
    limit: int, steps: list[tuple[str, float, int | str | None]], step: float
) -> None:
    clock = Clock(step=step)
    with mock.patch.multiple(waiting, monotonic=clock.monotonic, sleep=clock.sleep):
        pace = Pace(limit, 60.0, "X-Left")
        sent: list[float] = []
        waits_for_answer = 0
        for kind, passing, left in steps:
            clock.seconds += passing
            if kind == "send" and waits_for_answer < limit:
                pace.take(Stop())
                waits_for_answer += 1
                sent.append(clock.seconds)
            elif waits_for_answer:
                waits_for_answer -= 1
                pace.give_back({} if left is None else {"X-Left": str(left)})
        for _ in range(waits_for_answer):
            pace.give_back(None)
        clock.seconds += 61
        clock.step = 0.0
        assert requests_at_once(pace) == limit

    for moment in sent:
        assert sum(moment <= other < moment + 60 for other in sent) <= limit


@pytest.mark.parametrize(
    ("left", "still"), [("2", 2), ("0", 0), ("-7", 0), ("9" * 30, 4), ("999999", 4), ("²", 4), ("4 ", 4), ("", 4)]
)
def test_counts_what_others_have_used(clock: Clock, left: str, still: int) -> None:
    pace = Pace(5, 60.0, "X-RateLimit-Remaining")
    send(pace, {"X-RateLimit-Remaining": left})

    assert requests_at_once(pace) == still
    clock.seconds += 60
    pace._in_flight = 0
    assert requests_at_once(pace) == 5


def test_a_stop_ends_the_wait_for_a_place_and_for_an_answer() -> None:
    for is_answered in (True, False):
        pace, stop, ended = Pace(1, 60.0), Stop(), threading.Event()
        pace.take(stop)
        if is_answered:
            pace.give_back(None)

        def wait(pace: Pace = pace, stop: Stop = stop, ended: threading.Event = ended) -> None:
            with suppress(Stopped):
                pace.take(stop)
            ended.set()

        threading.Thread(target=wait, daemon=True).start()
        assert not ended.wait(0.05)
        stop.set()
        assert ended.wait(5)
        pace._in_flight = 0
        assert requests_at_once(pace) == (0 if is_answered else 1)


def test_a_request_waits_for_an_answer_while_every_place_is_in_flight(clock: Clock) -> None:
    pace, taken = Pace(1, 60.0), threading.Event()
    pace.take(Stop())

    def take() -> None:
        pace.take(Stop())
        taken.set()

    threading.Thread(target=take, daemon=True).start()
    assert not taken.wait(0.05)

    pace.give_back(None)

    assert taken.wait(5)
    assert sum(clock.slept) == 60
