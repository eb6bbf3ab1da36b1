"""How many pages are sent for, while the first of them is awaited."""

from queue import SimpleQueue
from threading import Event

import pytest

from source_customers.components.answers import Page
from source_customers.components.look_ahead import LookAhead


@pytest.mark.parametrize(
    ("in_vain", "end_is_known", "expected"),
    [(0, True, {2, 3, 4, 5, 6}), (0, False, {2, 3, 4, 5}), (1, False, {2, 3, 4})],
)
def test_a_slow_page_keeps_no_more_than_these_waiting(in_vain: int, *, end_is_known: bool, expected: set[int]) -> None:
    asked: SimpleQueue[int] = SimpleQueue()
    answered = Event()

    def fetch(position: int) -> Page:
        asked.put(position)
        if position == 2:
            answered.wait()
        return Page([])

    ahead = LookAhead(fetch, in_flight=4)
    try:
        ahead.prepare(iter(range(2, 20)), in_vain=in_vain, end_is_known=end_is_known)
        assert {asked.get(timeout=10) for _ in expected} == expected
        answered.set()
        for position in sorted(expected):
            ahead.page(position)
        assert asked.empty()
    finally:
        answered.set()
        ahead.close()
