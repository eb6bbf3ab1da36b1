"""The order of a list, and the order of equals within it."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from zlib import crc32

from unit_tests.model.habits import Habits
from unit_tests.model.table import START, Customer

_SWAPS = 3

_SORTED_BY: Mapping[str, Callable[[Customer, timedelta], Any]] = {
    "newest": lambda row, unit: -((row.changed - START) // unit),
    "oldest": lambda row, unit: (row.changed - START) // unit,
    "key": lambda row, _: row.key,
    "key_descending": lambda row, _: -row.key,
    "key_as_text": lambda row, _: str(row.key),
    "creation": lambda row, _: row.created,
    "none": lambda _row, _unit: 0,
}


def arrange(
    rows: Sequence[Customer], habits: Habits, unit: timedelta, plan: int, dice: random.Random
) -> Sequence[Customer]:
    """Return the rows as the server lists them.

    Args:
        rows: the rows that the filters let through.
        habits: the server's habits.
        unit: change times are equal when they are the same in this unit.
        plan: what a planned order of equals depends on: offset + limit.
        dice: chooses what changes from request to request.
    """
    value = _SORTED_BY[habits.order]
    if habits.ties in {"per_request", "per_plan"}:
        mark = plan if habits.ties == "per_plan" else dice.randrange(1 << 30)
        return sorted(rows, key=lambda row: (value(row, unit), crc32(b"%d %d" % (mark, row.key))))
    listed = sorted(rows, key=lambda row: (value(row, unit), row.created))
    if habits.ties == "swaps":
        _swap_equals(listed, lambda row: value(row, unit), dice)
    return listed


def _swap_equals(listed: list[Customer], value: Callable[[Customer], Any], dice: random.Random) -> None:
    for _ in range(_SWAPS if len(listed) > 1 else 0):
        one, other = dice.randrange(len(listed)), dice.randrange(len(listed))
        if value(listed[one]) == value(listed[other]):
            listed[one], listed[other] = listed[other], listed[one]
