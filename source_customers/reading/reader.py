"""Reads a stream: of everything that its list holds, or of what changed since its state."""

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from source_customers.connection.connection import Connection
from source_customers.connection.stop import Stop
from source_customers.manifest.settings import Days, ListSettings, Window
from source_customers.reading.api_list import ApiList
from source_customers.reading.cursor import Cursor
from source_customers.reading.days import DaysRead, today
from source_customers.reading.incremental import IncrementalRead
from source_customers.reading.page import Page
from source_customers.reading.partial import Partial
from source_customers.reading.passes import Passes
from source_customers.reading.ranges import Ranges, kept_moving
from source_customers.reading.recent import digest
from source_customers.reading.state import NO_CURSOR, State

_MOST_READS = 5


class StreamReader:
    """Reads one stream over a connection.

    Attributes:
        name: name of the stream.
        api: the list that is read.
        was_full: whether the last read delivered all rows that there are, after it has ended.
    """

    def __init__(  # noqa: PLR0917  # what a stream is, and what it needs
        self,
        name: str,
        key: str,
        settings: ListSettings,
        config: Mapping[str, Any],
        connection: Connection,
        cursor_field: str = "",
        state_format: str = "",
    ) -> None:
        """Take what the manifest says of the stream.

        Args:
            name: name of the stream.
            key: field that identifies a row.
            settings: the list that is read.
            config: the provider's flat config, with the defaults of its spec.
            connection: what all streams of the sync share.
            cursor_field: field with a row's change time. Empty for a stream that is read in full each time.
            state_format: how the state is written, in the CDK's format codes.
        """
        self.name = name
        self.api = ApiList(name, key, settings, config, connection)
        self._config = config
        self._connection = connection
        self._cursor_field = cursor_field
        self._state_format = state_format
        self.was_full = False

    def read(self, state: Mapping[str, Any] | None = None) -> Generator[Page | State, None, None]:
        """Yield the rows of the stream, each at least once, and states to go on from.

        Args:
            state: what an earlier read yielded last; None or empty to read everything.

        Raises:
            AirbyteTracedException: a page could not be had, or rows might be missing.
        """
        stop = Stop()
        self.was_full = False
        try:
            if self._cursor_field:
                yield from self._since(state or {}, stop)
            else:
                yield from self._all_rows(stop)
        finally:
            stop.set()

    def _since(self, state: Mapping[str, Any], stop: Stop) -> Iterator[Page | State]:
        """Yield what is new since a state."""
        window = self.api.settings.window or self.api.settings.paging
        assert isinstance(window, (Window, Days))  # noqa: S101  # the settings were checked
        cursor = Cursor(self.name, self._cursor_field, self._state_format, window, self._config, state)
        if isinstance(window, Days):
            yield from DaysRead(self.api, self._connection, stop, cursor, window).items()
        else:
            read = IncrementalRead(self.api, self._connection, stop, cursor)
            yield from read.items(Partial.of(state, self.api))
            self.was_full = read.is_full

    def _all_rows(self, stop: Stop) -> Iterator[Page | State]:
        ranges = Ranges(self.name, Passes(self.api, self._connection, stop).over)
        # A total stays the same when a row is added and another one deleted, and nothing else proves anything here.
        is_by_total = bool(self.api.settings.envelope.total) and not self.api.paging.overlap
        for item in self._twice_the_same(ranges) if is_by_total else ranges.read(None, None):
            if isinstance(item, Page):
                yield item
        self.was_full = True
        yield NO_CURSOR

    def _twice_the_same(self, ranges: Ranges) -> Iterator[Page]:
        """Yield the rows of a list, until it brings the same keys twice; a row again only when it has changed."""
        known: dict[str | int, int] = {}
        before: set[str | int] | None = None
        for _ in range(_MOST_READS):
            keys: set[str | int] = set()
            for page in ranges.read(None, None):
                if isinstance(page, Page):
                    new = page.only(known.get(row[self.api.key]) != digest(row) for row in page.rows)
                    known.update((row[self.api.key], digest(row)) for row in new.rows)
                    keys.update(row[self.api.key] for row in page.rows)
                    yield from [new] if new.rows else []
            if ranges.is_atomic or keys == before:
                return
            before = keys
        raise kept_moving(self.name)

    def sample(self) -> Iterator[Page]:
        """Yield the first page of the list, and the newest rows where their order can be asked for."""
        first, size = self.api.paging.first, self.api.paging.size
        if isinstance(self.api.settings.paging, Days):
            first = today(self._connection)
        page = self.api.page(first, size, Stop())
        yield page
        if self.api.settings.newest and page.more is not False:
            yield self.api.page(first, size, Stop(), newest=True)

    def first_page(self, size: int) -> Page:
        """Return the first page of the list, of that many rows where the API can be asked for a number."""
        return self.api.page(self.api.paging.first, size, Stop())
