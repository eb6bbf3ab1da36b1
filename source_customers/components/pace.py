"""Keeps a documented rate by pacing, so that the API never has to refuse."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import InitVar, dataclass
from logging import getLogger
from typing import Any

from airbyte_cdk.sources.declarative.interpolation.interpolated_string import InterpolatedString

from source_customers.components import waiting

LOGGER = getLogger("airbyte.source-customers")


@dataclass
class Pace:
    """At most so many requests in any span of time, other users of the same key counted in.

    YAML's `MovingWindowCallRatePolicy` knows only its own requests: a sync that starts right after another one runs
    into the limit. MijnKlantportaal tells on every answer how many are left, so what others used is counted as if it
    had been sent here.

        X-RateLimit-Remaining: 41

    Attributes:
        requests: how many, a number or an expression over the config.
        seconds: in how many seconds.
        remaining_header: response header with the number of requests left.
    """

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]] = None
    requests: str | int = 60
    seconds: float = 60.0
    remaining_header: str = "X-RateLimit-Remaining"

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        expression = InterpolatedString.create(str(self.requests), parameters=parameters or {})
        self._limit = int(expression.eval(self.config))
        self._in_flight = 0
        self._answered: deque[float] = deque()
        self._queue = threading.Lock()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a request may be sent; the request is made within."""
        with self._queue:
            while (wait := self._take_or_wait()) > 0:
                if wait > 1:
                    LOGGER.info(
                        "Waiting %.0f seconds: %d requests in %.0f are allowed.", wait, self._limit, self.seconds
                    )
                waiting.sleep(wait)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1
                # Counted from its answer on: when the API began to count it is not known, only that it was earlier.
                self._answered.append(waiting.monotonic())

    def learn(self, headers: Mapping[str, str]) -> None:
        """Count what an answer says that others have used.

        Args:
            headers: the headers of an answer, read whatever their case.
        """
        remaining = headers.get(self.remaining_header, "")
        if remaining.isdigit():
            with self._lock:
                self._forget()
                used = self._limit - int(remaining)
                by_others = used - len(self._answered) - self._in_flight
                self._answered.extend([waiting.monotonic()] * by_others)

    def _take_or_wait(self) -> float:
        """Take a place and return 0, or return the seconds after which to ask again."""
        with self._lock:
            self._forget()
            if len(self._answered) + self._in_flight < self._limit:
                self._in_flight += 1
                return 0.0
            # With nothing but requests in flight, an answer is due; look again shortly.
            return self._answered[0] + self.seconds - waiting.monotonic() if self._answered else 0.01

    def _forget(self) -> None:
        horizon = waiting.monotonic() - self.seconds
        while self._answered and self._answered[0] <= horizon:
            self._answered.popleft()
