"""The model answers as the providers document it when it behaves, and each misbehaviour does what it says."""

import random
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import orjson
import pytest

from source_customers.connection.answers import UnexpectedAnswerError
from unit_tests.model.activity import Activity
from unit_tests.model.connection import ModelConnection, TooManyRequestsError
from unit_tests.model.habits import Habits
from unit_tests.model.server import Server
from unit_tests.model.table import START, Table
from unit_tests.model.workers import LateWorkers

DAY = timedelta(days=1)
SORTED = [("sort", "id"), ("order", "asc")]


@dataclass(frozen=True)
class Call:
    query: list[tuple[str, str]]


def table_of(count: int, *, apart: float = 1.0) -> Table:
    """Return rows 1, 2, 3 ..., each changed so many seconds after the one before, a day ago."""
    table = Table()
    for index in range(count):
        table.insert(DAY - timedelta(seconds=apart * index))
    return table


def caoloon(table: Table, habits: Habits | None = None, size: int = 100, page: int = 1, **bounds: int) -> Any:
    query = [("pageSize", str(size)), ("page", str(page)), *((name, str(value)) for name, value in bounds.items())]
    return Server("caoloon", table, habits or Habits()).answer(query)


def coredination(table: Table, habits: Habits | None = None, **query: object) -> list[int]:
    server = Server("coredination", table, habits or Habits())
    asked = {"limit": 100, "offset": 0, **query}
    return [row["id"] for row in server.answer([(name, str(value)) for name, value in asked.items()])]


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def test_caoloon_answers_as_documented() -> None:
    answer = caoloon(table_of(5), size=2, page=2)
    assert [row["guid"] for row in answer["models"]] == ["00000003", "00000004"]
    assert {name: answer[name] for name in ("total", "page", "pageSize", "nextPage")} == {
        "total": 5,
        "page": 2,
        "pageSize": 2,
        "nextPage": 3,
    }
    assert answer["models"][0]["updatedAt"] == "2026-02-28T12:00:02.250000+00:00"
    assert caoloon(table_of(5), size=2, page=3)["nextPage"] is None


def test_coredination_answers_as_documented() -> None:
    table = table_of(5)
    assert coredination(table, limit=2, offset=3) == [4, 5]
    assert coredination(table, limit=2, offset=5) == []
    milliseconds = seconds(table.rows[4].changed) * 1000 + 250
    assert coredination(table, modified=milliseconds) == [4, 5]


def test_valomnia_answers_as_documented() -> None:
    server = Server("valomnia", table_of(5), Habits(order="key"))
    answer = server.answer([*SORTED, ("max", "2"), ("offset", "2")])
    assert [row["id"] for row in answer["data"]] == [3, 4]
    assert answer["paging"]["total"] == 5
    assert answer["paging"]["next"]
    assert answer["data"][0]["lastUpdated"] == "2026-02-28T12:00:02Z"
    last = server.answer([*SORTED, ("max", "2"), ("offset", "3"), ("lastUpdated_gte", "2026-02-28T12:00:00Z")])
    assert last["paging"]["next"] is None


def test_mijnklantportaal_answers_as_documented() -> None:
    server = Server("mijnklantportaal", table_of(5), Habits(), own_size=2)
    answer = server.answer([("page", "2")])
    assert (answer["current_page"], answer["from"], answer["to"]) == (2, 3, 4)
    assert [row["id"] for row in answer["data"]] == [3, 4]
    assert server.answer([("page", "3")])["next_page_url"] is None
    assert server.answer([("page", "4")])["from"] is None


def test_a_parameter_that_nobody_documented_is_refused() -> None:
    with pytest.raises(AssertionError):
        coredination(table_of(1), sort="id")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("creation", [1, 2, 3]),
        ("key", [1, 2, 3]),
        ("key_descending", [3, 2, 1]),
        ("oldest", [1, 3, 2]),
        ("newest", [2, 3, 1]),
    ],
)
def test_a_list_comes_in_its_order(order: Any, expected: list[int]) -> None:
    table = table_of(3)
    table.update(2)
    assert coredination(table, Habits(order=order)) == expected


def test_keys_as_text_are_in_another_order_than_numbers() -> None:
    assert coredination(table_of(11), Habits(order="key_as_text"))[:4] == [1, 10, 11, 2]


def test_random_keys_are_not_in_the_order_of_creation() -> None:
    table = Table("random", seed=1)
    created = [table.insert() for _ in range(10)]
    assert created != sorted(created)


def pages_of_equals(ties: Any) -> list[tuple[int, ...]]:
    server = Server("coredination", table_of(30, apart=0), Habits(order="newest", ties=ties))
    asked = [(10, 0), (10, 0), (10, 10), (20, 0)]
    return [
        tuple(row["id"] for row in server.answer([("limit", str(limit)), ("offset", str(offset))]))
        for limit, offset in asked
    ]


