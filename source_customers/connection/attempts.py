"""How long to wait before a failed request is sent again, and when to give up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import getLogger

from source_customers import waiting
from source_customers.connection.stop import Stop

LOGGER = getLogger("airbyte.source-customers")

LONGEST_WAIT = 30.0
"""Seconds between two attempts, unless the server names another time."""
LONGEST_NAMED_WAIT = 600.0
"""Seconds to wait at a time when the server names a time."""


class GaveUpError(Exception):
    """A request failed for as long as it may. The message says how it failed last."""


@dataclass(frozen=True)
class Patience:
    """How long one request may take before it is given up.

    Attributes:
        failing: seconds that it may keep failing, waits of our own included.
        named: seconds to wait in all because the server named a time. They do not count as failing.
    """

    failing: float = 170.0
    named: float = 3600.0


PATIENCE = Patience()
"""The patience of a sync."""


class Attempts:
    """The attempts at one request: waits between them, and says when they are enough.

    Args:
        patience: how long the request may take.
        stop: ends the waits.
        stream: whose request it is, for the log.
    """

    def __init__(self, patience: Patience, stop: Stop, stream: str) -> None:
        self.stop = stop
        self.named = 0.0
        """Seconds waited because the server named a time."""
        self._patience = patience
        self._stream = stream
        self._count = 0
        self._began = waiting.monotonic()

    @property
    def remaining(self) -> float:
        """Seconds left before the request is given up."""
        return self._patience.failing - (waiting.monotonic() - self._began)

    def wait(self, reason: str, named: float | None = None) -> None:
        """Wait before the next attempt.

        It is the longer of the server's time and our own. What is beyond the server's time counts as failing. So a
        server that always names short times has an end too.

        Args:
            reason: what failed, for the log: no value of the answer.
            named: seconds that the server asks to wait.

        Raises:
            GaveUpError: the request is to be given up. Nothing was waited for.
            Stopped: the work is not wanted any more.
        """
        backoff = min(2.0**self._count, LONGEST_WAIT)
        self._count = min(self._count + 1, 10)
        allowed = 0.0
        if named is None:
            seconds = backoff * waiting.jitter()
        else:
            # A little more than asked, so that a clock that differs by a fraction does not cost another refusal.
            margin = waiting.jitter() / 2
            asked = min(named, LONGEST_NAMED_WAIT) + margin
            seconds = max(asked, backoff + margin)
            if self.named + asked <= self._patience.named:
                allowed = asked
        if seconds - allowed >= self.remaining:
            raise GaveUpError(reason)
        self.named += allowed
        self.excuse(allowed)
        LOGGER.info("Stream %s: %s. Trying again in %.1f seconds.", self._stream, reason, seconds)
        waiting.sleep(seconds, self.stop)
        self.stop.check()

    @contextmanager
    def ended_by(self, stop: Stop) -> Iterator[None]:
        """Let the work within the block be ended by another stop alone."""
        before, self.stop = self.stop, stop
        try:
            yield
        finally:
            self.stop = before

    def excuse(self, seconds: float) -> None:
        """Do not count that many seconds as failing."""
        self._began += seconds

    @contextmanager
    def excused(self) -> Iterator[None]:
        """Do not count the time within the block as failing."""
        before = waiting.monotonic()
        try:
            yield
        finally:
            self.excuse(waiting.monotonic() - before)
