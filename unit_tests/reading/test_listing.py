"""What one pass over a list proves, whatever the pages bring."""

from typing import Any

import pytest

from source_customers.reading.census import Census
from source_customers.reading.listing import Listing, Verdict
from source_customers.reading.page import Page
from source_customers.reading.paging import Paging
from unit_tests.reading.lists import NUMBERED, OFFSETS, look_ahead, rows


def passed(pages: list[Page], paging: Paging = NUMBERED, **how: Any) -> tuple[Verdict | None, list[Any], list[int]]:
    """Return the verdict of a pass, the keys that it delivered, and the positions that were asked for."""
    asked: list[int] = []
    listing = Listing(paging, look_ahead(pages, asked), "id", Census(), **how)
    keys = [row["id"] for page in listing.pages() for row in page.rows]
    return listing.verdict, keys, asked


def page(*keys: Any, **said: Any) -> Page:
    return Page(rows(*keys), **said)


def test_pages_end_by_the_word_of_the_server() -> None:
    pages = [page(1, 2, more=True), page(3, more=True), page(4, 5, more=False)]
    assert passed(pages) == (Verdict.WHOLE, [1, 2, 3, 4, 5], [1, 2, 3])


def test_without_a_word_the_end_is_a_page_that_brings_nothing() -> None:
    pages = [page(1, 2, 3), page(3, 4), page(4)]
    assert passed(pages, OFFSETS) == (Verdict.WHOLE, [1, 2, 3, 4], [0, 2, 3])


def test_fewer_rows_than_announced_are_short() -> None:
    assert passed([page(1, 2, more=True, total=4), page(3, more=False, total=4)])[0] is Verdict.SHORT


def test_rows_that_come_twice_are_short() -> None:
    assert passed([page(1, 2, more=True), page(2, 3, more=False)])[0] is Verdict.SHORT


def test_a_page_that_was_asked_for_before_the_single_row_in_front_of_it_is_asked_for_again() -> None:
    one, two, three, end = page(1), page(2), page(3), page()
    # Where row 3 was on its way, there is row 2 by the time that row 1 has come.
    stale = [one, three, two]
    back, second, third, last = [one], [two, two, one], [three, three, two], [end, end, three]
    verdict, keys, _ = passed([*stale, *back, *second, *third, *last], OFFSETS)
    assert (verdict, keys) == (Verdict.WHOLE, [1, 1, 2, 3])


@pytest.mark.parametrize("changed", [{"total": 5, "size": 2}, {"total": 4, "size": 3}], ids=["total", "page size"])
def test_a_server_that_speaks_of_another_list_ends_the_pass(changed: dict[str, int]) -> None:
    assert passed([page(1, 2, more=True, total=4, size=2), page(3, 4, more=False, **changed)])[0] is Verdict.MOVED


def test_a_list_longer_than_wanted_delivers_nothing() -> None:
    assert passed([page(1, 2, more=True, total=9)], most_rows=8) == (Verdict.TOO_LONG, [], [1])


def test_a_list_of_one_page_is_never_too_long() -> None:
    assert passed([page(1, 2, 3, more=False, total=3)], most_rows=1)[0] is Verdict.WHOLE


def test_a_page_that_does_not_begin_where_the_one_before_ended_leads_back() -> None:
    pages = [page(1, 2, 3), page(5, 6, 7), page(1, 2, 4), page(4, 5, 6), page(6, 7), page(7)]
    verdict, keys, asked = passed(pages, OFFSETS)
    assert verdict is Verdict.WHOLE
    assert set(keys) == {1, 2, 3, 4, 5, 6, 7}
    assert asked[:3] == [0, 2, 0]


@pytest.mark.parametrize("last", [page(3, 9, 8), page(3, 3), page(3, "x")], ids=["falls", "stays", "other kind"])
def test_keys_that_do_not_rise_are_in_disorder(last: Page) -> None:
    assert passed([page(1, 2, 3), last], OFFSETS, by_key=True)[0] is Verdict.DISORDERED


def test_rising_keys_are_read_however_far_they_moved_back() -> None:
    pages = [page(1, 2, 3), page(1, 2, 3), page(3, 4), page(4)]
    assert passed(pages, OFFSETS, by_key=True)[:2] == (Verdict.WHOLE, [1, 2, 3, 4])


def test_a_single_row_that_comes_after_a_later_key_is_in_disorder() -> None:
    """The keys are in the order of their text. On a page of a single row nothing else shows it."""
    one, ten, two = page(1), page(10), page(2)
    assert passed([one, ten, ten, one, two], OFFSETS, by_key=True)[:2] == (Verdict.DISORDERED, [1, 10])


