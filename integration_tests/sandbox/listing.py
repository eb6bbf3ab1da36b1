"""How an API answers a request for a list: the part in which providers differ, and one such request."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from integration_tests.sandbox.answers import Answer, as_json
from integration_tests.sandbox.extras import Extras, extended
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


@dataclass(frozen=True)
class Page:
    """The rows of one answer, and where they stand in the whole."""

    table: Table
    request: RequestRecord
    rows: list[Row]
    offset: int
    size: int
    total: int

    @property
    def number(self) -> int:
        return self.offset // self.size + 1

    @property
    def is_last(self) -> bool:
        return self.offset + self.size >= self.total


class Dialect(ABC):
    """What an API's documents say about its lists.

    ``list_field`` holds the rows (None: the array is the whole answer). ``echo`` and ``next_page`` are the
    paths in the envelope that repeat the position asked for and name the next one.

    Settings: the largest page, the order of equals, and fields that the documents do not name.
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

    def expire_sessions(self) -> None:  # noqa: B027 - most of these APIs keep no sessions
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
        return self.dialect.window(self.request, self.dialect.max_page_size)

    def entries(self) -> Sequence[Entry]:
        """All rows that the filters keep, with equals in the order that this request finds them in."""
        order = self.dialect.order(self.table, self.request)
        entries = self.table.select(order, self._filters())
        if self.dialect.equals == "stable":
            return entries
        return reordered(entries, order, str(sum(self.window)) if self.dialect.equals == "plan" else self._seed)

    def _filters(self) -> Mapping[Hashable, Predicate]:
        filters: dict[Hashable, Predicate] = {}
        for name, build in self.table.resource.filters.items():
            values = self.request.values(name)
            predicate = build(name, values)
            if predicate is not None:
                filters[(name, *values)] = predicate
        return filters

    def page(self, window: Window | None = None) -> Page:
        """The page asked for, or another part of the same list."""
        offset, size = window or self.window
        entries = self.entries()
        rows = [self.dialect.shown(e.row, self.request) for e in entries[offset : offset + size]]
        return Page(self.table, self.request, rows, offset, size, len(entries))

    def document(self) -> Any:
        return self.dialect.document(self.page())

    def answer(self) -> Answer:
        return self.dialect.answer(self.page())
