"""Which moments a sync asks for, and which it remembers: the API's own, and none that it has not reached."""

import logging
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from hypothesis import given
from hypothesis import strategies as st

from source_customers.manifest.settings import Bound, Window
from source_customers.moments import parse_moment
from source_customers.reading.cursor import Cursor
from source_customers.reading.page import Page, Row

NOON = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
FORMAT = "%Y-%m-%dT%H:%M:%S.%f%z"


def cursor_with(
    state: datetime | None = None, *, begin: datetime | None = NOON, missing: Any = "", **config: Any
) -> Cursor:
    window = Window(lower=Bound(parameter="from", format="epoch_seconds"), missing_change_time=missing)
    cursor = Cursor("customers", "changed", FORMAT, window, config, {"changed": state.isoformat()} if state else {})
    if begin:
        cursor.begin(begin)
    return cursor


def note(cursor: Cursor, *values: Any) -> None:
    rows = [{"id": number, "changed": value} for number, value in enumerate(values)]
    cursor.note(Page(rows, moments=cursor.moments(rows)))


def reached(cursor: Cursor) -> datetime:
    return parse_moment(cursor.state["changed"])


def test_without_a_state_all_history_is_read() -> None:
    assert cursor_with().lower_bound is None


def test_without_a_state_reading_begins_at_the_start_date() -> None:
    assert cursor_with(start_date="2024-01-01T00:00:00Z", lookback_window="P1D").lower_bound == datetime(
        2024, 1, 1, tzinfo=timezone.utc
    )


@pytest.mark.parametrize("fields", [{"start_date": "2024-02-30T00:00:00Z"}, {"lookback_window": "P"}])
def test_a_value_that_makes_no_sense_is_the_users_to_mend(fields: dict[str, Any]) -> None:
    """The check of the config knows fields of these names, and a manifest that runs alone has none."""
    with pytest.raises(AirbyteTracedException) as refusal:
        cursor_with(**fields)

    assert refusal.value.failure_type is FailureType.config_error
    [(field, value)] = fields.items()
    assert str(refusal.value.message).startswith(f"`{field}` is not a")
    assert f"[{value}]" not in str(refusal.value.message)


def test_the_lookback_window_is_read_again() -> None:
    assert cursor_with(NOON - HOUR, lookback_window="PT10M").lower_bound == NOON - HOUR - timedelta(minutes=10)


def test_the_lookback_window_does_not_reach_before_the_start_date() -> None:
    start = NOON - HOUR - timedelta(minutes=5)
    assert cursor_with(NOON - HOUR, start_date=start.isoformat(), lookback_window="PT10M").lower_bound == start


def test_a_later_start_date_than_the_state_counts() -> None:
    cursor = cursor_with(NOON - 2 * HOUR, start_date=(NOON - HOUR).isoformat())
    assert cursor.lower_bound == reached(cursor) == NOON - HOUR


def test_a_state_from_the_future_becomes_the_start_of_the_sync() -> None:
    cursor = cursor_with(NOON + 1000 * HOUR)
    assert cursor.lower_bound == NOON
    assert reached(cursor) == NOON


def test_the_state_waits_for_the_commit() -> None:
    cursor = cursor_with(NOON - HOUR)
    note(cursor, NOON.isoformat())
    assert reached(cursor) == NOON - HOUR
    cursor.commit()
    assert reached(cursor) == NOON


@pytest.mark.parametrize(("until", "state"), [(-HOUR, -HOUR), (timedelta(0), -HOUR / 2), (HOUR, -HOUR / 2)])
def test_a_commit_reaches_neither_past_its_moment_nor_past_the_rows(until: timedelta, state: timedelta) -> None:
    cursor = cursor_with(NOON - 2 * HOUR)
    note(cursor, (NOON - HOUR / 2).isoformat())
    cursor.commit(NOON + until)
    assert reached(cursor) == NOON + state


@given(
    noted=st.lists(st.integers(-100, 100), max_size=5),
    commits=st.lists(st.one_of(st.none(), st.integers(-100, 100)), max_size=5),
)
def test_the_state_never_goes_back_and_never_passes_the_start_of_the_sync(
    noted: list[int], commits: list[int | None]
) -> None:
    cursor = cursor_with(NOON - 50 * HOUR)
    note(cursor, *[(NOON + hours * HOUR).isoformat() for hours in noted])
    before = reached(cursor)
    for until in commits:
        cursor.commit(None if until is None else NOON + until * HOUR)
        assert before <= reached(cursor) <= NOON
        before = reached(cursor)


def test_a_sync_goes_on_from_what_an_unfinished_one_delivered() -> None:
    cursor = cursor_with(NOON - 2 * HOUR)
    cursor.resume(NOON - HOUR)
    assert cursor.highest == NOON - HOUR
    assert reached(cursor) == NOON - 2 * HOUR
    cursor.resume(NOON + HOUR)
    assert cursor.highest == NOON


@pytest.mark.parametrize(("missing", "state"), [("sync_start", NOON), ("", NOON - HOUR)])
def test_a_row_without_a_change_time_stands_for_the_start_of_the_sync_where_the_manifest_says_so(
    missing: str, state: datetime
) -> None:
    cursor = cursor_with(NOON - HOUR, missing=missing)
    note(cursor, None)
    cursor.commit()
    assert reached(cursor) == state


@pytest.mark.parametrize("odd", ["20240101", 1_709_208_000, "yesterday", 10**30])
def test_change_times_that_cannot_be_are_said_once_without_their_value(
    odd: object, caplog: pytest.LogCaptureFixture
) -> None:
    cursor = cursor_with(NOON - HOUR, missing="sync_start")
    with caplog.at_level(logging.WARNING):
        note(cursor, odd)
        note(cursor, odd)
    cursor.commit()
    assert reached(cursor) == NOON - HOUR
    [record] = caplog.records
    assert "customers" in record.getMessage()
    assert str(odd) not in record.getMessage()


def test_change_times_are_read_in_utc() -> None:
    rows: list[Row] = [{"changed": "2024-02-29T14:00:00+02:00"}, {"changed": 1709208000000}, {"changed": "soon"}, {}]
    assert cursor_with().moments(rows) == [NOON, NOON, None, None]
