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
"""Length of all answers that are on their way or wait to be processed, by the longest one of each list so far."""


def most_waiting(connection: Connection, heaviest: int, most: int | None = None) -> int:
    """Return how many answers of a list may be on their way or wait.

    Args:
        connection: shares the memory out among the lists that are being read.
        heaviest: length of the list's longest answer so far, in bytes.
        most: how many are wanted at most. None where all of them are known to be there: then a quarter more than the
            connection's bound may wait, so that one slow answer holds no other back.
    """
    bound = connection.concurrency
    wanted = bound * 5 // 4 if most is None else min(most, bound)
    return max(1, min(wanted, MOST_WAITING_BYTES // max(connection.lists, 1) // max(heaviest, 1)))


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
        """Take a page that was fetched before, and will be asked for next."""
        future: Future[Page] = Future()
        future.set_result(page)
        self._coming.appendleft((position, future))

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

    def prepare(self, positions: Iterator[int], read: int | None) -> None:
        """Send for the pages that will probably be asked for next.

        Where nothing tells how many there are, as many are sent for as were read, and one more: so their number doubles
        with each answer, and fewer are in vain than the list has pages. Where the provider limits the rate, that one is
        left out: a request in vain takes another one's turn.

        Args:
            positions: the positions to come, in order.
            read: how many pages of the list were read. None where the positions end with the list.
        """
        if self._connection.concurrency == 1:
            return
        most = read if read is None or self._connection.is_paced else read + 1
        wanted = list(islice(positions, most_waiting(self._connection, self._heaviest, most)))
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
