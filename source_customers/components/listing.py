"""Reads one list from its first page to its last, and notices when rows move between its pages."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from source_customers.components.answers import Page, Row
from source_customers.components.failures import transient_error
from source_customers.components.look_ahead import LookAhead
from source_customers.components.paging import Paging

_MOST_STEPS_BACK = 100
_MOST_RESTARTS = 2


class Listing:
    """One read of a list.

    The end is the server's word: no next page, or a page without further rows where it says nothing of the kind. Two
    signs tell that rows have moved to pages already read: a smaller total than on the page before, and, where pages
    overlap, a first row that is not the last row of the page before. Then earlier pages are read again, further and
    further back, until the new page begins with a row already delivered. Rows read twice carry the same key.
    """

    def __init__(self, name: str, paging: Paging, fetch: Callable[[int], Page], in_flight: int, key: str) -> None:
        """Take the stream's name, how its pages are addressed and fetched, and the field that identifies a row."""
        self._name = name
        self._paging = paging
        self._key = key
        self._ahead = LookAhead(fetch, in_flight)
        self._begin()
        self._steps_back = 0
        self._restarts = 0
        self._repeats = 0

    def pages(self) -> Iterator[Page]:
        """Yield the pages that have rows, in order.

        Raises:
            AirbyteTracedException: a page could not be had, or the list could not be read without a gap.
        """
        try:
            yield from self._read()
        finally:
            self._ahead.close()

    def _begin(self) -> None:
        self._position = self._paging.first
        self._distance = 0
        self._lengths: dict[int, int] = {}
        self._total: int | None = None
        # The keys of the last two pages delivered: a page that overlaps them leaves no gap.
        self._before: list[Any] = []
        self._previous: list[Any] = []
        self._last_row: Row | None = None

    def _read(self) -> Iterator[Page]:
        while True:
            page = self._ahead.page(self._position)
            keys = [row[self._key] for row in page.rows]
            if keys and keys == self._previous and not self._distance:
                self._ask_again()
            elif not self._follows(page, keys):
                self._step_back(page)
            elif len(keys) > self._overlap():
                new_rows = page.rows[self._repeated_rows(page) :]
                self._accept(page, keys)
                yield replace(page, rows=new_rows)
                if page.more is False and self._is_whole(page):
                    return
            elif self._is_whole(page):
                return

    def _follows(self, page: Page, keys: list[Any]) -> bool:
        """Return whether no row can have slipped past between the pages delivered and this one."""
        if self._position == self._paging.first:
            return True
        if not self._overlap():
            return self._total is None or page.total is None or page.total >= self._total
        expected = chain(self._before, self._previous) if self._distance else self._previous[-1:]
        return bool(keys) and keys[0] in set(expected)

    def _repeated_rows(self, page: Page) -> int:
        """Return how many rows at the page's beginning were delivered just as they are."""
        return 1 if self._last_row is not None and page.rows[0] == self._last_row else 0

    def _overlap(self) -> int:
        """Return how many rows of the previous page this one should repeat."""
        return self._paging.overlap if len(self._previous) > self._paging.overlap else 0

    def _accept(self, page: Page, keys: list[Any]) -> None:
        was_full = len(keys) >= max(self._paging.asked_size, 1) or len(keys) >= len(self._previous) > 0
        self._lengths[self._position] = len(keys)
        self._before, self._previous, self._last_row = self._previous, keys, page.rows[-1]
        self._total, self._distance, self._repeats = page.total, 0, 0
        if page.more or (page.more is None and was_full):
            self._ahead.prepare(self._paging.ahead(self._position, page))
        self._position = self._paging.following(self._position, page)

    def _is_whole(self, page: Page) -> bool:
        """Return whether the list that has ended is as long as announced; otherwise begin again."""
        if page.total is None or self._paging.rows_read(self._lengths) >= page.total:
            return True
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise transient_error(
                f"Stream {self._name} could not be read: the list ended before the number of rows that the API had "
                "announced. Try the sync again later."
            )
        self._ahead.forget()
        self._begin()
        return False

    def _step_back(self, page: Page) -> None:
        """Go back to a page that was delivered before the rows moved."""
        self._steps_back += 1
        if self._steps_back > _MOST_STEPS_BACK:
            raise transient_error(
                f"Stream {self._name} could not be read: its rows kept moving while it was read. "
                "Try the sync again at a quieter time."
            )
        self._ahead.forget()
        if self._overlap():
            self._distance = max(2 * self._distance, len(self._previous))
        else:
            self._distance = (self._total or 0) - (page.total or 0)
            self._total = page.total
        self._position = self._paging.back(self._position, self._distance, max(self._lengths.values()))
        self._lengths = {at: length for at, length in self._lengths.items() if at < self._position}

    def _ask_again(self) -> None:
        """Ask once more for a page that brought the same rows as the one before it."""
        self._repeats += 1
        if self._repeats > 1:
            raise transient_error(
                f"Stream {self._name} could not be read: the API gave the same page again for the next one. "
                "Try the sync again later."
            )
        self._ahead.forget()
