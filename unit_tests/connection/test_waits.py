"""What a server says about waiting, and what time it is by its clock."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_customers.connection.clock import ServerClock, http_date
from source_customers.connection.waits import named_wait, whole_number
from unit_tests.connection.conftest import NOON, Clock

DATE = "Sun, 01 Mar 2026 11:00:00 GMT"
ODD = ["²", "٣", "-1", "1e3", "+5", "9" * 5000, "soon", "Sun, 99 Mar 2026 11:00:00 GMT", "0" * 40, "\xff", ""]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("header", ["Retry-After", "X-RateLimit-Reset", "Date"])
def test_odd_headers_are_ignored(header: str, text: str) -> None:
    assert named_wait(429, {header: text}, NOON) is None


@given(text=st.text())
def test_no_text_crashes_it(text: str) -> None:
    named_wait(429, {"Retry-After": text, "Date": text, "X-RateLimit-Reset": text}, NOON)
    ServerClock().learn({"Date": text}, 1.0)
    whole_number(text)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30),
        ({"Retry-After": "Sun, 01 Mar 2026 11:00:30 GMT", "Date": DATE}, 30),
        ({"Retry-After": "Sun, 01 Mar 2026 11:00:30 -0000", "Date": DATE}, 30),
        ({"X-RateLimit-Reset": str(int(NOON.timestamp()) + 45)}, 45),
        ({"X-RateLimit-Reset": str(int(NOON.timestamp()) - 3555), "Date": DATE}, 45),
        ({"Retry-After": "7", "X-RateLimit-Reset": "99999999999"}, 7),
        ({"Retry-After": DATE}, None),
    ],
)
def test_waits_are_taken_by_the_clock_of_the_api(headers: dict[str, str], seconds: float | None) -> None:
    assert named_wait(429, headers, NOON) == seconds


def test_the_end_of_a_rate_window_is_no_wait_for_an_outage() -> None:
    assert named_wait(503, {"X-RateLimit-Reset": str(int(NOON.timestamp()) + 45)}, NOON) is None


def test_the_clock_is_that_of_the_first_date_and_goes_on_by_itself(clock: Clock) -> None:
    server = ServerClock()
    assert server.now() is None
    server.learn({"Date": "²"}, 0.0)
    clock.seconds = 100
    server.learn({"Date": DATE}, 90.0)
    server.learn({"Date": "Sun, 01 Mar 2026 10:00:00 GMT"}, 95.0)

    assert server.now() == NOON - timedelta(hours=1) + timedelta(seconds=10)


def test_a_date_at_the_end_of_time_is_none(clock: Clock) -> None:
    server = ServerClock()
    server.learn({"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}, 0.0)
    clock.seconds = 1e9

    assert http_date("Fri, 31 Dec 9999 23:59:59 -2359") is None
    assert server.now() is None
