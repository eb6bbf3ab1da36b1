"""Single scenarios: faults that were found once, each as the behaviour that must hold."""

import gc
import logging
import random
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from source_customers.reading.state import State
from unit_tests.model.activity import Activity
from unit_tests.model.connection import ModelConnection
from unit_tests.model.habits import Habits
from unit_tests.model.play import COMPLETE, World
from unit_tests.model.server import Server
from unit_tests.model.table import Customer, Table

DAY = timedelta(days=1)


def world_with(
    provider: str, rows: int, habits: Habits | None = None, *, apart: float = 1.0, age: timedelta = DAY, **given: Any
) -> World:
    """Return a quiet server with so many rows, each changed so many seconds after the one before."""
    table = Table()
    for index in range(rows):
        table.insert(age - timedelta(seconds=apart * index))
    return world_of(provider, table, Server(provider, table, habits or Habits(), **given))


def world_of(provider: str, table: Table, server: Server) -> World:
    return World(provider, table, server, Activity(table, random.Random(0)))


def read(
    world: World, before_answer: Callable[[int], object] = lambda _: None, *, full_refresh: bool = False, **config: Any
) -> tuple[str, Counter[int], int]:
    """Read once, while something happens before each request; return the ending, how often keys came, the requests."""
    given: dict[str, Any] = {
        "page_size": 3,
        "concurrency": 1,
        "lookback_window": "PT10M",
        "modified_format": "epoch_milliseconds",
    }
    given |= config
    pages = len(world.table.rows) // given["page_size"] + 1
    connection = ModelConnection(
        world.server, world.activity, concurrency=given["concurrency"], most_requests=60 * pages + 300
    )
    connection.before_answer = lambda: before_answer(connection.requests)
    ending, delivered = world.read(connection, given, full_refresh=full_refresh)
    return ending, delivered, connection.requests


def once(at_request: int, event: Callable[[], object]) -> Callable[[int], object]:
    return lambda request: event() if request == at_request else None


@pytest.mark.parametrize("skew", [0.0, 8.0, 90.0, 3600.0, -3600.0])
@pytest.mark.parametrize(
    ("provider", "order"), [("caoloon", "oldest"), ("caoloon", "newest"), ("coredination", "oldest")]
)
def test_no_row_is_lost_when_our_clock_is_wrong(provider: str, order: Any, skew: float) -> None:
    for seed in range(10):
        world = world_with(provider, 30, Habits(order=order))
        world.skew = skew
        before = set(world.table.rows)
        dice, left = random.Random(seed), iter(range(60))

        def change(_: int, world: World = world, dice: random.Random = dice, left: Iterator[int] = left) -> None:
            world.table.pass_time(0.5)
            while dice.random() < 0.6 and next(left, None) is not None:
                world.table.update(dice.choice(sorted(world.table.rows)))

        ending, delivered, _ = read(world, change)
        assert ending != COMPLETE or before <= set(delivered)


@pytest.mark.parametrize("habits", [Habits(), Habits(cap=1)], ids=["asked for", "capped by the server"])
@pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia"])
def test_pages_of_one_row_lose_none_when_a_row_is_deleted(provider: str, habits: Habits) -> None:
    for at_request in range(2, 14):
        world = world_with(provider, 10, habits)
        ending, delivered, _ = read(world, once(at_request, partial(world.table.delete, 1)), page_size=1)
        assert ending == COMPLETE
        assert set(world.table.rows) <= set(delivered)


def test_equals_in_a_changing_order_are_read_whole_where_the_order_by_key_is_given() -> None:
    for seed in range(200):
        world = world_with("valomnia", 400, Habits(order="key", ties="swaps"), apart=0, seed=seed)
        ending, delivered, _ = read(world, page_size=100)
        assert (ending, len(delivered)) == (COMPLETE, 400)


@pytest.mark.parametrize("order", ["none", "oldest"])
@pytest.mark.parametrize("ties", ["swaps", "per_plan", "per_request"])
@pytest.mark.parametrize("rows", [50, 101, 400])
def test_a_server_that_ignores_the_order_never_hides_a_row_of_a_complete_sync(order: Any, ties: Any, rows: int) -> None:
    for seed in range(5):
        world = world_with("valomnia", rows, Habits(order=order, ties=ties), apart=0, seed=seed)
        ending, delivered, _ = read(world, page_size=100)
        assert ending != COMPLETE or len(delivered) == rows


