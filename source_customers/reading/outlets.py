"""What comes out of one list: its own rows, rows inside of them, and rows that are asked for by their keys.

A list is read once in a sync. Each stream that hangs on it has an outlet, which takes the list's pages and states in
their order and yields those of its stream.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from logging import getLogger
from typing import Any

from source_customers.connection.answers import GoneError
from source_customers.connection.connection import Connection
from source_customers.connection.stop import Stop
from source_customers.failures import config_error, transient_error
from source_customers.manifest.settings import ParentSettings
from source_customers.reading.api_list import ApiList
from source_customers.reading.left_out import LeftOut
from source_customers.reading.look_ahead import most_waiting
from source_customers.reading.page import Page, Row
from source_customers.reading.passes import Passes
from source_customers.reading.ranges import Ranges, kept_moving
from source_customers.reading.reader import StreamReader
from source_customers.reading.recent import digest
from source_customers.reading.sample import ListSample
from source_customers.reading.state import State

LOGGER = getLogger("airbyte.source-customers")

_MOST_REMEMBERED = 100_000
_MOST_SAMPLES = 3

Item = Page | State


class Outlet(ABC):
    """Takes what a list gives, and yields what is of one stream.

    Attributes:
        name: the stream's name.
    """

    name: str

    @property
    @abstractmethod
    def requests(self) -> int | None:
        """Requests made for this stream; None where it costs none of its own."""

    @abstractmethod
    def take(self, item: Item) -> Iterator[Item]:
        """Take a page or a state of the list, and yield what of the stream is ready.

        A state comes out after all the rows that hang on the pages before it.
        """

    def end(self) -> Iterator[Item]:
        """Yield what is left when the list has ended."""
        yield from ()

    def stop(self) -> None:  # noqa: B027  # most have nothing on its way
        """Drop what is on its way."""

    @abstractmethod
    def sample(self, parents: ListSample) -> Iterator[Page]:
        """Yield a few rows of the stream."""


class OwnRows(Outlet):
    """The rows of the list itself."""

    def __init__(self, reader: StreamReader) -> None:
        """Take what reads the list."""
        self.name = reader.name
        self._reader = reader

    @property
    def requests(self) -> int:
        """Pages asked for."""
        return self._reader.api.requests

    def take(self, item: Item) -> Iterator[Item]:
        """Yield the page or the state as it is."""
        yield item

    def sample(self, parents: ListSample) -> Iterator[Page]:
        """Yield the first page of the list, and the newest rows where their order can be asked for."""
        return parents.pages()


class RowsInside(Outlet):
    """Rows that stand in a list inside of each row of the parent: `{"id": 7, "projects": [{...}, {...}]}`."""

    def __init__(self, name: str, key: str, parent_key: str, settings: ParentSettings, left_out: LeftOut) -> None:
        """Take the stream and where its rows are.

        Args:
            name: name of the stream.
            key: field that identifies a row beside the parent's key.
            parent_key: field that identifies a row of the parent.
            settings: what the manifest says of the parent.
            left_out: fields that are not delivered.
        """
        self.name = name
        self._key = key
        self._parent_key = parent_key
        self._settings = settings
        self._left_out = left_out
        self._parents = self._lists = 0

    @property
    def requests(self) -> None:
        """None: the rows come with their parents."""
        return

    def take(self, item: Item) -> Iterator[Item]:
        """Yield the rows inside of a page's rows; a state as it is."""
        if isinstance(item, State):
            yield item
            return
        rows = [row for parent in item.rows for row in self._rows(parent)]
        if rows:
            yield Page(rows)

    def end(self) -> Iterator[Item]:
        """Say where no parent had the field: the documents do not promise it."""
        if self._parents and not self._lists:
            LOGGER.warning(
                "Stream %s: none of the %d rows that it hangs on has the field `%s`, so it has no rows.",
                self.name,
                self._parents,
                self._settings.rows,
            )
        yield from ()

    def sample(self, parents: ListSample) -> Iterator[Page]:
        """Yield the rows inside of the rows of the parent's sample."""
        for page in parents.pages():
            yield Page([row for parent in page.rows for row in self._rows(parent)])

    def _rows(self, parent: Row) -> Iterator[Row]:
        inside = parent.get(self._settings.rows)
        self._parents += 1
        if inside is None:
            return
        self._lists += 1
        if not isinstance(inside, list):
            raise self._unexpected(f"no list at `{self._settings.rows}`")
        added: dict[str, Any] = {self._settings.key_field: parent[self._parent_key]}
        for position, row in enumerate(inside, 1):
            if not isinstance(row, dict):
                raise self._unexpected("a row that is not an object")
            if self._settings.position_field:
                added[self._settings.position_field] = position
            whole = {**added, **self._left_out.row(row), **added}
            if type(whole.get(self._key)) not in {str, int}:
                raise self._unexpected(f"a row without its key `{self._key}`")
            yield whole

    def _unexpected(self, what: str) -> Exception:
        return transient_error(
            f"Stream {self.name} could not be read. The answer was not what the API documents: {what}. "
            "Try the sync again later."
        )


