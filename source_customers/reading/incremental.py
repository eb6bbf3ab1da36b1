"""Reads what changed since a state, and again what changed while it was read."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from source_customers import waiting
from source_customers.connection.connection import Connection
from source_customers.connection.stop import Stop
from source_customers.failures import transient_error
from source_customers.moments import EPOCH
from source_customers.reading.api_list import ApiList
from source_customers.reading.census import Census
from source_customers.reading.cursor import Cursor
from source_customers.reading.listing import Verdict
from source_customers.reading.page import Page
from source_customers.reading.partial import Partial
from source_customers.reading.passes import Passes
from source_customers.reading.ranges import Ranges, kept_moving
from source_customers.reading.recent import Recent, digest
from source_customers.reading.state import State

_SETTLING = timedelta(seconds=10)
"""How long before the API's clock a moment has to be, so that no more rows get an earlier change time."""
_MARGIN = timedelta(seconds=5)
_CHECKPOINT_PAGES = 10
_MOST_ROUNDS = 10
_MOST_READS = 3


class IncrementalRead:
    """One read of a stream with a cursor: what it has delivered, and what it has still to read."""

    def __init__(self, api: ApiList, connection: Connection, stop: Stop, cursor: Cursor) -> None:
        """Take the list, the connection, what ends the sync, and the stream's cursor."""
        self._api = api
        self._clock = connection.clock
        self._stop = stop
        self._cursor = cursor
        self._recent = Recent(api.key)
        self._passes = Passes(api, connection, stop, cursor)
        self._ranges = Ranges(api.stream, self._passes.over)
        self._within: Partial | None = None
        self._was_resumed = False
        # Rows and digests of what changed since the sync began, as it was seen last.
        self._look = (0, 0)

    def items(self, partial: Partial | None) -> Iterator[Page | State]:
        """Yield the rows and the states; the last checkpoint comes again where the read fails.

        Args:
            partial: how far the sync before came within a list, if it did not finish.

        Raises:
            AirbyteTracedException: a page could not be had, or rows might be missing.
        """
        self._within = partial
        try:
            yield from self._rows(partial)
        except Exception:
            yield self._checkpoint
            raise
        self._cursor.commit()
        if self.is_full:
            self._cursor.end_full_read()
        yield State(self._cursor.state)

    @property
    def is_full(self) -> bool:
        """Whether all rows were delivered in this read, none of them in one that was interrupted."""
        return self._cursor.is_full and not self._was_resumed and not self._cursor.has_ended

    def _rows(self, partial: Partial | None) -> Iterator[Page | State]:
        """Yield everything since the cursor's lower bound.

        The first page tells the API's clock. A list of one page was read in one moment; longer ones need a bound, or a
        second look.
        """
        lower, end, bounds = self._cursor.lower_bound, self._cursor.end, self._api.bounds
        began, asked = self._clock.now(), waiting.monotonic()
        opening = self._passes.open(lower, end)
        # What changes while the first answer is on its way is not in it, and not before the sync.
        sync_start = began or self._now() - timedelta(seconds=waiting.monotonic() - asked)
        self._cursor.begin(sync_start)
        if lower != self._cursor.lower_bound:  # the state was of the future, or everything is read again
            lower = self._cursor.lower_bound
            opening = self._passes.open(lower, end)
        if bounds is None or opening.more is False:
            yield from self._part(lower, end)
            return
        settled = sync_start - _SETTLING
        self._recent.since = settled - bounds.slack
        if bounds.has_upper:
            until = min(settled, end or settled)
            usable = partial if partial and self._passes.by_key and partial.until <= until else None
            if self._cursor.is_read_again or (usable and (usable.since or EPOCH) > (lower or EPOCH)):
                # What another sync delivered is no part of a full read that begins now. And a state that was set back
                # by hand, or a longer lookback, asks for more than the part has.
                usable = None
            if usable:
                self._passes.drop_opening()
            self._was_resumed = usable is not None
            yield from self._with_upper(usable or Partial(lower, until))
        else:
            yield from self._without_upper(lower, settled)

    def _now(self) -> datetime:
        """Return the present moment by the API's clock; by ours, where the API never tells the time."""
        return self._clock.now() or waiting.now()

    def _part(
        self, lower: datetime | None, upper: datetime | None, partial: Partial | None = None
    ) -> Iterator[Page | State]:
        """Yield all that changed between two moments, and states where one is earned."""
        pages = 0
        for item in self._ranges.read(lower, upper, partial):
            if isinstance(item, Page):
                yield from self._delivered(item)
                pages += 1
                if partial and pages % _CHECKPOINT_PAGES == 0:
                    yield from self._state_within(partial)
            else:
                self._cursor.commit(item)
                self._within = None
                yield from [State(self._cursor.state)] if item != upper else []

    def _state_within(self, partial: Partial) -> Iterator[State]:
        """Yield the state from which another sync can go on within a list that comes in the order of its key."""
        listing = self._passes.latest
        is_whole_part = self._passes.part == (partial.since, partial.until)
        if listing and self._passes.by_key and is_whole_part and listing.last_key is not None:
            self._within = partial.at(listing, self._cursor)
            yield self._checkpoint

    @property
    def _checkpoint(self) -> State:
        """The state to go on from now: within a list, as long as that comes in the order of its key."""
        within = self._within.told(self._api) if self._within and self._passes.by_key else {}
        return State({**self._cursor.state, **within})

    def _delivered(self, page: Page) -> Iterator[Page]:
        new = self._cursor.wanted(self._recent.new(page))
        self._cursor.note(new)
        yield from [new] if new.rows else []

    def _with_upper(self, partial: Partial) -> Iterator[Page | State]:
        """Yield everything up to a moment that is past, and then what changed since.

        Rows that appeared late since the sync before may have a key that it had passed.
        """
        self._cursor.resume(partial.highest or self._cursor.highest)
        yield from self._part(partial.since, partial.until, partial)
        if self._was_resumed:
            yield from self._changed_after(partial.until - self._cursor.lookback)
        elif not self._is_at_end(partial.until):
            yield from self._changed_after(partial.until)

    def _is_at_end(self, moment: datetime) -> bool:
        """Return whether nothing is wanted after a moment."""
        return self._cursor.end is not None and moment >= self._cursor.end

    def _changed_after(self, since: datetime) -> Iterator[Page | State]:
        """Yield what changed after the moment up to which the list was read.

        A row that changes leaves that list, and comes here. That was all once it came in one moment, in the order of
        the key, or twice the same. A total that stays the same is no proof here: one row may come while another one
        goes. Until then, what is past is read as before, and larger pages are asked for.
        """
        before: tuple[int, int] | None = None
        larger = 0
        for _ in range(_MOST_ROUNDS):
            listing = self._passes.over((since, self._cursor.end), Census(), larger=larger)
            rows = digests = 0
            for page in listing.pages():
                rows, digests = rows + len(page.rows), digests + sum(map(digest, page.rows))
                yield from self._delivered(page)
            is_whole = listing.verdict is Verdict.WHOLE
            if is_whole and (listing.is_atomic or self._passes.by_key or (rows, digests) == before):
                return
            is_first, before = before is None, (rows, digests)
            if is_first and is_whole and listing.is_quiet:
                continue
            larger += 1
            upper = max(self._now() - _SETTLING, since + _MARGIN)
            upper = min(upper, self._cursor.end or upper)
            waiting.sleep(max((upper + _SETTLING - self._now()).total_seconds(), 0), self._stop)
            yield from self._part(since, upper)
            if self._is_at_end(upper):
                return
            since = upper
        raise self._too_fast()

    def _without_upper(self, lower: datetime | None, settled: datetime) -> Iterator[Page | State]:
        """Yield everything since a moment, and then what changed while it was read.

        Rows that are added move others back, which looks like an order that is not what it seems. The difference: those
        that were added come at the end.

        Where pages do not overlap, a total is the proof, and that stays the same when a row is added and another one
        deleted. So nothing may have been added between the look before and the look after.
        """
        for _ in range(_MOST_READS):
            before = self._look
            yield from self._part(lower, None)
            presumed, is_whole = self._presumed, self._ranges.is_atomic or self._api.paging.overlap > 0
            changed = 0
            for item in self._changed_since(settled):
                yield item
                changed = max(changed, self._rows_read)
            if presumed <= max(changed, self._rows_read) and (is_whole or self._look == before):
                return
        raise kept_moving(self._api.stream)

    @property
    def _presumed(self) -> int:
        return self._passes.latest.presumed if self._passes.latest else 0

    @property
    def _rows_read(self) -> int:
        return self._passes.latest.rows_read if self._passes.latest else 0

    def _changed_since(self, since: datetime) -> Iterator[Page | State]:
        """Yield what changed since a moment, until it comes in one moment or twice the same.

        Rows dated in the future stay in this list for ever.
        """
        before: tuple[int, int] | None = None
        for number in range(_MOST_ROUNDS):
            began = self._now()
            rows = digests = 0
            for page in self._ranges.read(since, None):
                if isinstance(page, Page):
                    rows, digests = rows + len(page.rows), digests + sum(map(digest, page.rows))
                    yield from self._delivered(page)
            self._look = (rows, digests) if number == 0 else self._look
            if self._ranges.is_atomic or ((rows, digests) == before and not self._presumed):
                return
            before, since = (rows, digests), began - _MARGIN
        raise self._too_fast()

    def _too_fast(self) -> Exception:
        return transient_error(
            f"Stream {self._api.stream} could not be read: it changed faster than it could be read. "
            "Try the sync again at a quieter time."
        )
