"""Keeps a documented rate by pacing, so that the API never has to refuse."""

import threading
from collections import deque
from collections.abc import Mapping
from logging import getLogger

from source_customers import waiting
from source_customers.connection.stop import Stop
from source_customers.connection.waits import whole_number

LOGGER = getLogger("airbyte.source-customers")


class Pace:
    """At most so many requests in any span of time, other users of the same key counted in.

    A request holds its place while it is in flight, and for the whole span after its answer: when the API counted it
    is not known, only that it was between the two. An API may tell on every answer how many requests are left:

        X-RateLimit-Remaining: 41

    What others used is then counted as if it had been sent here.

    Args:
        limit: how many requests.
        seconds: length of the span.
        remaining_header: response header with the number of requests left; empty where there is none.
    """

    def __init__(self, limit: int, seconds: float, remaining_header: str = "") -> None:
        self._limit = limit
        self._seconds = seconds
        self._remaining_header = remaining_header
        self._in_flight = 0
        # When places were used, and how many at that moment. They are free again a span later.
        self._used: deque[tuple[float, int]] = deque()
        self._used_count = 0
        self._changed = threading.Condition()
        self._told_until = float("-inf")

    def take(self, stop: Stop) -> None:
        """Wait until a request may be sent, and take its place. `give_back` has to follow.

        Raises:
            Stopped: the work is not wanted any more. No place was taken.
        """
        stop.check()
        while wait := self._take_or_wait():
            if wait == float("inf"):
                # Every place is in flight: one of them has to be answered first.
                stop.wait_for(self._changed, lambda: bool(self._used) or self._in_flight < self._limit)
            else:
                self._tell(wait)
                waiting.sleep(wait, stop)
            stop.check()

    def give_back(self, headers: Mapping[str, str] | None) -> None:
        """Note that a request was answered or has failed.

        Args:
            headers: headers of its answer, read whatever their case; None where there was none.
        """
        with self._changed:
            now = waiting.monotonic()
            self._forget(now)
            self._in_flight -= 1
            self._use(now, 1 + self._by_others(headers or {}))
            self._changed.notify_all()

    def _by_others(self, headers: Mapping[str, str]) -> int:
        """Return how many requests the API counts that were not sent here. The one that was answered is."""
        text = headers.get(self._remaining_header, "").strip() if self._remaining_header else ""
        remaining = 0 if text.startswith("-") and whole_number(text[1:]) is not None else whole_number(text)
        if remaining is None:
            return 0
        return max(self._limit - remaining - self._used_count - self._in_flight - 1, 0)

    def _take_or_wait(self) -> float:
        """Take a place and return 0, or return the seconds after which to ask again.

        The clock is looked at once: between two looks, a place could become free and be counted twice.
        """
        with self._changed:
            now = waiting.monotonic()
            self._forget(now)
            if self._used_count + self._in_flight < self._limit:
                self._in_flight += 1
                return 0.0
            if not self._used:
                return float("inf")
            # Never 0, which would mean that a place was taken.
            return max(self._used[0][0] + self._seconds - now, 0.001)

    def _use(self, now: float, count: int) -> None:
        self._used.append((now, count))
        self._used_count += count

    def _forget(self, now: float) -> None:
        while self._used and self._used[0][0] + self._seconds <= now:
            self._used_count -= self._used.popleft()[1]

    def _tell(self, wait: float) -> None:
        """Log a wait, once for all requests that wait for the same moment."""
        now = waiting.monotonic()
        if wait > 1 and now >= self._told_until:
            self._told_until = now + wait
            LOGGER.info("Waiting %.0f seconds: %d requests in %.0f are allowed.", wait, self._limit, self._seconds)
