"""How the pages of a list are addressed: a position becomes query parameters, and leads to the next position."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from source_customers.config.fields import count_of, value_at
from source_customers.failures import config_error
from source_customers.manifest import settings
from source_customers.moments import EPOCH
from source_customers.reading.page import Page

Settings = settings.PageNumber | settings.Offset | settings.Days | settings.OneAnswer | None

_FEWEST_DAYS = 2


class Paging(ABC):
    """What a position in a list is, which one comes next, and how to ask for it.

    Attributes:
        size: rows to ask for. 0 where the API has no page size.
        first: the position of the first page.
        overlap: rows of a page that the next page repeats, 0 or 1.
        is_one_answer: whether each answer is all that there is, so that no page follows.
    """

    first: int
    size = 0
    overlap = 0
    is_one_answer = False

    @abstractmethod
    def following(self, position: int, page: Page) -> int:
        """Return the position after a page that was received."""

    @abstractmethod
    def ahead(self, position: int, page: Page) -> Iterator[int]:
        """Yield the positions after a page, up to the last one where the page tells the total."""

    @abstractmethod
    def parameters(self, position: int, size: int) -> list[tuple[str, str]]:
        """Return the query parameters that ask for so many rows at a position."""


class OneAnswer(Paging):
    """No pages: one answer is the whole list."""

    first = 0
    is_one_answer = True

    def following(self, position: int, page: Page) -> int:  # noqa: ARG002  # it is never asked for
        """Return the same position: there is no other."""
        return position

    def ahead(self, position: int, page: Page) -> Iterator[int]:  # noqa: ARG002  # there is nothing ahead
        """Yield nothing."""
        yield from ()

    def parameters(self, position: int, size: int) -> list[tuple[str, str]]:  # noqa: ARG002  # nothing to choose
        """Return no parameters."""
        return []


class Days(Paging):
    """A number of days is asked for: `?start_at=2026-03-01 00:00&days=7`. A position is a day, counted from 1970 on.

    The next answer begins with the last day of this one: documents seldom say whether the first day counts as a whole,
    and in which time zone.
    """

    first = 0
    is_one_answer = True

    def __init__(self, given: settings.Days, config: Mapping[str, Any]) -> None:
        """Take the settings and the config that they refer to.

        Raises:
            AirbyteTracedException: it is less than two days (config_error).
        """
        self._parameter, self._days_parameter = given.parameter, given.days_parameter
        self.size = count_of(config, given.days)
        if self.size < _FEWEST_DAYS:
            raise config_error(f"`{given.days}` must be at least {_FEWEST_DAYS}, since answers overlap by a day.")

    def following(self, position: int, page: Page) -> int:  # noqa: ARG002  # days do not depend on rows
        """Return the day that the next answer begins with."""
        return position + self.size - 1

    def ahead(self, position: int, page: Page) -> Iterator[int]:
        """Yield the days that the next answers begin with."""
        while True:
            position = self.following(position, page)
            yield position

    def parameters(self, position: int, size: int) -> list[tuple[str, str]]:
        """Return the query parameters that ask for so many days from a day on."""
        day = EPOCH + timedelta(days=position)
        return [(self._parameter, f"{day:%Y-%m-%d %H:%M}"), (self._days_parameter, str(size))]


class _Parameters(Paging):
    """Pages that are asked for by a position and a size."""

    def __init__(self, given: settings.PageNumber | settings.Offset, config: Mapping[str, Any]) -> None:
        """Take the settings and the config that they refer to."""
        self._parameter = given.parameter
        self._size_parameter = given.size_parameter
        self.size = count_of(config, given.size) if given.size_parameter else 0

    def parameters(self, position: int, size: int) -> list[tuple[str, str]]:
        """Return the query parameters that ask for so many rows at a position."""
        asked = [(self._size_parameter, str(size))] if self._size_parameter else []
        return [*asked, (self._parameter, str(position))]


class NumberedPages(_Parameters):
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


class Offsets(_Parameters):
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


def paging_of(given: Settings, config: Mapping[str, Any]) -> Paging:
    """Return the way of paging that the settings name.

    Raises:
        AirbyteTracedException: a config field holds no number that makes sense (config_error).
    """
    if isinstance(given, settings.Days):
        return Days(given, config)
    if isinstance(given, settings.PageNumber):
        return NumberedPages(given, config)
    if isinstance(given, settings.Offset) and (not given.only_if or value_at(config, given.only_if)):
        return Offsets(given, config)
    _: settings.Offset | settings.OneAnswer | None = given  # mypy refuses a class that has no line above
    return OneAnswer()
