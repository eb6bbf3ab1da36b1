"""A list is asked for once, however many look at its rows, and each of them is told what went wrong."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from source_customers.failures import transient_error
from source_customers.reading.page import Page
from source_customers.reading.reader import StreamReader
from source_customers.reading.sample import ListSample


class Reader:
    """Stands in for a stream's reader, and counts how often it is asked."""

    def __init__(self, *pages: Page, failure: Exception | None = None) -> None:
        self.times = 0
        self._pages = pages
        self._failure = failure

    def sample(self) -> Iterator[Page]:
        self.times += 1
        yield from self._pages
        if self._failure:
            raise self._failure


FIRST, NEWEST = Page([{"id": 1}]), Page([{"id": 2}])


def sample_of(reader: Reader) -> ListSample:
    return ListSample(cast("StreamReader", reader))


def test_all_who_look_share_one_look() -> None:
    reader = Reader(FIRST, NEWEST)
    sample = sample_of(reader)

    with ThreadPoolExecutor(8) as threads:
        looks = list(threads.map(lambda _: list(sample.pages()), range(8)))

    assert looks == [[FIRST, NEWEST]] * 8
    assert reader.times == 1


def test_what_came_before_a_failure_is_kept_and_everybody_is_told() -> None:
    reader = Reader(FIRST, failure=transient_error("Down."))
    sample = sample_of(reader)

    for _ in range(2):
        pages = sample.pages()
        assert next(pages) == FIRST
        with pytest.raises(Exception, match=r"Down\."):
            next(pages)
    assert reader.times == 1
