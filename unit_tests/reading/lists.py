"""Lists whose pages are given one after another, whatever is asked for."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from itertools import chain, repeat
from typing import Any, TypeVar, cast

from source_customers.connection.connection import Connection
from source_customers.connection.stop import Stop
from source_customers.manifest.settings import Offset, PageNumber
from source_customers.reading.census import Census
from source_customers.reading.listing import Listing
from source_customers.reading.look_ahead import LookAhead
from source_customers.reading.page import Page
from source_customers.reading.paging import Paging, paging_of
from source_customers.reading.passes import Part
from source_customers.reading.ranges import Ranges

Answer = TypeVar("Answer")

NUMBERED = paging_of(PageNumber(parameter="page"), {})
OFFSETS = paging_of(Offset(parameter="offset", size_parameter="limit", size=3), {})


class AtOnce:
    """Stands in for a connection: runs each task in the moment it is submitted."""

    def __init__(self, concurrency: int = 1) -> None:
        self.concurrency = concurrency
        self.is_paced = False
        self.lists = 1

    def submit(self, task: Callable[[], Answer]) -> Future[Answer]:
        future: Future[Answer] = Future()
        try:
            future.set_result(task())
        except Exception as failure:  # noqa: BLE001  # a future keeps any failure
            future.set_exception(failure)
        return future


def connection(concurrency: int = 1) -> Connection:
    return cast("Connection", AtOnce(concurrency))


def rows(*keys: Any) -> list[dict[str, Any]]:
    return [{"id": key} for key in keys]


def look_ahead(pages: Iterable[Page], asked: list[int] | None = None) -> LookAhead:
    """Return pages one after another, the last of them for ever, and note the positions that were asked for."""
    given = _for_ever(pages)

    def fetch(position: int, _: Stop) -> Page:
        if asked is not None:
            asked.append(position)
        return next(given)

    return LookAhead(connection(), fetch, Stop())


def _for_ever(pages: Iterable[Page]) -> Iterator[Page]:
    last = None
    for last in pages:
        yield last
    assert last is not None
    yield from chain(repeat(last, 50))


def all_rows(pages: Iterable[Page], paging: Paging = NUMBERED, **how: Any) -> set[Any]:
    """Return the keys of a list that is read until none can be missing."""
    ahead = look_ahead(pages)

    def pass_over(_part: Part, census: Census, _number: int, _most: int | None, _rows: int | None) -> Listing:
        return Listing(paging, ahead, "id", census, **how)

    items = Ranges("customers", pass_over).read(None, None)
    return {row["id"] for item in items if isinstance(item, Page) for row in item.rows}
