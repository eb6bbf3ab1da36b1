"""Whatever the moment, and however a bound is written and compared: it lets its own moment through."""

from datetime import datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_customers.manifest.settings import Bound, TimeFormat, Window
from source_customers.moments import EPOCH
from source_customers.reading.bounds import Bounds

LATEST = 7_000_000_000 * 10**6
moments = st.one_of(st.integers(0, LATEST), st.integers(0, LATEST // 10**6).map(lambda seconds: seconds * 10**6)).map(
    lambda microseconds: EPOCH + timedelta(microseconds=microseconds)
)
formats = st.sampled_from(get_args(TimeFormat))
UNITS: dict[TimeFormat, timedelta] = {
    "epoch_seconds": timedelta(seconds=1),
    "epoch_milliseconds": timedelta(milliseconds=1),
    "iso_seconds": timedelta(seconds=1),
    "date": timedelta(days=1),
}


def bounds(lower: TimeFormat, upper: TimeFormat | None = None, *, inclusive: bool = False, **config: Any) -> Bounds:
    return Bounds(
        Window(
            lower=Bound(parameter="from", format=lower, inclusive=inclusive, format_field="written"),
            upper=Bound(parameter="to", format=upper, inclusive=inclusive) if upper else None,
        ),
        config,
    )


def understood(text: str, format_: TimeFormat, zone: int = 0) -> datetime:
    """Return the moment that a server takes a bound for; a date is its own midnight."""
    if format_ in {"epoch_seconds", "epoch_milliseconds"}:
        return EPOCH + int(text) * UNITS[format_]
    midnight = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return midnight.replace(tzinfo=timezone.utc) - timedelta(hours=zone if format_ == "date" else 0)


@given(
    moment=moments,
    format_=formats,
    inclusive=st.booleans(),
    cut=st.booleans(),
    zone=st.integers(-12, 14),
    later=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_a_lower_bound_lets_through_whatever_changed_at_it_or_later(
    moment: datetime, format_: TimeFormat, inclusive: bool, cut: bool, zone: int, later: timedelta
) -> None:
    [(name, text)] = bounds(format_, inclusive=inclusive).parameters(moment, None)
    assert name == "from"
    bound, changed = understood(text, format_, zone), moment + later
    if cut:  # the server compares what it has cut to the unit of the bound, by its own midnight
        shift = timedelta(hours=zone if format_ == "date" else 0)
        changed = EPOCH + (changed + shift - EPOCH) // UNITS[format_] * UNITS[format_] - shift
    # There is nothing before the epoch; a day lets itself through, or it would be no filter by days.
    is_let_through = (
        changed >= bound if inclusive or format_ == "date" or moment < EPOCH + 2 * UNITS[format_] else changed > bound
    )
    assert is_let_through


@given(
    moment=moments,
    format_=formats,
    inclusive=st.booleans(),
    zone=st.integers(-12, 14),
    earlier=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_an_upper_bound_lets_through_whatever_changed_at_it_or_earlier(
    moment: datetime, format_: TimeFormat, inclusive: bool, zone: int, earlier: timedelta
) -> None:
    [(name, text)] = bounds("date", format_, inclusive=inclusive).parameters(None, moment)
    assert name == "to"
    bound, changed = understood(text, format_, zone), moment - earlier
    assert changed <= bound if inclusive or format_ == "date" else changed < bound


@given(moment=moments, format_=formats, inclusive=st.booleans(), zone=st.integers(-12, 14))
def test_nothing_that_a_bound_lets_through_is_further_away_than_the_slack(
    moment: datetime, format_: TimeFormat, inclusive: bool, zone: int
) -> None:
    written = bounds(format_, format_, inclusive=inclusive)
    (_, lower), (_, upper) = written.parameters(moment, moment)
    assert moment - understood(lower, format_, zone) <= written.slack
    # A server that compares whole units lets the rest of the bound's own unit through.
    last = understood(upper, format_, zone) + UNITS[format_] - timedelta(microseconds=1)
    assert last - moment <= written.slack


@pytest.mark.parametrize(
    ("format_", "inclusive", "lower", "upper"),
    [
        ("epoch_seconds", True, "1709208000", "1709208001"),
        ("epoch_seconds", False, "1709207999", "1709208002"),
        ("epoch_milliseconds", True, "1709208000500", "1709208000500"),
        ("epoch_milliseconds", False, "1709208000499", "1709208000501"),
        ("iso_seconds", True, "2024-02-29T12:00:00Z", "2024-02-29T12:00:01Z"),
        ("iso_seconds", False, "2024-02-29T11:59:59Z", "2024-02-29T12:00:02Z"),
        # Somewhere the day is still the one before, or already the one after, and ends fourteen hours later.
        ("date", True, "2024-02-28", "2024-03-02"),
        ("date", False, "2024-02-28", "2024-03-02"),
    ],
)
def test_bounds_are_written_in_their_format(format_: TimeFormat, inclusive: bool, lower: str, upper: str) -> None:
    moment = datetime(2024, 2, 29, 12, 0, 0, 500_000, tzinfo=timezone.utc)
    written = bounds(format_, format_, inclusive=inclusive).parameters(moment, moment)
    assert written == [("from", lower), ("to", upper)]


def test_the_config_names_another_format() -> None:
    written = bounds("epoch_milliseconds", written="date").parameters(datetime(2024, 2, 29, tzinfo=timezone.utc), None)
    assert written == [("from", "2024-02-28")]


def test_there_is_nothing_before_the_epoch() -> None:
    assert bounds("epoch_seconds").parameters(EPOCH, None) == [("from", "0")]


def test_a_bound_that_is_not_asked_for_is_left_out() -> None:
    assert bounds("date", "date").parameters(None, None) == []
    assert bounds("date").parameters(None, EPOCH) == []
    assert bounds("date", "date").has_upper
    assert not bounds("date").has_upper