def test_equals_may_keep_their_order() -> None:
    first, again, _, longer = pages_of_equals("stable")
    assert first == again == longer[:10]


def test_equals_may_change_their_order_at_each_request() -> None:
    first, again, _, _ = pages_of_equals("per_request")
    assert first != again


def test_equals_may_come_in_an_order_that_depends_on_the_last_row_asked_for() -> None:
    first, again, second, longer = pages_of_equals("per_plan")
    assert first == again
    assert second == longer[10:], "the same last row, the same plan"
    assert first != longer[:10]


def test_a_few_equals_may_swap_at_each_request() -> None:
    first, again, _, _ = pages_of_equals("swaps")
    assert first != again
    assert len(set(first) & set(again)) >= 4


def test_rows_that_differ_keep_their_order_whatever_equals_do() -> None:
    for ties in ("per_request", "per_plan", "swaps"):
        assert coredination(table_of(30), Habits(order="oldest", ties=ties)) == list(range(1, 31))


def test_a_page_may_be_capped_and_the_cap_may_change() -> None:
    server = Server("coredination", table_of(9), Habits(cap=3, later_cap=1, cap_changes_at=2))
    lengths = [len(server.answer([("limit", "5"), ("offset", "0")])) for _ in range(3)]
    assert lengths == [3, 1, 1]


def test_a_capped_page_may_claim_the_size_that_was_asked_for() -> None:
    table = table_of(9)
    assert caoloon(table, Habits(cap=3))["pageSize"] == 3
    assert caoloon(table, Habits(cap=3, echoes_size=True))["pageSize"] == 100


def test_bounds_may_be_exclusive() -> None:
    table = Table(start=START.replace(microsecond=0))
    table.insert()
    at = seconds(table.now)
    assert caoloon(table, Habits(), updatedFrom=at, updatedTo=at)["total"] == 1
    assert caoloon(table, Habits(inclusive=False), updatedFrom=at)["total"] == 0
    assert caoloon(table, Habits(inclusive=False), updatedTo=at)["total"] == 0


def test_bounds_may_be_compared_in_whole_seconds() -> None:
    table = table_of(1)
    at = seconds(table.rows[1].changed)
    assert caoloon(table, Habits(), updatedTo=at)["total"] == 0
    assert caoloon(table, Habits(compares_seconds=True), updatedTo=at)["total"] == 1
    assert caoloon(table, Habits(compares_seconds=True, inclusive=False), updatedFrom=at)["total"] == 0


@pytest.mark.parametrize(("zone", "expected"), [(0, [2]), (2, [1, 2]), (-5, [])])
def test_a_date_begins_in_the_zone_of_the_server(zone: int, expected: list[int]) -> None:
    table = Table(start=datetime(2026, 3, 1, 3, tzinfo=timezone.utc))
    table.insert(timedelta(hours=4))
    table.insert(timedelta(hours=2))
    assert coredination(table, Habits(zone=zone), modified="2026-03-01") == expected


@pytest.mark.parametrize(("hidden", "expected"), [("never", 6), ("sometimes", 4), ("always", 0)])
def test_rows_may_leave_out_their_change_time(hidden: Any, expected: int) -> None:
    rows = caoloon(table_of(6), Habits(hidden=hidden), updatedFrom=0)["models"]
    assert len(rows) == 6
    assert sum("updatedAt" in row for row in rows) == expected


def test_a_total_may_be_counted_before_the_rows_are_read() -> None:
    table = table_of(3)
    server = Server("caoloon", table, Habits(torn=True))
    answer = server.answer([("pageSize", "5"), ("page", "1")], meanwhile=lambda: table.delete(1))
    assert answer["total"] == 3
    assert len(answer["models"]) == 2


@pytest.mark.parametrize("mark", [None, 0, "", "absent"])
def test_the_last_page_may_name_no_next_page_in_several_ways(mark: Any) -> None:
    assert not caoloon(table_of(1), Habits(end_mark=mark)).get("nextPage")


def quiet(table: Table, **given: Any) -> Activity:
    return Activity(table, random.Random(0), **given)


def connection_of(table: Table, activity: Activity, **given: Any) -> ModelConnection:
    return ModelConnection(Server("coredination", table, Habits()), activity, **given)


ALL = Call([("limit", "100"), ("offset", "0")])