def test_a_single_row_that_has_moved_back_ends_a_list_of_longer_pages() -> None:
    pages = [page(1, 2, 3), page(3)]
    assert passed(pages, OFFSETS, by_key=True)[:2] == (Verdict.WHOLE, [1, 2, 3])


def test_a_first_page_of_a_longer_list_counts_while_both_have_the_same_total() -> None:
    first, second = page(1, 2, 3, more=True, total=4), page(3, 4, more=False, total=4)
    how = {"by_key": True, "begins_longer": True}
    assert passed([first, second], OFFSETS, **how) == (Verdict.WHOLE, [1, 2, 3, 4], [0, 2])


def test_a_first_page_of_a_longer_list_is_asked_for_again_where_it_has_other_rows() -> None:
    """Row 2 has changed after the bound. The rows that were delivered do not come again."""
    longer, second, own = (
        page(1, 2, 3, more=True, total=5),
        page(4, 5, more=False, total=4),
        page(1, 3, 4, more=True, total=4),
    )
    how = {"by_key": True, "begins_longer": True}
    assert passed([longer, second, own], OFFSETS, **how) == (Verdict.WHOLE, [1, 2, 3, 4, 5], [0, 2, 0])


def test_a_first_page_of_a_longer_list_is_asked_for_again_where_no_total_tells() -> None:
    pages = [page(1, 2, 3, more=True), page(3, 4, more=False), page(1, 2, 3, more=True)]
    how = {"by_key": True, "begins_longer": True}
    assert passed(pages, OFFSETS, **how) == (Verdict.WHOLE, [1, 2, 3, 4], [0, 2, 0])


def test_a_pass_goes_on_after_the_last_key_of_another_sync() -> None:
    asked: list[int] = []
    listing = Listing(OFFSETS, look_ahead([page(4, 5, 6), page(6)], asked), "id", Census(), by_key=True)
    listing.resume(4, 5, 5)
    assert [row["id"] for given in listing.pages() for row in given.rows] == [6]
    assert (listing.verdict, listing.rows_read, asked) == (Verdict.WHOLE, 6, [4, 6])
    assert not listing.is_atomic


def test_equals_that_turn_round_hide_no_row_in_a_pass_that_is_whole() -> None:
    """Nothing changes but the order of equals: the list is 1 2 3 4, then 3 1 2 4."""
    turned = [page(1, 2), page(1, 2), page(2, 4), page(4)]
    assert passed(turned, OFFSETS)[0] is Verdict.MOVED


def test_rows_that_may_have_been_added_are_counted_where_they_will_be_looked_for() -> None:
    asked: list[int] = []
    pages = [page(1, 2, 3), page(2, 3, 4), page(9, 1, 2), page(4)]
    listing = Listing(OFFSETS, look_ahead(pages, asked), "id", Census(), presumes=True)
    assert {row["id"] for given in listing.pages() for row in given.rows} == {1, 2, 3, 4}
    assert (listing.verdict, listing.presumed, asked) == (Verdict.WHOLE, 1, [0, 2, 0, 4])


def test_rows_that_come_again_and_are_where_they_were_as_well_end_the_pass() -> None:
    pages = [page(1, 2, 3), page(2, 3, 5), page(1, 2, 3)]
    assert passed(pages, OFFSETS, presumes=True) == (Verdict.MOVED, [1, 2, 3], [0, 2, 0])


@pytest.mark.parametrize("before", [page(9, 2, 1), page(9, 1, 8), page()], ids=["turned", "other", "empty"])
def test_rows_that_come_again_without_having_moved_back_lead_back(before: Page) -> None:
    pages = [page(1, 2, 3), page(2, 3, 5), before, page(1, 2, 3), page(3, 4, 5), page(5)]
    verdict, keys, _ = passed(pages, OFFSETS, presumes=True)
    assert (verdict, set(keys)) == (Verdict.WHOLE, {1, 2, 3, 4, 5})


@pytest.mark.parametrize(("usual", "atomic"), [(3, True), (2, False), (0, False)])
def test_a_short_page_and_its_end_are_one_moment_where_longer_pages_were_given(usual: int, *, atomic: bool) -> None:
    listing = Listing(OFFSETS, look_ahead([page(1, 2), page(2)]), "id", Census(), presumes=True, usual=usual)
    assert [row["id"] for given in listing.pages() for row in given.rows] == [1, 2]
    assert listing.is_atomic is atomic
