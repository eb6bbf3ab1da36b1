"""Keeps a documented rate by pacing, so that the API never has to refuse."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from typing import Any

from airbyte_cdk.sources.declarative.interpolation.interpolated_string import InterpolatedString

from source_customers.components import waiting


@dataclass
class Pace:
    """At most so many requests in any span of time, other users of the same key counted in.

    YAML's `MovingWindowCallRatePolicy` knows only its own requests: a sync that starts right after another one runs
    into the limit. MijnKlantportaal tells on every answer how many are left, so what others used is counted as if it
    had been sent here.

        X-RateLimit-Limit: 60
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
    limit_header: str = "X-RateLimit-Limit"

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        expression = InterpolatedString.create(str(self.requests), parameters=parameters or {})
        self._limit = int(expression.eval(self.config))
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait until a request may be sent, and count it."""
        with self._lock:  # held while waiting, so that requests leave in turn
            self._forget()
            while len(self._sent) >= self._limit:
                waiting.sleep(self._sent[0] + self.seconds - waiting.monotonic())
                self._forget()
            self._sent.append(waiting.monotonic())

    def learn(self, headers: Mapping[str, str]) -> None:
        """Count what an answer says that others have used.

        Args:
            headers: the headers of an answer, read whatever their case.
        """
        limit, remaining = headers.get(self.limit_header, ""), headers.get(self.remaining_header, "")
        if not (limit.isdigit() and remaining.isdigit()):
            return
        with self._lock:
            self._forget()
            # A key with a higher limit than configured leaves room; one with a lower limit must not be overrun.
            used = max(int(limit) - int(remaining), self._limit - int(remaining))
            now = waiting.monotonic()
            self._sent.extend([now] * min(used - len(self._sent), self._limit - len(self._sent)))

    def _forget(self) -> None:
        horizon = waiting.monotonic() - self.seconds
        while self._sent and self._sent[0] <= horizon:
            self._sent.popleft()
