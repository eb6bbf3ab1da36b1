"""How long to wait before a failed request is sent again, and when to give up."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from logging import getLogger

from source_customers.components import waiting
from source_customers.components.moments import EPOCH

LOGGER = getLogger("airbyte.source-customers")

LONGEST_WAIT = 30.0
"""Seconds between two attempts, unless the server names another time."""
LONGEST_NAMED_WAIT = 600.0
"""Seconds to wait at a time when the server names a time."""


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the server's clock by its `Date` header, in UTC and whole seconds; None without one."""
    try:
        return parsedate_to_datetime(headers.get("Date", "")).astimezone(timezone.utc)
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class Patience:
    """How long one request may take before it is given up.

    Attributes:
        failing: seconds that it may keep failing.
        named: seconds to wait in all for times that the server named and that are longer than that.
    """

    failing: float = 170.0
    named: float = 3600.0


patience: ContextVar[Patience] = ContextVar("patience", default=Patience())  # noqa: B039  # it is frozen
"""The patience in force; `check` has less."""


def named_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks to wait; None where it names none that make sense.

    Reads `Retry-After`, in seconds or as an HTTP date, and `X-RateLimit-Reset`, a moment in unix seconds
    (documented by MijnKlantportaal).
    """
    retry_after = headers.get("Retry-After", "").strip()
    reset = headers.get("X-RateLimit-Reset", "").strip()
    seconds: float | None = None
    if retry_after.isdigit():
        seconds = float(retry_after)
    elif retry_after:
        try:
            seconds = (parsedate_to_datetime(retry_after) - waiting.now()).total_seconds()
        except (TypeError, ValueError):
            seconds = None
    if seconds is None and reset.isdigit():
        seconds = float(reset) - (waiting.now() - EPOCH).total_seconds()
    return seconds if seconds is not None and seconds >= 0 else None


@dataclass
class Attempts:
    """The attempts at one request: waits between them, and says when they are enough."""

    _count: int = 0
    _named: float = 0.0
    _patience: Patience = field(default_factory=patience.get)
    _began: float = field(default_factory=lambda: waiting.monotonic())  # noqa: PLW0108  # tests replace the clock

    @property
    def remaining(self) -> float:
        """Seconds left before the request is given up."""
        return self._patience.failing - (waiting.monotonic() - self._began)

    def wait(self, reason: str, headers: Mapping[str, str] | None = None) -> bool:
        """Wait before the next attempt; return False, at once, when the request is to be given up.

        Args:
            reason: what failed, for the log: no value of the answer.
            headers: headers of the refusing answer.
        """
        self._count += 1
        named = named_wait(headers or {})
        if named is None:
            seconds = min(2.0 ** (self._count - 1), LONGEST_WAIT) * waiting.jitter()
        else:
            # A little more than asked, so that a clock that differs by a fraction does not cost another refusal.
            seconds = min(named, LONGEST_NAMED_WAIT) + waiting.jitter() / 2
        if seconds >= self.remaining:
            self._named += seconds
            # Longer than the patience of its own, so that only the server can have named it.
            if seconds <= self._patience.failing or self._named > self._patience.named:
                return False
            self._began += seconds
        LOGGER.info("%s. Trying again in %.1f seconds.", reason, seconds)
        waiting.sleep(seconds)
        return True
