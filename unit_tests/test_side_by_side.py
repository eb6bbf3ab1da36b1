"""Generators that run at once yield all that they have, each in its order, and end when nobody takes it."""

import threading
from collections.abc import Generator, Iterator
from itertools import islice

import pytest

from source_customers.side_by_side import even_share, side_by_side

LONG = 10.0


def numbers(name: str, count: int) -> Generator[tuple[str, int], None, None]:
    yield from ((name, number) for number in range(count))


@pytest.mark.parametrize("at_once", [1, 2, 5, 50])
def test_every_item_comes_once_and_in_the_order_of_its_generator(at_once: int) -> None:
    names = [f"g{number}" for number in range(7)]

    items = list(side_by_side([numbers(name, 100) for name in names], at_once))

    assert {name: [number for other, number in items if other == name] for name in names} == {
        name: list(range(100)) for name in names
    }
    assert len(items) == 700


def test_as_many_run_at_once_as_allowed_and_no_more() -> None:
    meeting, running, most = threading.Barrier(3), [0], [0]
    lock = threading.Lock()

    def one() -> Generator[int, None, None]:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        meeting.wait(LONG)  # three of them have to be here at the same time
        with lock:
            running[0] -= 1
        yield 1

    assert list(side_by_side([one() for _ in range(6)], 3)) == [1] * 6
    assert most == [3]


@pytest.mark.parametrize(
    ("count", "most", "share"),
    [(34, 16, 17), (32, 16, 16), (31, 16, 31), (16, 16, 16), (5, 16, 5), (19, 2, 3), (34, 1, 1), (0, 8, 1)],
)
def test_none_is_left_for_a_turn_that_is_nearly_empty(count: int, most: int, share: int) -> None:
    assert even_share(count, most) == share


def test_a_failure_reaches_whoever_takes_the_items() -> None:
    def failing() -> Generator[tuple[str, int], None, None]:
        yield ("f", 0)
        raise RuntimeError("as it was")

    with pytest.raises(RuntimeError, match="as it was"):
        list(side_by_side([failing(), numbers("g", 3)], 2))


def test_generators_are_closed_when_nobody_takes_their_items() -> None:
    closed = [threading.Event() for _ in range(2)]

    def endless(end: threading.Event) -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            end.set()

    items = side_by_side([endless(end) for end in closed], 2)
    assert isinstance(items, Generator)
    assert list(islice(items, 3)) == [1, 1, 1]
    items.close()

    assert all(end.wait(LONG) for end in closed)


def test_items_do_not_pile_up_while_nobody_takes_them() -> None:
    made = threading.Semaphore(0)
    count = [0]

    def many() -> Generator[int, None, None]:
        for _ in range(1000):
            count[0] += 1
            made.release()
            yield 1

    items: Iterator[int] = side_by_side([many(), many()], 2)
    next(items)
    for _ in range(5):
        assert made.acquire(timeout=LONG)

    # Four that wait, one that was taken, and one in each generator's hands.
    assert count[0] <= 4 + 1 + 2
    items.close()  # type: ignore[attr-defined]  # it is a generator
