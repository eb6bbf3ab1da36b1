"""Which position follows a page, and which are sent for ahead."""

from itertools import islice

import pytest

from source_customers.manifest.settings import Offset, PageNumber
from source_customers.reading.page import Page
from source_customers.reading.paging import paging_of
from unit_tests.reading.lists import rows


def page(length: int, total: int | None = None) -> Page:
    return Page(rows(*range(length)), total=total)


def test_pages_are_numbered_from_one() -> None:
    paging = paging_of(PageNumber(parameter="page", size_parameter="pageSize", size="page_size"), {"page_size": 25})
    assert paging.first == 1
    assert paging.parameters(3, 25) == [("pageSize", "25"), ("page", "3")]
    assert paging.following(3, page(25)) == 4


def test_a_list_without_a_page_size_asks_for_none() -> None:
    paging = paging_of(PageNumber(parameter="page"), {})
    assert (paging.size, paging.overlap) == (0, 0)
    assert paging.parameters(2, 0) == [("page", "2")]


@pytest.mark.parametrize(("total", "expected"), [(0, []), (2, []), (3, [2]), (4, [2]), (5, [2, 3])])
def test_numbers_ahead_end_with_the_total(total: int, expected: list[int]) -> None:
    paging = paging_of(PageNumber(parameter="page"), {})
    assert list(paging.ahead(1, page(2, total))) == expected


def test_numbers_ahead_do_not_end_where_no_total_is_known() -> None:
    paging = paging_of(PageNumber(parameter="page"), {})
    assert list(islice(paging.ahead(4, page(2)), 3)) == [5, 6, 7]


def test_each_offset_repeats_the_last_row() -> None:
    paging = paging_of(Offset(parameter="offset", size_parameter="limit", size=10), {})
    assert (paging.first, paging.overlap) == (0, 1)
    assert paging.following(0, page(10)) == 9
    assert paging.following(9, page(4)) == 12, "a short page is not the last"
    assert list(islice(paging.ahead(0, page(10)), 3)) == [9, 18, 27]


def test_without_overlap_the_next_offset_is_the_row_after() -> None:
    paging = paging_of(Offset(parameter="offset", size_parameter="limit", size=10, overlap=False), {})
    assert paging.following(20, page(10)) == 30


@pytest.mark.parametrize(("overlap", "size"), [(True, 2), (False, 1)])
def test_a_page_is_larger_than_its_overlap(overlap: bool, size: int) -> None:
    assert paging_of(Offset(parameter="offset", size_parameter="limit", size=1, overlap=overlap), {}).size == size


def test_a_page_of_one_row_still_leads_on() -> None:
    paging = paging_of(Offset(parameter="offset", size_parameter="limit", size=10), {})
    assert paging.following(5, page(1)) == 6


@pytest.mark.parametrize(("total", "expected"), [(3, []), (4, [2]), (5, [2]), (6, [2, 4])])
def test_offsets_ahead_end_with_the_total(total: int, expected: list[int]) -> None:
    paging = paging_of(Offset(parameter="offset", size_parameter="limit", size=3), {})
    assert list(paging.ahead(0, page(3, total))) == expected


def test_nothing_is_ahead_of_an_empty_page() -> None:
    assert list(paging_of(Offset(parameter="offset"), {}).ahead(0, page(0))) == []
