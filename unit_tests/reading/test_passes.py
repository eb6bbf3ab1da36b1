"""What a pass over a list begins with."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, cast

import pytest

from source_customers.connection.stop import Stop
from source_customers.reading.api_list import ApiList
from source_customers.reading.census import Census
from source_customers.reading.listing import Verdict
from source_customers.reading.page import Page
from source_customers.reading.passes import Part, Passes
from unit_tests.reading.lists import NUMBERED, connection, rows

PAST = datetime(2026, 1, 1, tzinfo=timezone.utc)
PAGE = 3


class Pages:
    """Twelve rows on pages of three, and what was asked for: the page, and the last moment of the part."""

    def __init__(self, *, by_key: bool = False) -> None:
        self.asked: list[tuple[int, datetime | None]] = []
        self.key = "id"
        self.paging = NUMBERED
        self.settings = SimpleNamespace(sorted_by_key=by_key, envelope=SimpleNamespace(total="total"))
        self.bounds = SimpleNamespace(has_upper=True)

    def page(self, position: int, _size: int, _stop: Stop, _lower: Any, upper: datetime | None, _cursor: Any) -> Page:
        self.asked.append((position, upper))
        return Page(rows(*range(PAGE * (position - 1), PAGE * position)), total=12, more=position < 4)


def opened(pages: Pages) -> Passes:
    passes = Passes(cast(ApiList, pages), connection(concurrency=4), Stop())
    passes.open(None)
    return passes


def begun(passes: Passes, part: Part, most_rows: int | None = None) -> Iterator[Page]:
    """Begin a pass, and do not ask for a page of it yet."""
    return passes.over(part, Census(), most_rows=most_rows).pages()


def test_the_first_request_tells_how_many_pages_to_send_for_at_once() -> None:
    pages = Pages()
    begun(opened(pages), (None, PAST))
    assert pages.asked == [(1, None), (1, PAST), (2, PAST), (3, PAST), (4, PAST)]


def test_of_a_list_that_is_too_long_nothing_more_is_asked_for() -> None:
    pages = Pages()
    listing = opened(pages).over((None, PAST), Census(), most_rows=11)
    assert list(listing.pages()) == []
    assert (listing.verdict, listing.total) == (Verdict.TOO_LONG, 12)
    assert pages.asked == [(1, None)]


def test_what_other_parts_tell_is_how_many_pages_to_send_for_at_once() -> None:
    pages = Pages()
    passes = opened(pages)
    begun(passes, (None, PAST), most_rows=11)
    passes.over((None, PAST), Census(), most_rows=11, rows=8)
    assert pages.asked == [(1, None), (1, PAST), (2, PAST), (3, PAST)]


def test_an_answer_longer_than_a_list_may_be_is_no_reason_to_cut_it() -> None:
    pages = Pages()
    listing = opened(pages).over((None, PAST), Census(), most_rows=PAGE - 1)
    assert list(listing.pages()) == []
    assert pages.asked == [(1, None), (1, PAST)]


@pytest.mark.parametrize(("by_key", "part"), [(False, (None, None)), (True, (None, None)), (True, (None, PAST))])
def test_of_the_same_list_or_in_the_order_of_the_key_the_first_page_is_there(by_key: bool, part: Part) -> None:
    pages = Pages(by_key=by_key)
    listing = begun(opened(pages), part)
    assert next(listing).rows == rows(0, 1, 2)
    assert pages.asked == [(1, None)]


def test_a_list_whose_first_page_was_its_own_has_moved_where_the_second_one_has_another_total() -> None:
    """The first page that came with the opening is not a page of this pass, and its keys must not count for it."""

    class Falling(Pages):
        def page(self, position: int, *args: Any) -> Page:
            return replace(super().page(position, *args), total=12 if len(self.asked) <= 2 else 11)

    listing = opened(Falling()).over((None, PAST), Census())
    assert len(list(listing.pages())) == 1
    assert listing.verdict is Verdict.MOVED


def test_the_pass_after_it_begins_with_a_page_of_its_own() -> None:
    pages = Pages(by_key=True)
    passes = opened(pages)
    next(begun(passes, (None, PAST)))
    assert next(begun(passes, (None, PAST))).rows == rows(0, 1, 2)
    assert pages.asked[:2] == [(1, None), (1, PAST)]
