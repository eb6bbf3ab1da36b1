"""One pass over a list, from its first page to its last, and what the pass proves."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from operator import lt
from typing import Any

from source_customers.reading.census import Census
from source_customers.reading.look_ahead import LookAhead
from source_customers.reading.page import Page, Row
from source_customers.reading.paging import Paging

_MOST_GAPS = 16
_TELLING_ROWS = 50
_A_PAGE_AND_ITS_END = 2


class Verdict(Enum):
    """What a pass over a list proves."""

    WHOLE = auto()
    """Every row that was in the list throughout the pass was delivered."""
    MOVED = auto()
    """Rows came or went in a way that may hide others."""
    SHORT = auto()
    """The list was still, and yet brought some rows twice or fewer than it announced."""
    DISORDERED = auto()
    """The list was asked for in the order of its key, and did not come so."""
    TOO_LONG = auto()
    """The list is longer than what was wanted at once. Nothing was delivered."""


class Listing:
    """Reads a list once.

    The end of a list is the server's word: no next page, or a page without further rows. Whether rows are missing
    follows from what the pages prove together:

    - A list of one page was read in one moment.
    - In the order of the key, each page begins at or before the last key delivered and its keys rise. So whatever is
      in the list after that key is on this page or on a later one, whichever rows come and go before it.
    - Pages that overlap: each page begins with a row that was delivered just as it is. So no row moved past the border
      between them. And a page has no place to spare: where a row is missing, another one comes twice.
    - A total that stays the same, and as many different keys.

    See docs/delivery.md for what each of these rests on.

    Attributes:
        total: rows in the list, by the server's word on the page that came last. None where it does not say.
        presumed: how many rows must have been added before those that were read, because these moved back. If fewer
            were added, the order is not stable.
        is_quiet: whether nothing came or went, as far as the server tells.
        last_key: key of the last row, in a list that comes in the order of its key.
        position: position of the last page.
        rows_read: rows delivered.
        verdict: what the pass proves; None until its end.
    """

    def __init__(
        self,
        paging: Paging,
        ahead: LookAhead,
        key: str,
        census: Census,
        *,
        by_key: bool = False,
        linked: bool = True,
        presumes: bool = False,
        usual: int = 0,
        most_rows: int | None = None,
        begins_longer: bool = False,
    ) -> None:
        """Take how the list is read.

        Args:
            paging: how pages are addressed.
            ahead: fetches pages.
            key: field that identifies a row.
            census: counts the keys.
            by_key: whether the list was asked for in the order of the key.
            linked: whether pages that overlap have to fit. Otherwise a total that stays the same is the proof.
            presumes: whether rows that are presumed to have been added will be looked for.
            usual: length of the longest page that the server has given in this sync, for as many rows as asked for.
            most_rows: how long the list may be. None for any length.
            begins_longer: whether the first page was asked for without the upper bound of the others. Rows that
                changed after the bound may be in that list beside those of this one.
        """
        self._paging = paging
        self._ahead = ahead
        self._key = key
        self._census = census
        self._by_key = by_key
        self._linked = linked and paging.overlap > 0
        self._presumes = presumes
        self._usual = usual
        self._most_rows = most_rows
        self._begins_longer = begins_longer
        self._start = paging.first
        self._distance = 0
        self._gaps = 0
        self._furthest = -1
        self._asked_again = False
        self._longest = 0
        self._places = 0
        self._positions: dict[int, int] = {}
        # The last two pages, and the position of the last one that had rows. A page that begins with one of their rows,
        # just as it was, leaves no gap; a row that has changed since may have moved.
        self._before: list[Row] = []
        self._previous: list[Row] = []
        self._behind = paging.first
        self._size: int | None = None
        self._given: dict[Any, Row] = {}
        self._promised = False
        self.total: int | None = None
        self.rows_read = 0
        self.pages_read = 0
        self.presumed = 0
        self.is_quiet = True
        self.last_key: Any = None
        self.position = paging.first
        self.verdict: Verdict | None = None

    def resume(self, position: int, last_key: Any, rows_read: int) -> None:
        """Go on at a position, after a key up to which another sync read the list, and how many rows that were."""
        self._start = self.position = position
        self.last_key = last_key
        self.rows_read = rows_read

    @property
    def longest(self) -> int:
        """Length of the longest page of this pass."""
        return self._longest

    @property
    def is_atomic(self) -> bool:
        """Whether the whole list came in one answer.

        Without a word about the end, a second answer tells it. The first one was not cut off if the server has given
        longer ones.
        """
        ends_on_the_next = self.pages_read == _A_PAGE_AND_ITS_END and 0 < self.rows_read == self._longest < self._usual
        is_one_page = self.pages_read == 1 or ends_on_the_next
        return is_one_page and self.verdict is Verdict.WHOLE and self._start == self._paging.first

    def pages(self) -> Iterator[Page]:
        """Yield the pages with the rows that were not yet delivered; then `verdict` is set.

        Raises:
            AirbyteTracedException: a page could not be had.
        """
        try:
            while self.verdict is None:
                page = self._ahead.page(self.position)
                if self._began_longer(page):
                    self._begin_again(page)
                    continue
                went_back = self._distance > 0
                new = self._new(page)
                if new is None or self.verdict is not None:
                    continue
                yield from [new] if new.rows else []
                if self._is_last(page, new, went_back=went_back):
                    self.verdict = self._judge(page)
                    return
                self._prepare(page)
                self.position = self._paging.following(self.position, page)
        finally:
            self._ahead.forget()

    def _new(self, page: Page) -> Page | None:
        """Accept a page and return what is new on it; None where another one has to be asked for, or none at all."""
        if self._disagrees(page):
            self.verdict = Verdict.MOVED
            return None
        if (
            not self.pages_read
            and self._most_rows is not None
            and (page.total or 0) > max(self._most_rows, len(page.rows))
        ):
            self.verdict, self.total = Verdict.TOO_LONG, page.total
            return None
        new = self._in_order(page) if self._by_key else self._unknown(page)
        if self.verdict is not None:
            return None
        if new is None:
            self._step_back()
            return None
        if not self._by_key and self._is_repeated(page):
            return None
        self._accept(page, new)
        given, self._given = self._given, {}
        return new.only(given.get(row[self._key]) != row for row in new.rows) if given else new

    def _began_longer(self, page: Page) -> bool:
        """Return whether the list that the first page is of had rows that are not in the one of the second page.

        While the totals are the same, the lists are: rows may leave this one, and none comes into it. Without a total
        nothing tells.
        """
        return self._begins_longer and self.pages_read == 1 and (page.total is None or page.total != self.total)

    def _begin_again(self, second: Page) -> None:
        """Ask for this list's own first page, which comes next.

        Args:
            second: the page that came after the first one. It is this list's own, and is kept.
        """
        self._begins_longer = False
        self._ahead.offer(self.position, second)
        self.position = self._paging.first
        self._ahead.offer(self.position, self._ahead.again(self.position))
        self._given = {row[self._key]: row for row in self._previous}
        self._before, self._previous, self.last_key = [], [], None
        self.pages_read = self.rows_read = self._places = 0

    def _is_last(self, page: Page, new: Page, *, went_back: bool) -> bool:
        """Return whether the list ends with a page: by the server's word, or because nothing follows on it."""
        if page.more is not None:
            return not page.more or not page.rows
        brings_nothing = not new.rows and len(page.rows) <= self._paging.overlap < len(self._before)
        return not page.rows or (brings_nothing and not went_back)

    def _disagrees(self, page: Page) -> bool:
        """Return whether the server speaks of another list than before."""
        if not self.pages_read:
            return False
        if page.total != self.total:
            self.is_quiet = False
            if not self._linked and not self._by_key:
                return True
        # A server that changes its page size on the way gives the same number to other rows.
        if page.size != self._size:
            return True
        return page.first is not None and not self._paging.overlap and page.first != self._places + 1

    def _in_order(self, page: Page) -> Page | None:
        """Return the rows after the last key; None where rows before them may be missing."""
        if page.more is False and self.last_key is None and self.position == self._paging.first:
            return page  # the whole list in one moment, in whichever order
        keys = [row[self._key] for row in page.rows]
        if not _rise(keys, self.last_key) or self._goes_back(keys):
            self.verdict = Verdict.DISORDERED
            return None
        if self.position == self._paging.first or (keys and self.last_key is not None and keys[0] <= self.last_key):
            return page if self.last_key is None else page.after(bisect_right(keys, self.last_key))
        return page if self._follows_closely(page) else None

    def _goes_back(self, keys: Sequence[Any]) -> bool:
        """Return whether the key of a single row is before the last one, where nobody went back.

        Within a longer page the keys would show that they do not rise. Here it may be a row that came before, or one of
        another order.
        """
        is_single = len(keys) == 1 and len(self._previous) <= 1 and not self._distance
        return is_single and self.last_key is not None and keys[0] < self.last_key

    def _unknown(self, page: Page) -> Page | None:
        """Return the rows that were not delivered; None where a row may have slipped past between two pages."""
        if self.position == self._paging.first:
            return page
        if self._paging.overlap and page.rows and page.rows[0] == self._previous[-1] and len(self._previous) > 1:
            return page.after(1)
        if not self._linked:
            return page
        known = {row[self._key]: row for row in [*self._before, *self._previous]}
        if page.rows and known.get(page.rows[0][self._key]) == page.rows[0]:
            # Rows that were delivered and come again in their order are left out; in another order, others are missing.
            keys = list(known)
            again = len(keys) - keys.index(page.rows[0][self._key])
            count = _length_in_order([row[self._key] for row in page.rows], keys)
            if not self._distance:
                if count < min(again, len(page.rows)) or (again > 1 and not self._moved_back(keys, again - 1)):
                    return None
                self.presumed += again - 1
            return page.only(n >= count or known[row[self._key]] != row for n, row in enumerate(page.rows))
        return page if self._follows_closely(page) else None

    def _moved_back(self, keys: Sequence[Any], places: int) -> bool:
        """Return whether the rows delivered last have moved back by so many places, or more since then.

        Rows that were added before them move them, and a look at the page before shows it. If that page is just as it
        was, equals come in another order on each page. Then no page tells what is on another one, and the pass ends.

        Args:
            keys: keys of the last two pages, as they were delivered.
            places: how far they must have moved.
        """
        page = self._ahead.again(self._behind)
        if page.rows == self._previous:
            self.verdict = Verdict.MOVED
        ordinals = {key: place for place, key in enumerate(keys)}
        seen = [ordinals.get(row[self._key]) for row in page.rows]
        known = [place for place in seen if place is not None]
        return bool(known) and seen[-1] == known[-1] < len(keys) - places and _rise(known, None)

    def _follows_closely(self, page: Page) -> bool:
        """Return whether a page comes right after one of a single row, which no page can repeat.

        The page may have been asked for before that row was seen. So it is asked for again, and then the row.
        """
        if len(self._previous) != 1 or self._distance:
            return False
        if self._ahead.again(self.position).rows != page.rows:
            return False
        before = self._ahead.again(self.position - 1).rows
        return bool(before) and before[0] == self._previous[0]

    def _is_repeated(self, page: Page) -> bool:
        """Ask once more for a page that brings the very rows of one that was delivered from another position."""
        mark = hash(tuple(row[self._key] for row in page.rows))
        if not page.rows or self._positions.setdefault(mark, self.position) == self.position:
            self._asked_again = False
            return False
        if self._asked_again:
            self.verdict = Verdict.MOVED
        self._asked_again = True
        self._ahead.forget()
        return True

    def _step_back(self) -> None:
        """Go back to a page that was delivered before the rows moved."""
        self.is_quiet = False
        self._ahead.forget()
        if self.position > self._furthest:
            self._furthest, self._gaps = self.position, 0
        self._gaps += 1
        if self._gaps > _MOST_GAPS:
            self.verdict = Verdict.MOVED
            return
        self._distance = max(2 * self._distance, len(self._previous), 1)
        self.position = max(self._paging.first, self.position - self._distance)
        if self.position == self._paging.first and not self._by_key:
            self._census.clear()
            self.rows_read = 0
        self._positions = {mark: position for mark, position in self._positions.items() if position < self.position}

    def _accept(self, page: Page, new: Page) -> None:
        self.pages_read += 1
        self._longest = max(self._longest, len(page.rows))
        self._places += len(page.rows)
        self.total, self._size, self._distance = page.total, page.size, 0
        self._promised = page.more is True or (self._promised and not page.rows)
        if page.rows:
            self._behind = self.position
        self._before, self._previous = self._previous, page.rows or self._previous
        self.rows_read += len(new.rows)
        if self._by_key:
            if new.rows:
                self.last_key, self._gaps = new.rows[-1][self._key], 0
        elif page.total is None and new.moments:
            # A row that changes may move, and come twice for this reason; but not with the same change time.
            self._census.add((row[self._key], moment) for row, moment in zip(new.rows, new.moments, strict=True))
        else:
            self._census.add(row[self._key] for row in new.rows)

    def _prepare(self, page: Page) -> None:
        """Send for pages to come: all that are known to be there, else about as many as were read so far."""
        is_full = len(page.rows) >= max(self._paging.size, self._longest)
        if page.total is not None:
            self._ahead.prepare(self._paging.ahead(self.position, page), None)
        elif page.more or is_full:
            self._ahead.prepare(self._paging.ahead(self.position, page), self.pages_read)

    def _judge(self, page: Page) -> Verdict:
        """Return what the whole pass proves."""
        if not page.rows and self._promised and not self._keeps_its_word():
            return Verdict.MOVED
        if self.pages_read == 1 and self._start == self._paging.first:
            return Verdict.WHOLE if page.total is None or page.total <= self.rows_read else Verdict.SHORT
        if self._by_key:
            return self._judge_order(page)
        if self.presumed and not self._presumes:
            return Verdict.MOVED
        if page.total is not None and self.is_quiet:
            return Verdict.WHOLE if self._census.counted(page.total) == page.total else Verdict.SHORT
        return Verdict.WHOLE if self._census.distinct == len(self._census) else Verdict.SHORT

    def _keeps_its_word(self) -> bool:
        """Return whether a page that promised another one is still as it was, although the other one is empty.

        The other one may have been empty by mistake: it is asked for again.
        """
        if self._paging.overlap:
            return True
        if self._ahead.again(self.position).rows:
            return False
        again = self._ahead.again(self.position - 1).rows
        return [row[self._key] for row in again] == [row[self._key] for row in self._previous]

    def _judge_order(self, page: Page) -> Verdict:
        if page.total is None:
            return Verdict.WHOLE
        if self.is_quiet:
            was_resumed = self._start != self._paging.first
            is_whole = self.rows_read >= page.total if was_resumed else self.rows_read == page.total
            return Verdict.WHOLE if is_whole else Verdict.SHORT
        # A few rows may rise by chance in an order that is not the key's.
        return Verdict.WHOLE if self.rows_read >= _TELLING_ROWS else Verdict.MOVED


def _rise(keys: Sequence[Any], last_key: Any) -> bool:
    """Return whether keys rise strictly, and are of the kind of the last one before them."""
    kinds = {*map(type, keys), *([] if last_key is None else [type(last_key)])}
    return len(kinds) <= 1 and all(map(lt, keys, keys[1:]))


def _length_in_order(keys: Sequence[Any], known: Sequence[Any]) -> int:
    """Return how many of the first keys are known, in the order in which they are."""
    places = {key: place for place, key in enumerate(known)}
    last = -1
    for count, key in enumerate(keys):
        place = places.get(key, -1)
        if place <= last:
            return count
        last = place
    return len(keys)
