"""A part of a list is read until it is whole, cut in two where that helps, and given up where nothing does."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import cast

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from hypothesis import given
from hypothesis import strategies as st

from source_customers.reading.census import Census
from source_customers.reading.listing import Listing, Verdict
from source_customers.reading.page import Page
from source_customers.reading.passes import Part
from source_customers.reading.ranges import MOST_ROWS, Ranges
from unit_tests.reading.lists import rows

NOON = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LOWER, UPPER = NOON - 8 * DAY, NOON

Answer = tuple[Verdict, Sequence[int]]


@dataclass
class Pass:
    """Stands in for a pass over a list: brings some keys, and has a verdict."""

    verdict: Verdict
    keys: Sequence[int]
    census: Census
    is_quiet: bool = True
    is_atomic: bool = False
    rows_read: int = 0
    total: int | None = None

    def pages(self) -> Iterator[Page]:
        self.census.add(self.keys)
        self.census.counted(100)
        self.rows_read = len(self.keys)
        yield Page(rows(*self.keys))


@dataclass
class Passes:
    """Makes passes as `answer` says, and notes what was asked for."""

    answer: Callable[[Part, int], Answer]
    parts: list[Part] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    most: list[int | None] = field(default_factory=list)
    total: Callable[[Part], int | None] = lambda _part: None
    known: dict[Part, int | None] = field(default_factory=dict)

    def __call__(self, part: Part, census: Census, number: int, most_rows: int | None, rows: int | None) -> Listing:
        self.parts.append(part)
        self.known[part] = rows
        self.numbers.append(number)
        self.most.append(most_rows)
        return cast("Listing", Pass(*self.answer(part, len(self.parts)), census, total=self.total(part)))


def read(
    passes: Passes, lower: datetime | None = LOWER, upper: datetime | None = UPPER
) -> tuple[list[int], list[datetime]]:
    """Return the keys delivered and the moments reached."""
    keys: list[int] = []
    reached: list[datetime] = []
    for item in Ranges("customers", passes).read(lower, upper):
        if isinstance(item, Page):
            keys += [row["id"] for row in item.rows]
        else:
            reached.append(item)
    return keys, reached


def given_up(passes: Passes, lower: datetime | None = None, upper: datetime | None = None) -> str:
    with pytest.raises(AirbyteTracedException) as failure:
        read(passes, lower, upper)
    assert failure.value.failure_type == FailureType.transient_error
    return failure.value.message or ""


def length(part: Part) -> timedelta:
    lower, upper = part
    assert lower
    assert upper
    return upper - lower


def test_a_part_that_is_whole_at_once_is_read_once() -> None:
    passes = Passes(lambda _part, _number: (Verdict.WHOLE, [1, 2]))
    assert read(passes) == ([1, 2], [UPPER])
    assert passes.parts == [(LOWER, UPPER)]


def test_a_list_without_an_upper_bound_reaches_no_moment() -> None:
    passes = Passes(lambda _part, _number: (Verdict.WHOLE, [1]))
    assert read(passes, LOWER, None) == ([1], [])
    assert passes.most == [None]


def test_a_part_that_moved_is_cut_in_two_and_the_older_half_is_read_first() -> None:
    passes = Passes(lambda _part, number: (Verdict.MOVED if number == 1 else Verdict.WHOLE, [number]))
    middle = LOWER + (UPPER - LOWER) / 2
    assert read(passes) == ([1, 2, 3], [middle, UPPER])
    assert passes.parts == [(LOWER, UPPER), (LOWER, middle), (middle, UPPER)]


def test_a_part_that_is_too_long_is_cut_without_another_pass() -> None:
    too_long = Passes(lambda part, _number: (Verdict.TOO_LONG if length(part) > DAY else Verdict.WHOLE, []))
    assert read(too_long)[1] == [LOWER + number * DAY for number in range(1, 9)]
    assert set(too_long.most) == {MOST_ROWS}


def test_what_is_left_of_a_list_that_was_too_long_is_cut_without_asking_for_it() -> None:
    rows_of_day = {6: 30_000, 7: 60_000}

    def total(part: Part) -> int:
        begin, end = ((moment - LOWER) / DAY if moment else 0.0 for moment in part)
        return int(sum(rows * max(min(end, day + 1) - max(begin, day), 0) for day, rows in rows_of_day.items()))

    passes = Passes(lambda part, _: (Verdict.TOO_LONG if total(part) > MOST_ROWS else Verdict.WHOLE, []), total=total)
    _, reached = read(passes)
    # Not for days 4 to 8, nor 6 to 8: these are what is left. Nor for day 7, but for its halves.
    assert [(begin - LOWER, length((begin, end))) for begin, end in passes.parts if begin and end] == [
        (0 * DAY, 8 * DAY),
        (0 * DAY, 4 * DAY),
        (4 * DAY, 2 * DAY),
        (6 * DAY, DAY),
        (7 * DAY, DAY / 2),
        (7.5 * DAY, DAY / 2),
    ]
    # The older half of a part is not known before it is asked for; the newer one is what is left.
    assert list(passes.known.values()) == [None, None, None, None, None, 30_000]
    assert reached[-1] == UPPER


def test_what_is_left_of_a_list_that_moved_is_asked_for_however_long_it_is() -> None:
    """In the order of its key, say, no list is too long."""
    passes = Passes(
        lambda _part, number: (Verdict.MOVED if number == 1 else Verdict.WHOLE, []),
        total=lambda part: 10**6 if part == (LOWER, UPPER) else 1,
    )
    _, [middle, _] = read(passes)
    assert passes.parts == [(LOWER, UPPER), (LOWER, middle), (middle, UPPER)]


def test_a_total_that_is_wrong_costs_requests_and_no_rows() -> None:
    whole: list[Part] = []

    def answer(part: Part, number: int) -> Answer:
        if number > 1:
            whole.append(part)
        return (Verdict.TOO_LONG if number == 1 else Verdict.WHOLE), []

    narrow = UPPER - 64 * SECOND
    passes = Passes(answer, total=lambda part: 10**9 if part == (narrow, UPPER) else 0)
    _, reached = read(passes, narrow, UPPER)
    assert (whole[0][0], whole[-1][1]) == (narrow, UPPER)
    assert all(before[1] == after[0] for before, after in pairwise(whole))
    assert reached == [part[1] for part in whole]
    assert len(passes.parts) < 10


def test_all_history_is_cut_too() -> None:
    passes = Passes(lambda _part, number: (Verdict.TOO_LONG if number == 1 else Verdict.WHOLE, []))
    _, reached = read(passes, None, UPPER)
    assert [part[0] for part in passes.parts] == [None, None, reached[0]]
    assert reached[-1] == UPPER


@given(
    lower=st.one_of(st.none(), st.timedeltas(-12_000 * DAY, -60 * DAY).map(lambda age: NOON + age)),
    span=st.timedeltas(timedelta(0), 40 * 365 * DAY),
    verdicts=st.lists(st.sampled_from([Verdict.MOVED, Verdict.TOO_LONG, Verdict.WHOLE]), max_size=30),
)
def test_the_parts_that_are_whole_make_up_the_whole_from_the_oldest_on(
    lower: datetime | None, span: timedelta, verdicts: list[Verdict]
) -> None:
    upper = (lower or datetime(1980, 1, 1, tzinfo=timezone.utc)) + span
    whole: list[Part] = []

    def answer(part: Part, number: int) -> Answer:
        verdict = verdicts[number - 1] if number <= len(verdicts) else Verdict.WHOLE
        if verdict is Verdict.TOO_LONG and part[0] and length(part) < 4 * SECOND:
            verdict = Verdict.WHOLE
        if verdict is Verdict.WHOLE:
            whole.append(part)
        return verdict, []

    try:
        _, reached = read(Passes(answer), lower, upper)
    except AirbyteTracedException:
        return
    assert (whole[0][0], whole[-1][1]) == (lower, upper)
    assert all(before[1] == after[0] for before, after in pairwise(whole))
    assert reached == [part[1] for part in whole]
    assert reached == sorted(reached)


def test_parts_after_one_that_moved_are_asked_to_be_short_until_they_hold_still() -> None:
    passes = Passes(lambda _part, number: (Verdict.MOVED if number == 1 else Verdict.WHOLE, range(1000)))
    read(passes)
    assert passes.most == [MOST_ROWS, 500, 1000]


@pytest.mark.parametrize("verdict", [Verdict.MOVED, Verdict.SHORT, Verdict.DISORDERED])
def test_a_list_that_cannot_be_cut_is_read_again(verdict: Verdict) -> None:
    passes = Passes(lambda _part, number: (verdict if number < 3 else Verdict.WHOLE, [number]))
    assert read(passes, None, None)[0] == [1, 2, 3]
    assert passes.numbers == [0, 1, 2]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [(Verdict.MOVED, "its rows kept moving"), (Verdict.SHORT, "another number of rows than it gives")],
)
def test_a_list_is_given_up_after_passes_without_progress(verdict: Verdict, said: str) -> None:
    passes = Passes(lambda _part, _number: (verdict, []))
    assert said in given_up(passes)
    assert len(passes.parts) == 4


def test_a_part_too_narrow_to_cut_is_given_up_after_passes_without_progress() -> None:
    passes = Passes(lambda _part, _number: (Verdict.MOVED, []))
    assert "its rows kept moving" in given_up(passes, UPPER - 3 * SECOND, UPPER)
    assert len(passes.parts) == 4


def test_a_part_that_never_holds_still_is_cut_until_it_is_too_narrow() -> None:
    passes = Passes(lambda _part, _number: (Verdict.MOVED, []))
    given_up(passes, LOWER, UPPER)
    assert length(passes.parts[-1]) < 4 * SECOND
    assert len(passes.parts) < 60


def test_passes_that_bring_new_keys_are_progress() -> None:
    passes = Passes(lambda _part, number: (Verdict.SHORT if number < 9 else Verdict.WHOLE, [number]))
    assert read(passes, None, None)[0] == list(range(1, 10))


def test_passes_that_bring_new_keys_for_ever_come_to_an_end() -> None:
    passes = Passes(lambda _part, number: (Verdict.SHORT, [number]))
    given_up(passes)
    assert len(passes.parts) < 30


def test_a_part_that_is_whole_gives_the_next_one_all_its_passes() -> None:
    """What has no progress is bounded, not what a busy account takes in all."""
    seen: dict[Part, int] = {}

    def answer(part: Part, _number: int) -> Answer:
        seen[part] = seen.get(part, 0) + 1
        is_narrow = length(part) < 4 * SECOND
        return (Verdict.WHOLE if is_narrow and seen[part] == 3 else Verdict.MOVED), []

    _, reached = read(Passes(answer), UPPER - 64 * SECOND, UPPER)
    assert reached[-1] == UPPER
    assert len(reached) > 15
