"""How an API answers a request for a list: the part in which providers differ, and one such request."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from sys import maxsize
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from integration_tests.sandbox.answers import Answer, Refusal, as_json
from integration_tests.sandbox.extras import Extras, extended
from integration_tests.sandbox.oddities import Oddities
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.sandbox.resource import Entry, Order, Predicate, Row
from integration_tests.sandbox.table import Table
from integration_tests.sandbox.ties import Equals, reordered


class BadValue(ValueError):  # noqa: N818 - named for what it found
    """A query parameter whose value is not of its documented type."""

    def __init__(self, parameter: str, value: str, expected: str) -> None:
        super().__init__(parameter)
        self.parameter, self.value, self.expected = parameter, value, expected


class Window(NamedTuple):
    """The part of a list that is served."""

    offset: int
    size: int


WHOLE = Window(0, maxsize)
"""The part that a list serves which has no pages."""


@dataclass(frozen=True)
class Page:
    """The rows of one answer, and where they stand in the whole."""

    table: Table
    request: RequestRecord
    rows: list[Row]
    offset: int
    size: int
    total: int
    is_last: bool

    @property
    def number(self) -> int:
        return self.offset // self.size + 1


class Dialect(Oddities, ABC):
    """What an API's documents say about its lists.

    ``list_field`` holds the rows (None: the array is the whole answer). ``echo`` and ``next_page`` are the
    paths in the envelope that repeat the position asked for and name the next one.

    Settings: the largest page, the order of equals, and fields that the documents do not name; and those of
    ``Oddities``.
    """

    list_field: ClassVar[str | None] = None
    echo: ClassVar[tuple[str, ...]] = ()
    next_page: ClassVar[tuple[str, ...]] = ()

    max_page_size: int = 500
    equals: Equals = "stable"
    extra_fields: Extras = MappingProxyType({})

    @abstractmethod
    def admit(self, request: RequestRecord) -> None:
        """Refuse a request without the right credential."""

    @abstractmethod
    def window(self, request: RequestRecord, ceiling: int) -> Window:
        """The part of the list that the query asks for, with the page size silently capped at the ceiling."""

    def scope(self, _table: Table, _request: RequestRecord) -> Mapping[Hashable, Predicate]:
        """What part of a table a request is about, whatever its filters: most are about all of it."""
        return {}

    @abstractmethod
    def document(self, page: Page) -> Any:
        """The page as the documents print it."""

    @abstractmethod
    def error(self, status: int, message: str) -> Answer:
        """A refusal in the API's own form."""

    def bad_value(self, bad: BadValue) -> Answer:
        return self.error(400, f"{bad.parameter}: {bad.expected} expected")

    def order(self, _table: Table, _request: RequestRecord) -> Order:
        """The order of the list; most APIs promise none."""
        return Order("added")

    def present(self, row: Row, _request: RequestRecord) -> Row:
        """A row as this request gets to see it."""
        return row

    def shown(self, row: Row, request: RequestRecord) -> Row:
        """A row with the fields that the documents do not name."""
        present = self.present(row, request)
        return extended(present, self.extra_fields) if self.extra_fields else present

    def answer(self, page: Page) -> Answer:
        return as_json(self.document(page))

    def expire_sessions(self) -> None:
        """Forget who is logged in."""


class Exchange(ABC):
    """One request, while it is answered."""

    def __init__(self, dialect: Dialect, request: RequestRecord) -> None:
        self.dialect = dialect
        self.request = request

    @abstractmethod
    def answer(self) -> Answer:
        """The right answer."""


class Call(Exchange):
    """A request for something else than a list, such as a login."""

    def __init__(self, dialect: Dialect, request: RequestRecord, respond: Callable[[RequestRecord], Answer]) -> None:
        super().__init__(dialect, request)
        self._respond = respond

    def answer(self) -> Answer:
        return self._respond(self.request)


class Listing(Exchange):
    """One request for a list: the right page, and the material for wrong ones.

    ``seed`` is what ``shuffled`` equals are ordered by.
    """

    def __init__(self, dialect: Dialect, table: Table, request: RequestRecord, seed: str = "") -> None:
        super().__init__(dialect, request)
        self.table = table
        self._seed = seed

    @cached_property
    def window(self) -> Window:
        asked = self.dialect.window(self.request, self.dialect.max_page_size)
        size = self.dialect.fixed_page_size
        if asked == WHOLE or size is None:
            return asked
        return Window(asked.offset // asked.size * size if self.dialect.numbered_pages else asked.offset, size)

    def entries(self, *, scoped: bool = True, timed: bool = True) -> Sequence[Entry]:
        """All rows that the filters keep, with equals in the order that this request finds them in.

        Unscoped, they are those of the whole table; not timed, those of any change time.
        """
        order = self.dialect.order(self.table, self.request)
        scope = self.dialect.scope(self.table, self.request) if scoped else {}
        entries = self.table.select(order, {**scope, **self._filters(timed=timed)})
        if self.dialect.shuffled:
            return Random(self._seed).sample(entries, len(entries))
        if self.dialect.equals == "stable":
            return entries
        return reordered(entries, order, str(sum(self.window)) if self.dialect.equals == "plan" else self._seed)

    def _filters(self, *, timed: bool) -> Mapping[Hashable, Predicate]:
        filters: dict[Hashable, Predicate] = {}
        for name, build in self.table.resource.filters.items():
            if not timed and name in {*self.dialect.lower_filters, *self.dialect.upper_filters}:
                continue
            values = self.request.values(name)
            predicate = build(name, values)
            if predicate is not None and self.dialect.is_odd(name):
                predicate = self.dialect.moment_filter(name, values, predicate)
            if predicate is not None:
                filters[(name, *values)] = predicate
        return filters

    def page(self, window: Window | None = None) -> Page:
        """The page asked for, or another part of the same list."""
        offset, size = window or self.window
        entries, dialect = self.entries(), self.dialect
        if offset >= len(entries) and offset and entries:
            offset = self._behind_the_end(len(entries), size) if dialect.past_end != "empty" else offset
        if dialect.stuck_page:
            offset = 0
        key = self.table.resource.key
        rows = [
            dialect.odd_key(key, self.row(entry), place, entries[0])
            for place, entry in enumerate(entries[offset : offset + size], start=offset)
        ]
        is_last = offset + size >= len(entries) and not dialect.never_last
        counted = self.entries(timed=False) if dialect.total_unfiltered else entries
        total = max(len(counted) + dialect.total_off, 0)
        return Page(self.table, self.request, rows, offset, size, total, is_last)

    def _behind_the_end(self, count: int, size: int) -> int:
        """Where the rows begin that come behind the end: the last page once more."""
        if self.dialect.past_end == "refused":
            raise Refusal(self.dialect.error(404, "There is no such page."))
        return (count - 1) // size * size

    def row(self, entry: Entry) -> Row:
        """A row as the list shows it."""
        row = self.dialect.shown(self.table.resource.listed(entry.row), self.request)
        return self.dialect.odd_row(self.table.resource, row)

    def document(self) -> Any:
        return self.dialect.document(self.page())

    def answer(self) -> Answer:
        return self.dialect.answer(self.page())
