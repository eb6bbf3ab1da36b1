"""Requests for later pages, on their way while an earlier page is processed."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import islice
from queue import SimpleQueue

from source_customers.components.answers import Page

Fetch = Callable[[int], Page]


class Workers:
    """Threads that fetch pages.

    The standard library's pool waits for its threads when the process ends; these are daemons, so that an interrupted
    sync ends at once and not when the last request has been answered.
    """

    def __init__(self, fetch: Fetch, count: int) -> None:
        """Start as many threads."""
        self._fetch = fetch
        self._tasks: SimpleQueue[tuple[int, Future[Page]] | None] = SimpleQueue()
        self._count = count
        for number in range(count):
            threading.Thread(target=self._work, name=f"pages-{number}", daemon=True).start()

    def submit(self, position: int) -> Future[Page]:
        """Have the page at a position fetched as soon as a thread is free."""
        future: Future[Page] = Future()
        self._tasks.put((position, future))
        return future

    def stop(self) -> None:
        """Let each thread end after what it is at."""
        for _ in range(self._count):
            self._tasks.put(None)

    def _work(self) -> None:
        while task := self._tasks.get():
            position, future = task
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._fetch(position))
                except BaseException as failure:  # noqa: BLE001  # whoever asks for the page is to see it
                    future.set_exception(failure)


class LookAhead:
    """Fetches pages in order, several at once.

    Only pages that are asked for count: one fetched for a position that turns out wrong is thrown away.
    """

    def __init__(self, fetch: Fetch, in_flight: int) -> None:
        """Take the function that fetches the page at a position, and how many requests may be in flight."""
        self._fetch = fetch
        self._in_flight = in_flight
        self._workers: Workers | None = None
        self._coming: deque[tuple[int, Future[Page]]] = deque()

    def page(self, position: int) -> Page:
        """Return the page at a position, from what is on its way or by a request now."""
        if self._coming and self._coming[0][0] == position:
            return self._coming.popleft()[1].result()
        self.forget()
        return self._fetch(position)

    def prepare(self, positions: Iterator[int], *, in_vain: int = 0, end_is_known: bool = False) -> None:
        """Send for the pages that will probably be asked for next, as far as requests may be in flight.

        Args:
            positions: the positions to come, in order, from the next one on.
            in_vain: how many requests fewer to send, where the last of them may find nothing.
            end_is_known: whether the positions end with the list. Then a quarter more pages may wait to be asked for,
                so that one slow answer does not keep the other requests back.
        """
        if self._in_flight == 1:
            return
        most = self._in_flight * 5 // 4 if end_is_known else self._in_flight - in_vain
        wanted = list(islice(positions, most))
        if [position for position, _ in self._coming] != wanted[: len(self._coming)]:
            self.forget()
        for position in wanted[len(self._coming) :]:
            self._workers = self._workers or Workers(self._fetch, self._in_flight)
            self._coming.append((position, self._workers.submit(position)))

    def forget(self) -> None:
        """Drop every request that was prepared; those already sent end unheard."""
        while self._coming:
            self._coming.popleft()[1].cancel()

    def close(self) -> None:
        """End without waiting for requests on their way."""
        self.forget()
        if self._workers:
            self._workers.stop()
