"""Makes the passes over a list: with which pages, in which order, and from where."""

from dataclasses import replace
from datetime import datetime
from itertools import chain

from source_customers.connection.connection import Connection
from source_customers.connection.stop import Stop
from source_customers.reading.api_list import ApiList
from source_customers.reading.census import Census
from source_customers.reading.cursor import Cursor
from source_customers.reading.listing import Listing, Verdict
from source_customers.reading.look_ahead import LookAhead
from source_customers.reading.page import Page

Part = tuple[datetime | None, datetime | None]
"""The first and the last moment of what is read; None for one that is not asked for."""

_LARGEST_PAGE = 1000


class Passes:
    """The passes over one list in one sync.

    Attributes:
        latest: the latest pass.
        part: what it reads.
    """

    def __init__(self, api: ApiList, connection: Connection, stop: Stop, cursor: Cursor | None = None) -> None:
        """Take the list, the connection, what ends the sync, and what reads the change times."""
        self._api = api
        self._connection = connection
        self._stop = stop
        self._cursor = cursor
        self._opening: Page | None = None
        self._opened: Part | None = None
        # A page of the list, which tells how long pages are.
        self._sample: Page | None = None
        self._asked = self._usual = 0
        self._is_sorted = api.settings.sorted_by_key
        self.latest: Listing | None = None
        self.part: Part = (None, None)

    @property
    def by_key(self) -> bool:
        """Whether the list is asked for in the order of its key, and has come so until now."""
        if self.latest and self.latest.verdict is Verdict.DISORDERED:
            self._is_sorted = False
        return self._is_sorted

    def open(self, lower: datetime | None, upper: datetime | None = None) -> Page:
        """Return the first page of all that changed between two moments. The next pass begins with it."""
        fetch, position, size = self._api.page, self._api.paging.first, self._api.paging.size
        task = self._connection.submit(lambda: fetch(position, size, self._stop, lower, upper, self._cursor))
        self._opening = self._sample = task.result()
        self._opened = (lower, upper)
        return self._opening

    def begin_with(self, page: Page) -> None:
        """Take the first page, which was fetched before."""
        self._opening = page

    def drop_opening(self) -> None:
        """Forget the first page: the next pass begins elsewhere."""
        self._opening = None

    def over(
        self,
        part: Part,
        census: Census,
        number: int = 0,
        most_rows: int | None = None,
        rows: int | None = None,
        *,
        larger: int = 0,
    ) -> Listing:
        """Return a pass over a part of the list.

        Args:
            part: what to read.
            census: counts the keys.
            number: how many passes over these rows came before and brought some rows twice.
            most_rows: how many rows may come. None for any number; so it is in the order of the key.
            rows: how many there are, by what other parts tell. None where nothing does.
            larger: how many times to multiply the page size by four.
        """
        size = self._enlarged(larger) if larger else self._size(number)

        def fetch(position: int, stop: Stop) -> Page:
            return self._api.page(position, size, stop, *part, self._cursor)

        ahead = LookAhead(self._connection, fetch, self._stop)
        by_key = self.by_key
        opening, self._opening = self._opening, None
        is_longer = opening is not None and self._opened not in {None, part}
        if self.latest and self._asked == size:
            self._usual = max(self._usual, self.latest.longest)
        elif self._asked != size:
            self._asked, self._usual = size, 0
        self.part = part
        self.latest = Listing(
            self._api.paging,
            ahead,
            self._api.key,
            census,
            by_key=by_key,
            linked=self._api.bounds is None or not self._api.bounds.has_upper,
            presumes=self._api.bounds is not None,
            usual=self._usual,
            most_rows=None if by_key else most_rows,
            begins_longer=is_longer and by_key,
        )
        if opening and (by_key or not is_longer):
            ahead.offer(self._api.paging.first, opening)
        elif not by_key and self._sample:
            self._begin_by_total(ahead, opening or replace(self._sample, total=rows), most_rows)
        return self.latest

    def _begin_by_total(self, ahead: LookAhead, page: Page, most_rows: int | None) -> None:
        """Send for all pages, the first one among them, where a page of another list tells how many there are.

        Where they are too many, none is sent for: the pass ends with that page.
        """
        first = self._api.paging.first
        if page.total is None:
            return
        if page.total <= (most_rows or page.total):
            ahead.prepare(chain([first], self._api.paging.ahead(first, page)), None)
        elif len(page.rows) <= (most_rows or 0):
            ahead.offer(first, page)

    def _size(self, number: int) -> int:
        """Return how many rows to ask for on a page, after so many passes that brought some rows twice.

        Other pages have other borders. With a total, which shows that rows are missing, pages are a little smaller: no
        API refuses them. Without one they are larger, so that there are fewer borders.
        """
        size = self._api.paging.size
        if not size or not number:
            return size
        if self._api.settings.envelope.total:
            return max(size - number, 1 + self._api.paging.overlap)
        return self._enlarged(number)

    def _enlarged(self, times: int) -> int:
        size = self._api.paging.size
        return max(size, min(size << (2 * times), _LARGEST_PAGE)) if size else 0