class RowsOfParents(Outlet):
    """Rows that are asked for by the key of a parent's row: `/tickets/7/messages`, or a row itself, `/tickets/7`.

    Requests for several parents are on their way beside those for the parent's own pages. Answers are taken in the
    order of the parents. A parent that has gone meanwhile has no rows; where all of them seem to have, the path is
    wrong.
    """

    def __init__(self, api: ApiList, parent: str, parent_key: str, connection: Connection) -> None:
        """Take the list of one parent, the parent stream's name and its key, and the connection."""
        self.name = api.stream
        self._api = api
        self._parent = parent
        self._parent_key = parent_key
        self._connection = connection
        self._stop = Stop()
        self._coming: deque[State | tuple[ApiList, Future[Page]]] = deque()
        self._on_their_way = 0
        self._asked: dict[str | int, int] = {}
        self._answered = self._gone = 0
        self._heaviest = 1

    @property
    def requests(self) -> int:
        """Pages asked for, of all parents."""
        return self._api.requests

    def take(self, item: Item) -> Iterator[Item]:
        """Ask for the rows of a page's rows, and yield those of earlier ones that have come."""
        if isinstance(item, State):
            self._coming.append(item)
        else:
            for row in item.rows:
                if not self._is_asked(row):
                    yield from self._room()
                    self._send(row[self._parent_key])
        yield from self._ready()

    def end(self) -> Iterator[Item]:
        """Yield the rows that are still on their way."""
        while self._coming:
            yield from self._next()
            yield from self._ready()
        self._check_gone()

    def stop(self) -> None:
        """Drop the requests that are on their way."""
        self._stop.set()
        self._coming.clear()

    def sample(self, parents: ListSample) -> Iterator[Page]:
        """Yield the rows of the first parent that has any, among a few of the parents' first page."""
        for row in next(parents.pages()).rows[:_MOST_SAMPLES]:
            try:
                mine = self._fetch(self._api.of(row[self._parent_key]))
            except GoneError:
                continue
            if mine.rows:
                yield mine
                return
        yield Page([])

    def _is_asked(self, row: Row) -> bool:
        """Return whether a row was asked for just as it is. A list that is read again brings its rows again."""
        key, mark = row[self._parent_key], digest(row)
        if self._asked.get(key) == mark:
            return True
        if key in self._asked or len(self._asked) < _MOST_REMEMBERED:
            self._asked[key] = mark
        return False

    def _send(self, parent: str | int) -> None:
        api = self._api.of(parent)
        self._on_their_way += 1
        self._coming.append((api, self._connection.submit(lambda: self._fetch(api))))

    def _fetch(self, api: ApiList) -> Page:
        return api.page(api.paging.first, api.paging.size, self._stop)

    def _room(self) -> Iterator[Item]:
        """Yield what was asked for first, until another request may be sent."""
        while self._on_their_way >= most_waiting(self._connection, self._heaviest):
            yield from self._next()

    def _ready(self) -> Iterator[Item]:
        """Yield what has come, in order; the rows of several parents together."""
        rows: list[Row] = []
        while self._coming and (isinstance(self._coming[0], State) or self._coming[0][1].done()):
            for item in self._next():
                if isinstance(item, Page):
                    rows += item.rows
                    continue
                yield from [Page(rows)] if rows else []
                rows = []
                yield item
        yield from [Page(rows)] if rows else []

    def _next(self) -> Iterator[Item]:
        """Yield what was asked for first, and wait for it."""
        coming = self._coming.popleft()
        if isinstance(coming, State):
            self._check_gone()
            yield coming
            return
        self._on_their_way -= 1
        self._answered += 1
        api, first = coming
        try:
            page = first.result()
        except GoneError:
            self._gone += 1
            return
        self._heaviest = max(self._heaviest, page.weight)
        passes = Passes(api, self._connection, self._stop)
        passes.begin_with(page)
        try:
            for item in Ranges(self.name, passes.over).read(None, None):
                if isinstance(item, Page):
                    yield item
        except GoneError:
            if self._is_there(api):
                raise kept_moving(self.name) from None

    def _is_there(self, api: ApiList) -> bool:
        """Return whether the first page of what hangs on a row can still be had."""
        try:
            self._connection.submit(lambda: self._fetch(api)).result()
        except GoneError:
            return False
        return True

    def _check_gone(self) -> None:
        """Raise where several parents were asked for and none was there: it is the path that is not."""
        if self._gone == self._answered > 1:
            raise config_error(
                f"Stream {self.name}: {self._api.settings.path} was not found for any of the {self._gone} rows of "
                f"{self._parent} that were asked for. The API does not have it, or has it elsewhere."
            )
