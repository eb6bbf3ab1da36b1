"""The clock and the sleep of the whole connector, in one place so that tests can hand in their own."""

import random
import time
from datetime import datetime, timezone

from source_customers.connection.stop import Stop


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(timezone.utc)


def monotonic() -> float:
    """Return seconds of a clock that never goes back."""
    return time.monotonic()


def sleep(seconds: float, stop: Stop | None = None) -> None:
    """Wait for that many seconds, or until `stop` is set."""
    if stop:
        stop.wait(seconds)
    else:
        time.sleep(seconds)


def jitter() -> float:
    """Return a factor from 0.5 to 1, so that many waiting requests do not come back at once."""
    return random.uniform(0.5, 1)  # noqa: S311  # spreads load, protects nothing
