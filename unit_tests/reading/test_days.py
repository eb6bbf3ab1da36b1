"""A list of which days are asked for is read without a gap, whatever the API means by a day."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar, cast

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from source_customers.connection.connection import Call, Connection
from source_customers.connection.stop import Stop
from source_customers.manifest.settings import ListSettings
from source_customers.moments import parse_moment
from source_customers.reading.page import Page
from source_customers.reading.reader import StreamReader
from source_customers.reading.state import State

Answer = TypeVar("Answer")

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=timezone.utc)
DAY = timedelta(days=1)


@dataclass
class Calendar:
    """Stands in for a connection to an API with appointments. It counts in a time zone, and gives so many days."""

    moments: Mapping[int, datetime]
    zone: timedelta = timedelta(0)
    most_days: int = 1000
    concurrency: int = 1
    lists: int = 1
    asked: list[tuple[str, int]] = field(default_factory=list)
    has_answered: bool = False

    @property
    def clock(self) -> "Calendar":
        return self

    def now(self) -> datetime | None:
        return NOW if self.has_answered else None

    def submit(self, task: Callable[[], Answer]) -> Future[Answer]:
        future: Future[Answer] = Future()
        future.set_result(task())
        return future

    def fetch(self, call: Call, read: Callable[[bytes], Answer], _stop: Stop) -> Answer:
        self.has_answered = True
        query = dict(call.query)
        self.asked.append((query["start_at"], int(query["days"])))
        begin = datetime.strptime(query["start_at"], "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc) - self.zone
        end = begin + min(int(query["days"]), self.most_days) * DAY
        rows = [{"id": key, "at": at.isoformat()} for key, at in self.moments.items() if begin <= at < end]
        return read(json.dumps({"data": rows}).encode())


def reader(calendar: Calendar, **config: Any) -> StreamReader:
    given = {
        "connection": {"authentication": {"method": "headers", "headers": {"K": {"field": "k"}}}},
        "path": "/appointments",
        "paging": {
            "by": "days",
            "parameter": "start_at",
            "days_parameter": "days",
            "days": "days",
            "back": "P20D",
            "ahead": "P10D",
        },
        "envelope": {"rows": "data"},
    }
    return StreamReader(
        "appointments",
        "id",
        convert(given, ListSettings),
        {"days": 7, "lookback_window": "P3D", **config},
        cast("Connection", calendar),
        "at",
        "%Y-%m-%dT%H:%M:%S%z",
    )


def read(calendar: Calendar, state: Mapping[str, Any] | None = None, **config: Any) -> tuple[list[Any], list[datetime]]:
    items = list(reader(calendar, **config).read(state or {}))
    keys = [row["id"] for item in items if isinstance(item, Page) for row in item.rows]
    return keys, [parse_moment(item.value["at"]) for item in items if isinstance(item, State)]


def test_windows_overlap_by_a_day_and_reach_a_day_beyond_both_ends() -> None:
    calendar = Calendar({})

    _, states = read(calendar)

    first, *windows = calendar.asked
    assert first[1] == 7  # tells the API's clock
    assert windows == [
        ("2026-02-08 00:00", 7),
        ("2026-02-14 00:00", 7),
        ("2026-02-20 00:00", 7),
        ("2026-02-26 00:00", 7),
        ("2026-03-04 00:00", 7),
        ("2026-03-10 00:00", 7),
    ]
    assert states == [NOW]


def test_a_state_is_where_the_next_window_begins() -> None:
    _, states = read(Calendar({1: NOW - 18 * DAY, 2: NOW}))

    # The overlap belongs to the next window, and a day begins earlier somewhere.
    assert states[0] == datetime(2026, 2, 13, 10, tzinfo=timezone.utc)
    assert states == sorted(states)


def test_state_is_never_later_than_the_moment_the_sync_began() -> None:
    _, states = read(Calendar({1: NOW + 9 * DAY}))

    assert states[-1] == NOW


def test_the_next_sync_reads_what_is_to_come_and_the_lookback_again() -> None:
    calendar = Calendar({1: NOW - 15 * DAY, 2: NOW - 2 * DAY, 3: NOW + 9 * DAY}, has_answered=True)

    keys, _ = read(calendar, {"at": NOW.isoformat()})

    assert calendar.asked[0] == ("2026-02-25 00:00", 7)
    assert keys == [2, 3]


def test_start_of_the_config_counts() -> None:
    calendar = Calendar({}, has_answered=True)

    read(calendar, start_date="2026-02-20T00:00:00Z")

    assert calendar.asked[0][0] == "2026-02-19 00:00"


@given(
    hours=st.lists(st.integers(-20 * 24, 10 * 24), max_size=30),
    zone=st.integers(-12, 14),
    days=st.integers(2, 40),
    concurrency=st.sampled_from([1, 4]),
)
def test_every_row_comes_once_in_whatever_zone_the_api_counts(
    hours: list[int], zone: int, days: int, concurrency: int
) -> None:
    calendar = Calendar(
        {key: NOW + timedelta(hours=hour) for key, hour in enumerate(hours)},
        timedelta(hours=zone),
        concurrency=concurrency,
    )

    keys, _ = read(calendar, days=days)

    assert sorted(keys) == sorted(calendar.moments)


def test_an_api_that_gives_fewer_days_than_asked_for_is_noticed() -> None:
    every_hour = {key: NOW + timedelta(hours=key) for key in range(-400, 200)}

    with pytest.raises(AirbyteTracedException) as caught:
        read(Calendar(every_hour, most_days=5))

    assert caught.value.failure_type is FailureType.config_error
    assert caught.value.message == (
        "Stream appointments could not be read: the API gives fewer days at a time than it was asked for. Lower `days`."
    )


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("most_days", [2, 4, 6, 10, 12])
def test_few_rows_are_enough_to_notice_it(most_days: int, concurrency: int) -> None:
    calendar = Calendar({1: NOW - 9 * DAY}, most_days=most_days, concurrency=concurrency)

    with pytest.raises(AirbyteTracedException):
        read(calendar, days=14, start_date="2026-02-20T00:00:00Z")


def test_as_many_days_as_asked_for_are_proved_once() -> None:
    calendar = Calendar({1: NOW - 8 * DAY, 2: NOW - 2 * DAY}, has_answered=True)

    read(calendar)

    # The first row, of the 21st, is of the last but one of these days; in some time zones of the last.
    assert calendar.asked.count(("2026-02-16 00:00", 7)) == 1
    assert len(calendar.asked) == 6 + 1


def test_there_is_no_state_before_the_proof() -> None:
    items = reader(Calendar({1: NOW - 3 * DAY}, most_days=5)).read()

    assert isinstance(next(items), Page)
    with pytest.raises(AirbyteTracedException):
        next(items)


def test_a_row_that_is_removed_meanwhile_proves_nothing() -> None:
    moments = {1: NOW - 10 * DAY, 2: NOW + DAY}
    calendar = Calendar(moments, has_answered=True)
    answer = calendar.fetch

    def fetch(call: Call, reading: Callable[[bytes], Any], stop: Stop) -> Any:
        if len(calendar.asked) == 3:
            moments.pop(1, None)
        return answer(call, reading, stop)

    calendar.fetch = fetch  # type: ignore[assignment,method-assign]  # rows are removed while it is read

    assert read(calendar)[0] == [1, 2]


def test_a_row_that_is_added_meanwhile_is_no_sign_of_fewer_days() -> None:
    moments = {1: NOW - 10 * DAY}
    calendar = Calendar(moments, has_answered=True)
    answer = calendar.fetch

    def fetch(call: Call, reading: Callable[[bytes], Any], stop: Stop) -> Any:
        if len(calendar.asked) == 2:
            moments[2] = datetime(2026, 2, 20, 1, tzinfo=timezone.utc)  # of the day that two windows have
        return answer(call, reading, stop)

    calendar.fetch = fetch  # type: ignore[assignment,method-assign]  # rows are added while it is read

    assert read(calendar)[0] == [1, 2]


@pytest.mark.parametrize("days", [0, 1, "7", None])
def test_fewer_than_two_days_are_refused(days: Any) -> None:
    with pytest.raises(AirbyteTracedException) as caught:
        read(Calendar({}), days=days)

    assert caught.value.failure_type is FailureType.config_error
    assert "`days`" in str(caught.value.message)
