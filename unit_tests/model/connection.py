"""Stands in for a connection: the server's answers, its clock, and workers that answer late."""

import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson

from source_customers.connection.answers import UnexpectedAnswerError
from source_customers.failures import transient_error
from unit_tests.model.activity import Activity
from unit_tests.model.server import Server
from unit_tests.model.workers import LateWorkers

Answer = TypeVar("Answer")

_MOST_ATTEMPTS = 4
_WAIT = 5.0


class TooManyRequestsError(AssertionError):
    """The reader sent more requests than a list of this length can need."""


@dataclass
class ModelClock:
    """The API's clock as a connection knows it: its first `Date`, then elapsed time."""

    activity: Activity
    _ahead: Any = None

    def now(self) -> datetime | None:
        return None if self._ahead is None else self.activity.table.now - self._ahead

    def note(self, sent: datetime) -> None:
        """Take the `Date` of an answer that was sent at this moment and has just arrived."""
        if self._ahead is None:
            self._ahead = self.activity.table.now - sent.replace(microsecond=0)


class ModelConnection:
    """Answers requests from a server whose rows change before, during and after each of them."""

    def __init__(
        self, server: Server, activity: Activity, *, concurrency: int = 1, seed: int = 0, most_requests: int = 10**9
    ) -> None:
        """Take the server, what happens meanwhile, and how many requests may be in flight.

        Args:
            server: gives the answers.
            activity: changes rows and lets time pass.
            concurrency: requests in flight.
            seed: the order in which late workers answer derives from it.
            most_requests: how many requests a reader may send before it is stopped.
        """
        self.requests = 0
        self.concurrency = concurrency
        self.is_paced = False
        self.lists = 1
        self.clock = ModelClock(activity)
        self.before_answer: Callable[[], object] = lambda: None
        self._server = server
        self._activity = activity
        self._workers = LateWorkers(concurrency, random.Random(seed))
        self._most_requests = most_requests

    def fetch(self, call: Any, read: Callable[[bytes], Answer], stop: Any) -> Answer:  # noqa: ARG002  # nothing here waits
        """Return what `read` makes of the answer; ask again for an answer that it refuses."""
        for _ in range(_MOST_ATTEMPTS):
            try:
                return read(self._request(call))
            except UnexpectedAnswerError:
                self._activity.meanwhile(_WAIT)
        raise transient_error("The model's server keeps giving an answer that the reader refuses.")

    def submit(self, task: Callable[[], Answer]) -> Future[Answer]:
        return self._workers.submit(task)

    def close(self) -> None:
        pass

    def _request(self, call: Any) -> bytes:
        self.requests += 1
        if self.requests > self._most_requests:
            raise TooManyRequestsError
        self.before_answer()
        duration = self._activity.duration()
        self._activity.meanwhile(duration / 2)
        answer = self._server.answer(call.query, self._activity.meanwhile)
        self._activity.meanwhile(duration / 4)
        sent = self._activity.table.now
        self._activity.meanwhile(duration / 4)
        self.clock.note(sent)
        return orjson.dumps(answer)
