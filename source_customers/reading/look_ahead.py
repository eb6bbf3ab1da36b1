"""Requests for later pages, on their way while an earlier page is processed."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import islice

from source_customers.connection.connection import Connection
from source_customers.connection.stop import Stop
from source_customers.reading.page import Page

Fetch = Callable[[int, Stop], Page]

MOST_WAITING_BYTES = 6 << 20
"""Length of all answers of a list that are on their way or wait to be processed, by the longest one so far."""


class LookAhead:
    """Fetches the pages of one list in order, several at once.

    Only pages that are asked for count: one that was fetched for a position that turns out wrong is thrown away.
    """

    def __init__(self, connection: Connection, fetch: Fetch, parent: Stop) -> None:
        """Take the connection, the function that fetches the page at a position, and the stream's own stop."""
        self._connection = connection
        self._fetch = fetch
        self._parent = parent
        self._stop = Stop(parent=parent)
        self._coming: deque[tuple[int, Future[Page]]] = deque()
        self._heaviest = 1

    def offer(self, position: int, page: Page) -> None:
        """Take a page that was fetched before."""
        future: Future[Page] = Future()
        future.set_result(page)
        self._coming.append((position, future))

    def page(self, position: int) -> Page:
        """Return the page at a position, from what is on its way or by a request now."""
        if not self._coming or self._coming[0][0] != position:
            self.forget()
            self._send(position)
        page = self._coming.popleft()[1].result()
        self._heaviest = max(self._heaviest, page.weight)
        return page

    def again(self, position: int) -> Page:
        """Return the page at a position by a request of its own, and keep what is on its way."""
        return self._connection.submit(lambda: self._fetch(position, self._parent)).result()

    def prepare(self, positions: Iterator[int], most: int | None) -> None:
        """Send for the pages that will probably be asked for next.

        Args:
            positions: the positions to come, in order.
            most: how many pages may be on their way or wait. None where the positions end with the list: then a
                quarter more than the connection's bound may wait, so that one slow answer holds no other back.
        """
        bound = self._connection.concurrency
        allowed = bound * 5 // 4 if most is None else min(most, bound)
        if bound == 1:
            return
        wanted = list(islice(positions, max(1, min(allowed, MOST_WAITING_BYTES // self._heaviest))))
        if [position for position, _ in self._coming] != wanted[: len(self._coming)]:
            if [position for position, _ in islice(self._coming, len(wanted))] == wanted:
                return
            self.forget()
        for position in wanted[len(self._coming) :]:
            self._send(position)

    def forget(self) -> None:
        """Drop every request that was prepared. Those that wait to be tried again end at once."""
        if self._coming:
            self._stop.set()
            self._stop = Stop(parent=self._parent)
        while self._coming:
            self._coming.popleft()[1].cancel()

    def _send(self, position: int) -> None:
        stop = self._stop
        self._coming.append((position, self._connection.submit(lambda: self._fetch(position, stop))))
