"""Moments in time, in the spellings that the four APIs use."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from random import Random
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BASE_TIME = datetime(2026, 1, 1, tzinfo=timezone.utc)
HISTORY = timedelta(days=730)

Clock = Callable[[], float]
"""Seconds since the epoch, as ``time.time`` gives them."""


def microseconds(moment: datetime) -> int:
    """Microseconds since the epoch, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def milliseconds(moment: datetime) -> int:
    return microseconds(moment) // 1000


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def amsterdam_microseconds(moment: datetime) -> str:
    """``2025-10-02T14:32:33.541494+02:00``."""
    return moment.astimezone(AMSTERDAM).isoformat(timespec="microseconds")


def amsterdam_seconds(moment: datetime) -> str:
    """``2024-04-28T21:00:00+02:00``."""
    return moment.astimezone(AMSTERDAM).isoformat(timespec="seconds")


def zulu_seconds(moment: datetime) -> str:
    """``2015-12-17T23:00:00Z``."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def spelled_like(sample: str, moment: datetime) -> str:
    """A moment in the spelling of another: as many digits of a second, in UTC with ``Z`` or in Amsterdam's time."""
    digits = len(sample.partition(".")[2].rstrip("Z").partition("+")[0])
    timespec = {0: "seconds", 3: "milliseconds", 6: "microseconds"}[digits]
    if sample.endswith("Z"):
        return moment.astimezone(timezone.utc).isoformat(timespec=timespec).replace("+00:00", "Z")
    return moment.astimezone(AMSTERDAM).isoformat(timespec=timespec)


def instant(text: str) -> int:
    """Microseconds since the epoch of any of the spellings above."""
    return microseconds(datetime.fromisoformat(text.replace("Z", "+00:00")))


def change_times(random: Random, count: int, base_time: datetime) -> Iterator[datetime]:
    """Spread ``count`` changes over the two years before ``base_time``.

    Some share a moment, as rows do after an import or an edit of many at once: one in twenty repeats the
    moment before it, and one block in the middle (3 % of all) has a single moment.
    """
    block = range(count * 2 // 5, count * 2 // 5 + count * 3 // 100)
    moment = base_time
    for number in range(count):
        repeats = number in block[1:] or random.random() < 0.05
        if not repeats or number == 0:
            moment = base_time - HISTORY * random.random()
        yield moment
