"""Reads one list from its first page to its last, and notices when rows move between its pages."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import itemgetter

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
        self._key_of = itemgetter(key)
        self._ahead = LookAhead(fetch, in_flight)
        self._steps_back = 0
        self._restarts = 0
        self._repeats = 0
        self._begin()

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
        self._total: int | None = None
        self._size: int | None = None
        # What was delivered: the number of rows at each position, and the position of each fingerprint of their keys.
        self._lengths: dict[int, int] = {}
        self._positions: dict[int, int] = {}
        # The last two pages delivered. A page that begins with one of their rows, just as it was, leaves no gap; a row
        # that has changed since may have moved.
        self._before: list[Row] = []
        self._previous: list[Row] = []

    def _read(self) -> Iterator[Page]:
        while True:
            page = self._ahead.page(self._position)
            if self._is_repeated(page):
                self._ask_again()
            elif not self._follows(page):
                self._step_back(page)
            elif not self._continues(page):
                self._begin_again()
            elif len(page.rows) > self._overlap():
                is_known = self._overlap() and page.rows[0] == self._previous[-1]
                self._accept(page)
                yield replace(page, rows=page.rows[1:]) if is_known else page
                if page.more is False and self._is_whole(page):
                    return
            elif self._is_whole(page):
                return

    def _overlap(self) -> int:
        """Return how many rows of the previous page this one should repeat."""
        return self._paging.overlap if len(self._previous) > self._paging.overlap else 0

    def _is_repeated(self, page: Page) -> bool:
        """Return whether a page brings the very rows of one that was delivered from another position."""
        return bool(page.rows) and self._fingerprint(page) in self._positions

    def _fingerprint(self, page: Page) -> int:
        return hash(tuple(map(self._key_of, page.rows)))

    def _follows(self, page: Page) -> bool:
        """Return whether no row can have slipped past between the pages delivered and this one."""
        if self._position == self._paging.first:
            return True
        if not self._overlap():
            return self._total is None or page.total is None or page.total >= self._total
        expected = self._before + self._previous if self._distance else self._previous[-1:]
        return bool(page.rows) and page.rows[0] in expected

    def _continues(self, page: Page) -> bool:
        """Return whether the page begins where the one before it ended.

        A server that changes its page size on the way gives the same number to other rows.
        """
        if page.size != self._size and self._lengths:
            return False
        return page.first is None or page.first == self._paging.rows_read(self._lengths) + 1

    def _accept(self, page: Page) -> None:
        length = len(page.rows)
        was_full = length >= max(self._paging.asked_size, 1) or length >= len(self._previous) > 0
        self._lengths[self._position] = length
        self._positions[self._fingerprint(page)] = self._position
        self._before, self._previous = self._previous, page.rows
        self._total, self._size, self._distance, self._repeats = page.total, page.size, 0, 0
        if page.more or (page.more is None and was_full):
            # Where the server does not say that a page follows, the request that finds the end is one of those allowed.
            positions = self._paging.ahead(self._position, page)
            self._ahead.prepare(positions, in_vain=int(page.more is None), end_is_known=page.total is not None)
        self._position = self._paging.following(self._position, page)

    def _ask_again(self) -> None:
        """Ask once more for a page that brought rows of another one."""
        self._repeats += 1
        if self._repeats > 1:
            raise transient_error(
                f"Stream {self._name} could not be read: the API gives the same page for two positions. "
                "Try the sync again later."
            )
        self._ahead.forget()

    def _is_whole(self, page: Page) -> bool:
        """Return whether the list that has ended is as long as announced; otherwise begin again."""
        if page.total is None or self._paging.rows_read(self._lengths) >= page.total:
            return True
        self._begin_again()
        return False

    def _begin_again(self) -> None:
        """Read the list from its first page: the pages so far do not add up to what the API says about them."""
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise transient_error(
                f"Stream {self._name} could not be read: the API announces another number of rows than it gives. "
                "Try the sync again later."
            )
        self._ahead.forget()
        self._begin()

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
        self._lengths = {position: length for position, length in self._lengths.items() if position < self._position}
        self._positions = {mark: position for mark, position in self._positions.items() if position < self._position}
