"""How many pages are sent for before they are needed, and what becomes of those that are not."""

from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from typing import Any, cast

import pytest

from source_customers.connection.connection import Connection
from source_customers.connection.stop import Stop
from source_customers.reading.look_ahead import MOST_WAITING_BYTES, LookAhead
from source_customers.reading.page import Page
from unit_tests.reading.lists import rows


class Waiting:
    """Stands in for a connection: keeps each task until its result is needed."""

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self.is_paced = False
        self.lists = 1
        self.tasks: list[tuple[Callable[[], Any], Future[Any]]] = []

    def submit(self, task: Callable[[], Any]) -> Future[Any]:
        future = _Asked(task)
        self.tasks.append((task, future))
        return future


class _Asked(Future[Any]):
    def __init__(self, task: Callable[[], Any]) -> None:
        super().__init__()
        self._task = task

    def result(self, timeout: float | None = None) -> Any:
        if not self.done():
            self.set_result(self._task())
        return super().result(timeout)


class Ahead:
    """A look-ahead over pages of one row, and the positions and stops of what was fetched."""

    def __init__(self, concurrency: int, weight: int = 1) -> None:
        self.connection = Waiting(concurrency)
        self.parent = Stop()
        self.weight = weight
        self.fetched: list[tuple[int, Stop]] = []
        self.look_ahead = LookAhead(cast("Connection", self.connection), self._fetch, self.parent)

    def _fetch(self, position: int, stop: Stop) -> Page:
        self.fetched.append((position, stop))
        return Page(rows(position), weight=self.weight)

    def prepare(self, first: int, read: int | None, last: int = 1000) -> int:
        """Send for pages and return how many requests that were."""
        before = len(self.connection.tasks)
        self.look_ahead.prepare(iter(range(first, last + 1)), read)
        return len(self.connection.tasks) - before

    def page(self, position: int) -> Any:
        return self.look_ahead.page(position).rows[0]["id"]

    def send(self) -> None:
        """Let every task run that was not cancelled."""
        for _, future in self.connection.tasks:
            if not future.cancelled():
                future.result()


@pytest.mark.parametrize(("concurrency", "sent"), [(1, 0), (2, 2), (4, 5), (8, 10), (32, 40)])
def test_where_the_end_is_known_a_quarter_more_than_the_bound_is_sent_for(concurrency: int, sent: int) -> None:
    assert Ahead(concurrency).prepare(2, None) == sent


def test_nothing_is_sent_for_past_the_end() -> None:
    assert Ahead(8).prepare(2, None, last=4) == 3


@pytest.mark.parametrize(("read", "sent"), [(1, 2), (2, 3), (3, 4), (7, 8), (100, 8)])
def test_where_the_end_is_unknown_fewer_are_in_vain_than_the_list_has_pages(read: int, sent: int) -> None:
    assert Ahead(8).prepare(2, read) == sent
    # The next page is the end at the soonest: so many pages there are, and all the others were in vain.
    assert sent - 1 < read + 1


@pytest.mark.parametrize(("read", "sent"), [(1, 1), (2, 2), (3, 3), (8, 8), (100, 8)])
def test_where_the_rate_is_limited_fewer_are_in_vain(read: int, sent: int) -> None:
    ahead = Ahead(8)
    ahead.connection.is_paced = True

    assert ahead.prepare(2, read) == sent


@pytest.mark.parametrize(
    ("weight", "sent"),
    [
        (MOST_WAITING_BYTES // 40, 40),
        (MOST_WAITING_BYTES // 10, 10),
        (MOST_WAITING_BYTES // 3, 3),
        (MOST_WAITING_BYTES * 2, 1),
    ],
)
def test_long_answers_leave_room_for_fewer(weight: int, sent: int) -> None:
    ahead = Ahead(32, weight)
    assert ahead.page(1) == 1
    assert ahead.prepare(2, None) == sent


def test_the_longest_answer_so_far_counts() -> None:
    ahead = Ahead(32, MOST_WAITING_BYTES // 3)
    ahead.page(1)
    ahead.weight = 1
    ahead.page(2)
    assert ahead.prepare(3, None) == 3


def test_a_page_that_was_sent_for_is_not_asked_for_again() -> None:
    ahead = Ahead(4)
    ahead.prepare(2, None, last=4)
    assert [ahead.page(position) for position in (2, 3, 4)] == [2, 3, 4]
    assert len(ahead.connection.tasks) == 3


def test_what_is_on_its_way_is_added_to() -> None:
    ahead = Ahead(4)
    assert ahead.prepare(2, None) == 5
    ahead.page(2)
    assert ahead.prepare(3, None) == 1


def test_more_on_its_way_than_wanted_is_kept() -> None:
    ahead = Ahead(4)
    ahead.prepare(2, 4)
    assert ahead.prepare(2, 1) == 0
    assert [ahead.page(position) for position in (2, 3, 4, 5)] == [2, 3, 4, 5]


def test_another_position_than_expected_drops_what_is_on_its_way() -> None:
    ahead = Ahead(4)
    ahead.prepare(2, None, last=5)
    assert ahead.page(7) == 7
    assert [future.cancelled() for _, future in ahead.connection.tasks] == [True] * 4 + [False]


def test_other_positions_to_come_drop_what_is_on_its_way() -> None:
    ahead = Ahead(2)
    ahead.prepare(2, None)
    ahead.look_ahead.prepare(count(3, 2), None)
    assert [future.cancelled() for _, future in ahead.connection.tasks] == [True, True, False, False]


def test_what_is_dropped_is_cancelled_and_told_to_stop() -> None:
    ahead = Ahead(4)
    ahead.prepare(2, None, last=5)
    ahead.send()
    ahead.prepare(6, None, last=8)
    ahead.look_ahead.forget()
    ahead.page(2)
    stops = dict(ahead.fetched)
    assert all(stop.is_set for _, stop in ahead.fetched[:4]), "they may wait to be tried again"
    assert not stops[2].is_set
    assert all(future.cancelled() for _, future in ahead.connection.tasks[4:7])
    assert not ahead.parent.is_set


def test_the_end_of_the_stream_stops_what_is_on_its_way() -> None:
    ahead = Ahead(4)
    ahead.page(1)
    ahead.parent.set()
    assert ahead.fetched[0][1].is_set


def test_a_page_that_was_there_before_is_not_asked_for() -> None:
    ahead = Ahead(4)
    ahead.look_ahead.offer(1, Page(rows("offered")))
    assert ahead.page(1) == "offered"
    assert not ahead.connection.tasks


def test_a_page_is_asked_for_again_beside_what_is_on_its_way() -> None:
    ahead = Ahead(4)
    ahead.prepare(2, None, last=4)
    assert ahead.look_ahead.again(1).rows == rows(1)
    assert ahead.page(2) == 2
    assert len(ahead.connection.tasks) == 4