def test_the_clock_is_the_first_date_and_then_elapsed_time() -> None:
    table = table_of(1)
    connection = connection_of(table, quiet(table, latency=4.0, slow=4.0))
    assert connection.clock.now() is None
    connection.fetch(ALL, orjson.loads, None)
    known = connection.clock.now()
    assert known is not None
    # `Date` is cut to whole seconds, and was a second old when it came.
    assert table.now - known == timedelta(seconds=1.25)
    table.pass_time(10)
    connection.fetch(ALL, orjson.loads, None)
    assert connection.clock.now() == known + timedelta(seconds=14)


def test_a_slow_answer_lets_time_pass_before_and_after_the_rows_are_read() -> None:
    table = table_of(1)
    activity = quiet(table, latency=1.0, slow=60.0)
    assert {activity.duration() for _ in range(100)} == {1.0, 60.0}
    connection_of(table, activity).fetch(ALL, orjson.loads, None)
    assert table.now > START


@pytest.mark.parametrize("kind", "udilbmft")
def test_each_kind_of_change_happens(kind: str) -> None:
    table = table_of(30)
    before, now = dict(table.rows), table.now
    activity = quiet(table, rate=1.0, kinds=kind, left=1, lateness=60.0)
    activity.meanwhile()
    new = [row for key, row in table.rows.items() if key not in before]
    changed = [row for key, row in table.rows.items() if key in before and row != before[key]]
    gone = before.keys() - table.rows.keys()
    assert activity.changes == 1
    assert (len(gone) == 1) == (kind == "d")
    assert bool(changed) == (kind in "um")
    assert bool(new) == (kind in "ilbf")
    assert (len(new) > 1) == (kind == "b")
    assert (len({row.changed for row in new + changed}) == 1) == (kind in "umilbf")
    assert any(row.changed > table.now for row in new) == (kind == "f")
    assert any(row.changed < now for row in new) == (kind == "l")
    assert (table.now > now) == (kind == "t")


def test_an_update_raises_the_version_and_moves_the_change_time() -> None:
    table = table_of(1)
    table.update(1)
    assert (table.rows[1].version, table.rows[1].changed) == (2, table.now)


def test_a_change_may_show_later_than_it_is_dated() -> None:
    table = table_of(3)
    quiet(table, rate=1.0, kinds="u", left=1, delay=0.8).meanwhile()
    [changed] = [row for row in table.rows.values() if row.version == 2]
    assert timedelta(0) < table.now - changed.changed <= timedelta(seconds=0.8)


def test_an_answer_that_is_refused_is_asked_for_again() -> None:
    table = table_of(1)
    connection = connection_of(table, quiet(table))
    refusals = iter([True, False])

    def read(body: bytes) -> Any:
        if next(refusals):
            raise UnexpectedAnswerError("another page than the one asked for")
        return orjson.loads(body)

    assert len(connection.fetch(ALL, read, None)) == 1
    assert connection.requests == 2


def test_a_reader_that_does_not_end_is_stopped() -> None:
    table = table_of(1)
    connection = connection_of(table, quiet(table), most_requests=1)
    connection.fetch(ALL, orjson.loads, None)
    with pytest.raises(TooManyRequestsError):
        connection.fetch(ALL, orjson.loads, None)


def order_of_answers(seed: int) -> list[int]:
    workers, ran = LateWorkers(4, random.Random(seed)), list[int]()
    futures = [workers.submit(partial(ran.append, number)) for number in range(8)]
    for future in futures:
        future.result()
    return ran


def test_workers_answer_out_of_order_but_each_task_once_and_the_same_for_a_seed() -> None:
    assert sorted(order_of_answers(1)) == list(range(8))
    assert order_of_answers(1) == order_of_answers(1)
    assert len({tuple(order_of_answers(seed)) for seed in range(20)}) > 10
    assert any(order_of_answers(seed) != list(range(8)) for seed in range(5))


def test_no_worker_begins_a_task_before_there_is_one_free() -> None:
    for seed in range(50):
        ran = order_of_answers(seed)
        assert all(number < position + 4 for position, number in enumerate(ran))


def test_a_task_that_fails_fails_where_its_result_is_needed() -> None:
    def fail() -> None:
        raise UnexpectedAnswerError

    future = LateWorkers(1, random.Random(0)).submit(fail)
    with pytest.raises(UnexpectedAnswerError):
        future.result()


def test_a_cancelled_task_may_have_been_sent_all_the_same() -> None:
    ran: list[int] = []
    for seed in range(20):
        workers = LateWorkers(2, random.Random(seed))
        future: Future[None] = workers.submit(partial(ran.append, seed))
        future.cancel()
    assert 0 < len(ran) < 20


def test_habits_tell_whether_a_quiet_list_holds_still() -> None:
    assert Habits(order="key", ties="per_request").is_orderly
    assert not Habits(order="newest", ties="per_request").is_orderly
    assert not replace(Habits(), cap_changes_at=2).is_orderly
