"""Moments in time and durations, however an API or a config writes them."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_customers.moments import moment_or_none, parse_duration, parse_moment

NOON = datetime(2024, 2, 29, 12, 0, 0, tzinfo=timezone.utc)

moments = st.integers(365 * 86_400 * 10**6, 7_000_000_000 * 10**6).map(
    lambda microseconds: datetime.fromtimestamp(0, timezone.utc) + timedelta(microseconds=microseconds)
)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-02-29T12:00:00Z", NOON),
        ("2024-02-29T12:00:00", NOON),
        (" 2024-02-29T12:00:00Z ", NOON),
        ("2024-02-29 12:00:00+00:00", NOON),
        ("2024-02-29T12:00:00+0000", NOON),
        ("2024-03-01T02:00:00+14:00", NOON),
        ("2024-02-29T00:00:00-12:00", NOON),
        ("2024-02-29T12:00:00.5Z", NOON.replace(microsecond=500_000)),
        ("2024-02-29T12:00:00.123Z", NOON.replace(microsecond=123_000)),
        ("2024-02-29T12:00:00.1234567Z", NOON.replace(microsecond=123_456)),
        ("2024-02-29T12:00:00.123456789Z", NOON.replace(microsecond=123_456)),
        ("2024-02-29", NOON.replace(hour=0)),
        ("2024/02/29", NOON.replace(hour=0)),
        ("2024-02", NOON.replace(day=1, hour=0)),
        # The hour that is there twice when summer time ends is told apart by its offset.
        ("2025-10-26T02:30:00+02:00", datetime(2025, 10, 26, 0, 30, tzinfo=timezone.utc)),
        ("2025-10-26T02:30:00+01:00", datetime(2025, 10, 26, 1, 30, tzinfo=timezone.utc)),
        (1709208000000, NOON),
        ("1709208000000", NOON),
        (1709208000000.0, NOON),
    ],
)
def test_reads_every_way_of_writing_a_moment(written: object, moment: datetime) -> None:
    found = parse_moment(written)
    assert found == moment
    assert found - timedelta(minutes=10) == moment - timedelta(minutes=10)
    assert type(found) is datetime


@pytest.mark.parametrize(
    "written",
    [
        None,
        True,
        "",
        "soon",
        "now",
        "10:00",
        "2023-02-29T00:00:00Z",
        "PT10M",
        "01:",
        [],
        {},
        10**30,
        float("inf"),
        "9" * 30,
    ],
)
def test_what_is_no_moment_is_refused_without_being_repeated(written: object) -> None:
    with pytest.raises(ValueError, match=r"^not a moment in time: expected ISO 8601 text or milliseconds"):
        parse_moment(written)


@given(written=st.text(alphabet="0123456789-:TZW+.P/ ", max_size=24))
def test_any_text_is_a_moment_or_none(written: str) -> None:
    moment = moment_or_none(written)

    assert moment is None or moment.tzinfo is not None


@given(moment=moments, offset=offsets)
def test_any_offset_and_fraction_names_the_same_moment(moment: datetime, offset: timezone) -> None:
    assert parse_moment(moment.astimezone(offset).isoformat()) == moment


@pytest.mark.parametrize(
    ("text", "length"),
    [("PT10M", timedelta(minutes=10)), ("P1D", timedelta(days=1)), ("P2W", timedelta(weeks=2)), ("PT0S", timedelta(0))],
)
def test_reads_durations(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "10", "ten minutes", "P99999999999D", "2024-01-01", "PT/2024-01-01", "P", "Psst"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an ISO 8601 duration such as PT10M$"):
        parse_duration(text)
