"""How the pages of a list are addressed: a position becomes query parameters, and leads to the next position."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from source_customers.config.fields import count_of
from source_customers.manifest import settings
from source_customers.reading.page import Page


class Paging(ABC):
    """What a position in a list is, which one comes next, and how to ask for it.

    Attributes:
        size: rows to ask for. 0 where the API has no page size.
        first: the position of the first page.
        overlap: rows of a page that the next page repeats, 0 or 1.
    """

    first: int
    overlap = 0

    def __init__(self, given: settings.PageNumber | settings.Offset, config: Mapping[str, Any]) -> None:
        """Take the settings and the config that they refer to."""
        self._parameter = given.parameter
        self._size_parameter = given.size_parameter
        self.size = count_of(config, given.size) if given.size_parameter else 0

    @abstractmethod
    def following(self, position: int, page: Page) -> int:
        """Return the position after a page that was received."""

    @abstractmethod
    def ahead(self, position: int, page: Page) -> Iterator[int]:
        """Yield the positions after a page, up to the last one where the page tells the total."""

    def parameters(self, position: int, size: int) -> list[tuple[str, str]]:
        """Return the query parameters that ask for so many rows at a position."""
        asked = [(self._size_parameter, str(size))] if self._size_parameter else []
        return [*asked, (self._parameter, str(position))]


class NumberedPages(Paging):
    """Pages numbered from 1: `?pageSize=100&page=2`."""

    first = 1

    def following(self, position: int, page: Page) -> int:  # noqa: ARG002  # every page has the next number after it
        """Return the next page number."""
        return position + 1

    def ahead(self, position: int, page: Page) -> Iterator[int]:
        """Yield the page numbers after a page."""
        last = None if page.total is None else -(-page.total // max(len(page.rows), 1))
        while last is None or position < last:
            position += 1
            yield position


class Offsets(Paging):
    """Rows skipped from the beginning: `?limit=100&offset=198`.

    The next page begins with the last row of this one, so that a move between two requests is noticed. A server that
    gives one row a page leaves no room for that.
    """

    first = 0

    def __init__(self, given: settings.Offset, config: Mapping[str, Any]) -> None:
        """Take the settings and the config that they refer to."""
        super().__init__(given, config)
        self.overlap = int(given.overlap)
        if self.size:
            self.size = max(self.size, 1 + self.overlap)

    def following(self, position: int, page: Page) -> int:
        """Return the offset after the rows received, less the overlap."""
        return position + self._stride(page)

    def ahead(self, position: int, page: Page) -> Iterator[int]:
        """Yield the offsets after a page, if the pages to come are as long as this one."""
        stride, length = self._stride(page), len(page.rows)
        while stride and (page.total is None or position + length < page.total):
            position += stride
            yield position

    def _stride(self, page: Page) -> int:
        return len(page.rows) - self.overlap if len(page.rows) > self.overlap else len(page.rows)


def paging_of(given: settings.PageNumber | settings.Offset, config: Mapping[str, Any]) -> Paging:
    """Return the way of paging that the settings name."""
    return Offsets(given, config) if isinstance(given, settings.Offset) else NumberedPages(given, config)
