"""Reads one list from its first page to its last, and notices when rows move between its pages."""

from collections.abc import Callable, Iterator
from dataclasses import replace

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
        # The last two pages delivered. A page that begins with one of their rows, just as it was, leaves no gap; a row
        # that has changed since may have moved.
        self._before: list[Row] = []
        self._previous: list[Row] = []
        self._previous_position = -1

    def _read(self) -> Iterator[Page]:
        while True:
            page = self._ahead.page(self._position)
            self._note_repeat(page)
            if not self._follows(page):
                self._step_back(page)
            elif len(page.rows) > self._overlap():
                is_repeated = self._overlap() and page.rows[0] == self._previous[-1]
                self._accept(page)
                yield replace(page, rows=page.rows[1:]) if is_repeated else page
                if page.more is False and self._is_whole(page):
                    return
            elif self._is_whole(page):
                return

    def _follows(self, page: Page) -> bool:
        """Return whether no row can have slipped past between the pages delivered and this one."""
        if self._position == self._paging.first:
            return True
        if not self._overlap():
            return self._total is None or page.total is None or page.total >= self._total
        expected = self._before + self._previous if self._distance else self._previous[-1:]
        return bool(page.rows) and page.rows[0] in expected

    def _overlap(self) -> int:
        """Return how many rows of the previous page this one should repeat."""
        return self._paging.overlap if len(self._previous) > self._paging.overlap else 0

    def _accept(self, page: Page) -> None:
        length = len(page.rows)
        was_full = length >= max(self._paging.asked_size, 1) or length >= len(self._previous) > 0
        self._repeats = self._repeats if self._is_same(page) else 0
        self._lengths[self._position] = length
        self._before, self._previous, self._previous_position = self._previous, page.rows, self._position
        self._total, self._distance = page.total, 0
        if page.more or (page.more is None and was_full):
            self._ahead.prepare(self._paging.ahead(self._position, page))
        self._position = self._paging.following(self._position, page)

    def _is_same(self, page: Page) -> bool:
        """Return whether a page brings the rows of the one before it."""
        return [row[self._key] for row in page.rows] == [row[self._key] for row in self._previous]

    def _note_repeat(self, page: Page) -> None:
        """Refuse to go on when the API answers every position with the same page.

        Once is allowed: as many rows as a page holds may have been added in front.
        """
        if not page.rows or self._position == self._previous_position or not self._is_same(page):
            return
        self._repeats += 1
        if self._repeats > 1:
            raise transient_error(
                f"Stream {self._name} could not be read: the API gives the same page again and again. "
                "Try the sync again later."
            )

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
