"""Reads a stream: every page of its list, and again what moved while it was read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import Any

from airbyte_cdk.sources.declarative.interpolation.interpolated_string import InterpolatedString
from airbyte_cdk.sources.declarative.retrievers.retriever import Retriever
from airbyte_cdk.sources.types import Record, StreamSlice

from source_customers.components import waiting
from source_customers.components.answers import Envelope, Page, Row
from source_customers.components.cursor import PageCursor
from source_customers.components.failures import transient_error
from source_customers.components.listing import Listing
from source_customers.components.moments import EPOCH, LOWER_BOUND, UPPER_BOUND
from source_customers.components.paging import Paging
from source_customers.components.recent import MARGIN, Recent
from source_customers.components.requester import ApiRequester

_CHECKPOINT_PAGES = 10
_MOST_TAILS = 10


@dataclass
class PagedRetriever(Retriever):
    """Reads the rows of a list that is given page by page.

    YAML's `SimpleRetriever` reads one page after another, takes a short page for the end, and does not notice rows
    that move from one page to another while it reads. See docs/delivery.md for what this one promises, and why.

    Attributes:
        requester: sends the requests.
        envelope: finds rows, totals and the server's word about further pages in an answer.
        paginator: addresses the pages.
        in_flight: how many requests may be on their way at once, a number or an expression over the config.
        window: how the change time is filtered by: `from`, and where the API has one `to`, each with `parameter` and
            `format` (or `format_field`, a config field that names the format).
        ascending: whether the list is asked for in ascending order of the cursor, so that a read can be resumed
            within it.
        without_cursor_value: what the cursor takes for a row without a change time; only `sync_start` exists.
        cursor: the stream's cursor, handed in by the framework.
    """

    name: str
    config: Mapping[str, Any]
    requester: ApiRequester
    envelope: Envelope
    paginator: Paging
    parameters: InitVar[Mapping[str, Any]] = None
    in_flight: str | int = 1
    window: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ascending: bool = False
    without_cursor_value: str = ""
    cursor: Any = None

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        self.requester.stream = self.name  # the framework hands names to retrievers only
        self._cursor = PageCursor.adopt(self.cursor)
        expression = InterpolatedString.create(str(self.in_flight), parameters=parameters or {})
        self._in_flight = int(expression.eval(self.config))

    def read_records(
        self,
        records_schema: Mapping[str, Any],  # noqa: ARG002  # rows are delivered as they came
        stream_slice: StreamSlice | None = None,
    ) -> Iterator[Record]:
        """Yield the rows of the stream, each at least once.

        Raises:
            AirbyteTracedException: a page could not be had, or the list could not be read without a gap.
        """
        for page in self.read_pages():
            for row in page.rows:
                yield Record(row, self.name, stream_slice)

    def read_pages(self) -> Iterator[Page]:
        """Yield the same rows as `read_records`, page by page."""
        if not self._cursor:
            yield from self._listing([])
            return
        recent = Recent(self.envelope.key, self._cursor)
        last: datetime | None = EPOCH
        for number, page in enumerate(self._pages(self._cursor, recent), start=1):
            yield page
            moments = self._cursor.moments(page.rows)
            self._remember(self._cursor, moments)
            if self.ascending:
                # Asked for is not given: a list in another order has no moment before which nothing is missing.
                last = last and self._cursor.last_in_order(moments, last)
                if last and number % _CHECKPOINT_PAGES == 0:
                    self._cursor.checkpoint()
            else:
                recent.note(page.rows, moments)

    def _remember(self, cursor: PageCursor, moments: Sequence[datetime | None]) -> None:
        latest = max(filter(None, moments), default=None)
        if latest:
            cursor.advance(latest)
        if None in moments and self.without_cursor_value == "sync_start":
            cursor.advance(cursor.sync_start)

    def _pages(self, cursor: PageCursor, recent: Recent) -> Iterator[Page]:
        """Yield the pages of everything since the cursor, then of what changed while they were read."""
        if not self.window:
            yield from self._listing([])
            return
        yield from self._before_the_sync(cursor)
        # Where the list is in ascending order, rows that change while it is read move to its end and are read there.
        if not self.ascending:
            yield from self._tail(recent)

    def _before_the_sync(self, cursor: PageCursor) -> Iterator[Page]:
        """Yield the pages of what changed before the sync began; all there is, where the API has no upper bound."""
        upper = cursor.settled
        for page in self._listing(self._bounds(cursor.lower_bound, upper)):
            if self.requester.server_time:
                cursor.note_server_time(self.requester.server_time)
            if "to" in self.window and cursor.sync_start < upper:
                # With an upper bound in the API's future, rows that change would move within the list, unnoticed.
                yield from self._listing(self._bounds(cursor.lower_bound, cursor.settled))
                return
            yield page

    def _tail(self, recent: Recent) -> Iterator[Page]:
        """Yield the pages of what changed since the sync began, until nothing can have slipped between them.

        That is so when they are a single page, or (rows dated in the future stay forever) the same as a moment ago.
        """
        since = recent.since
        seen: list[list[Row]] = []
        for _ in range(_MOST_TAILS):
            began = waiting.now()
            seen_before, seen = seen, []
            for page in self._listing(self._bounds(since, None)):
                seen.append(page.rows)
                yield recent.without_known(page)
            if len(seen) <= 1 or seen == seen_before:
                return
            if "to" in self.window:
                for page in self._listing(self._bounds(since, began)):
                    yield recent.without_known(page)
            since = began - MARGIN
        raise transient_error(
            f"Stream {self.name} could not be read: it changed faster than it could be read. "
            "Try the sync again at a quieter time."
        )

    def _bounds(self, lower: datetime | None, upper: datetime | None) -> list[tuple[str, str]]:
        bounds = []
        if lower is not None:
            bounds.append((self.window["from"]["parameter"], LOWER_BOUND[self._format("from")](lower)))
        if upper is not None and "to" in self.window:
            bounds.append((self.window["to"]["parameter"], UPPER_BOUND[self._format("to")](upper)))
        return bounds

    def _format(self, side: str) -> str:
        bound = self.window[side]
        return str(self.config.get(bound.get("format_field", ""), bound["format"]))

    def _listing(self, bounds: list[tuple[str, str]]) -> Iterator[Page]:
        def fetch(position: int) -> Page:
            query = [*self.paginator.request_parameters(position), *bounds]
            return self.requester.fetch(query, lambda body: self.envelope.read(body, position))

        return Listing(self.name, self.paginator, fetch, self._in_flight, self.envelope.key).pages()
