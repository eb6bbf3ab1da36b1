"""How a list's pages are addressed: small stateless strategies that turn a position into request parameters."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass
from typing import Any

from airbyte_cdk.sources.declarative.interpolation.interpolated_string import InterpolatedString

from source_customers.components.answers import Page
from source_customers.components.failures import system_error


@dataclass
class Paging(ABC):
    """What a position in a list is, which one comes next, and how to ask for it.

    Attributes:
        parameter: query parameter that takes the position.
        size_parameter: query parameter that takes the page size; empty where the API has none.
        size: rows to ask for, a number or an expression over the config.
        overlap: rows of a page that the next one repeats, 0 or 1.
    """

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]] = None
    parameter: str = ""
    size_parameter: str = ""
    size: str | int = 0
    overlap: int = 0

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        expression = InterpolatedString.create(str(self.size), parameters=parameters or {})
        self.asked_size = int(expression.eval(self.config))
        if self.size_parameter and self.asked_size < 1:
            raise system_error("The manifest's page size must be at least 1.")

    @property
    @abstractmethod
    def first(self) -> int:
        """The position of a list's beginning."""

    @abstractmethod
    def following(self, position: int, page: Page) -> int:
        """Return the position after a page that was received."""

    @abstractmethod
    def ahead(self, position: int, page: Page) -> Iterator[int]:
        """Yield the positions that will follow if the pages to come are as long as this one."""

    @abstractmethod
    def back(self, position: int, rows: int, page_length: int) -> int:
        """Return a position at least that many rows before the given one, or the beginning."""

    @abstractmethod
    def rows_read(self, lengths: Mapping[int, int]) -> int:
        """Return how many rows of the list were read, from the number of rows at each position."""

    def request_parameters(self, position: int) -> list[tuple[str, str]]:
        """Return the query parameters that ask for a position."""
        size = [(self.size_parameter, str(self.asked_size))] if self.size_parameter else []
        return [*size, (self.parameter, str(position))]


@dataclass
class PageNumber(Paging):
    """Pages numbered from 1: `?pageSize=100&page=2`.

    YAML's `PageIncrement` takes a page shorter than asked for the last one, which loses rows where a server
    caps its pages. Whether a page follows is the envelope's word here.
    """

    @property
    def first(self) -> int:
        """Page 1."""
        return 1

    def following(self, position: int, page: Page) -> int:  # noqa: ARG002  # every page has the next number after it
        """Return the next page number."""
        return position + 1

    def ahead(self, position: int, page: Page) -> Iterator[int]:
        """Yield the page numbers after a page, to the last one where the total tells it."""
        last = None if page.total is None else -(-page.total // max(len(page.rows), 1))
        while last is None or position < last:
            position += 1
            yield position

    def back(self, position: int, rows: int, page_length: int) -> int:
        """Return the number of a page that begins at least that many rows earlier."""
        return max(self.first, position + -rows // max(page_length, 1))

    def rows_read(self, lengths: Mapping[int, int]) -> int:
        """Return the rows on all pages."""
        return sum(lengths.values())


@dataclass
class Offset(Paging):
    """Rows skipped from the beginning: `?limit=100&offset=198`.

    YAML's `OffsetIncrement` advances by what was asked for and ends at a short page. Here the offset advances by
    what was received. Where rows may move between two requests, `overlap` asks for the last row of a page again:
    when it is not the first of the next one, something moved.
    """

    @property
    def first(self) -> int:
        """Nothing skipped."""
        return 0

    def stride(self, page: Page) -> int:
        """Return how far the next page begins after this one."""
        # A server that gives one row a page leaves no room for an overlap.
        return len(page.rows) - self.overlap if len(page.rows) > self.overlap else len(page.rows)

    def following(self, position: int, page: Page) -> int:
        """Return the offset after the rows received, less the overlap."""
        return position + self.stride(page)

    def ahead(self, position: int, page: Page) -> Iterator[int]:
        """Yield the offsets after a page, to the last one where the total tells it."""
        stride = self.stride(page)
        while stride and (page.total is None or position + len(page.rows) < page.total):
            position += stride
            yield position

    def back(self, position: int, rows: int, page_length: int) -> int:  # noqa: ARG002  # offsets count rows, not pages
        """Return an offset that many rows earlier."""
        return max(self.first, position - rows)

    def rows_read(self, lengths: Mapping[int, int]) -> int:
        """Return the offset of the last row."""
        return max((position + length for position, length in lengths.items()), default=0)