@pytest.mark.parametrize("order", ["newest", "creation"])
def test_a_large_and_busy_list_is_read_to_its_end(order: Any) -> None:
    world = world_with("caoloon", 3500, Habits(order=order))
    before, dice = sorted(world.table.rows), random.Random(1)

    def change(request: int) -> None:
        if request % 2 == 0:
            world.table.update(dice.choice(before))

    ending, delivered, requests = read(world, change, page_size=10)
    assert ending == COMPLETE
    assert set(before) <= set(delivered)
    assert requests < 20 * 350


def test_memory_does_not_grow_with_what_changes_meanwhile() -> None:
    world = world_with("caoloon", 2000, Habits(order="newest"), padding="x" * 300)
    connection = ModelConnection(world.server, world.activity)
    count = grown = 0

    def change() -> None:
        nonlocal grown
        if connection.requests == 2:
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(40_000):
                world.table.insert()
            grown = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.reset_peak()

    connection.before_answer = change
    config = {"page_size": 1000, "concurrency": 1, "lookback_window": "PT10M"}
    tracemalloc.start()
    try:
        with world.our_clock():
            for item in world.reader(connection, config).read():
                count += 0 if isinstance(item, State) else len(item.rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count >= 42_000
    # The rows alone are 40 MB; the answers of a few pages and a number a row may stay.
    assert peak - grown < 25_000_000


def test_what_changed_meanwhile_is_looked_at_twice_where_it_takes_two_pages() -> None:
    world = world_with("caoloon", 8, Habits(order="oldest"))

    def change_four() -> None:
        for key in (1, 2, 3, 4):
            world.table.update(key)

    ending, delivered, _ = read(world, once(3, change_four))
    assert (ending, set(delivered)) == (COMPLETE, set(world.table.rows))
    looks = [(query["page"], query["pageSize"]) for query in world.server.queries if "updatedTo" not in query]
    assert looks == [("1", "3"), *[("1", "3"), ("2", "3")] * 2]


@pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia"])
def test_a_full_refresh_with_a_state_reads_everything(provider: str) -> None:
    world = world_with(provider, 10)
    read(world)
    world.table.pass_time(3600)
    ending, delivered, _ = read(world, full_refresh=True)
    assert (ending, len(delivered)) == (COMPLETE, 10)


@pytest.mark.parametrize("zone", [0, 2, 13, -11])
def test_a_filter_by_date_delivers_the_rows_of_today_once(zone: int) -> None:
    world = world_with("coredination", 250, Habits(zone=zone), apart=0, age=timedelta(hours=3))
    for _ in range(2):
        ending, delivered, _ = read(world, modified_format="date", page_size=100)
        assert ending == COMPLETE
        assert len(delivered) == 250
        assert delivered.total() == 250
        world.table.pass_time(60)


@pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia", "mijnklantportaal"])
def test_rows_that_all_move_to_the_next_page_are_no_fault_of_the_server(provider: str) -> None:
    world = world_with(provider, 12, Habits(order="key_descending"), own_size=3)
    before = set(world.table.rows)

    def add_a_page() -> None:
        for key in sorted(before)[-3:]:
            world.table.update(key)
        for _ in range(3):
            world.table.insert()

    ending, delivered, _ = read(world, once(2, add_a_page))
    assert ending == COMPLETE
    assert before <= set(delivered)


class OddMoments(Server):
    """Writes change times in a way that nobody documented."""

    write: Callable[[Customer], object] = staticmethod(lambda row: int(row.changed.timestamp()))

    def _row(self, row: Customer, key: str, value: object, change_time: str, moment: object) -> Mapping[str, Any]:
        return {**super()._row(row, key, value, change_time, moment), change_time: self.write(row)}


@pytest.mark.parametrize(
    ("provider", "write"),
    [
        ("coredination", lambda row: int(row.changed.timestamp())),
        ("coredination", lambda row: f"{row.changed:%Y%m%d}"),
        ("valomnia", lambda row: f"{row.changed:%Y%m%d}"),
        ("caoloon", lambda row: f"{row.changed:%Y%m%d}"),
    ],
    ids=["seconds for milliseconds", "a date in digits", "a date in digits", "a date in digits"],
)
def test_a_change_time_in_another_unit_is_said_once_and_does_not_move_the_state(
    provider: str, write: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def odd_world() -> World:
        table = Table()
        for index in range(10):
            table.insert(DAY - timedelta(seconds=index))
        server = OddMoments(provider, table, Habits(order="key"))
        server.write = write
        return world_of(provider, table, server)

    world = odd_world()
    with caplog.at_level(logging.INFO):
        ending, delivered, _ = read(world)
    assert (ending, len(delivered)) == (COMPLETE, 10)
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1
    state = world.state
    world.table.pass_time(3600)
    world.table.insert()
    ending, delivered, _ = read(world)
    assert ending == COMPLETE
    assert set(world.table.rows) <= set(world.destination)
    assert world.state == state
