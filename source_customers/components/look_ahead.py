"""Requests for later pages, on their way while an earlier page is processed."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from source_customers.components.answers import Page


class LookAhead:
    """Fetches pages in order, several at once.

    Only pages that are asked for count: one fetched for a position that turns out wrong is thrown away.
    """

    def __init__(self, fetch: Callable[[int], Page], in_flight: int) -> None:
        """Take the function that fetches the page at a position, and how many requests may be in flight."""
        self._fetch = fetch
        self._in_flight = in_flight
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: deque[tuple[int, Future[Page]]] = deque()

    def page(self, position: int) -> Page:
        """Return the page at a position, from what is on its way or by a request now."""
        while self._waiting:
            begun, future = self._waiting.popleft()
            if begun == position:
                return future.result()
            future.cancel()
        return self._fetch(position)

    def prepare(self, positions: Iterator[int]) -> None:
        """Send for the pages that will probably be asked for next, as far as requests may be in flight.

        Args:
            positions: the positions to come, in order, from the next one on.
        """
        if self._in_flight < 2:  # noqa: PLR2004  # one request in flight is no look-ahead
            return
        self._pool = self._pool or ThreadPoolExecutor(self._in_flight, thread_name_prefix="pages")
        on_their_way = [begun for begun, _ in self._waiting]
        for index, position in enumerate(positions):
            if index >= self._in_flight:
                return
            if index < len(on_their_way):
                if on_their_way[index] != position:
                    self.forget()
                    on_their_way = []
                else:
                    continue
            self._waiting.append((position, self._pool.submit(self._fetch, position)))

    def forget(self) -> None:
        """Drop every request that was prepared; those already sent end unheard."""
        while self._waiting:
            self._waiting.popleft()[1].cancel()

    def close(self) -> None:
        """End at once, without waiting for requests on their way."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
