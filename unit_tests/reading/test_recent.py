"""Rows that two reads bring are delivered once, unless they changed between them."""

from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

import pytest

from source_customers.reading import recent as module
from source_customers.reading.page import Page
from source_customers.reading.recent import Recent, digest

NOON = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)


def page(*rows: tuple[Any, int], moment: datetime | None = NOON) -> Page:
    return Page([{"id": key, "version": version} for key, version in rows], moments=[moment] * len(rows))


def recent_since(since: datetime | None) -> Recent:
    recent = Recent("id")
    recent.since = since
    return recent


def keys(given: Page) -> list[Any]:
    assert len(given.moments) == len(given.rows)
    return [row["id"] for row in given.rows]


def test_a_row_that_comes_again_as_it_was_is_left_out() -> None:
    recent = recent_since(NOON)
    assert keys(recent.new(page((1, 1), (2, 1)))) == [1, 2]
    assert keys(recent.new(page((2, 1), (3, 1), (1, 1)))) == [3]


def test_a_row_that_changed_is_delivered_again_each_time() -> None:
    recent = recent_since(NOON)
    recent.new(page((1, 1)))
    assert keys(recent.new(page((1, 2)))) == [1]
    assert keys(recent.new(page((1, 2)))) == []
    assert keys(recent.new(page((1, 1)))) == [1]


@pytest.mark.parametrize("moment", [NOON - timedelta(microseconds=1), None])
def test_rows_before_the_border_are_not_remembered(moment: datetime | None) -> None:
    recent = recent_since(NOON)
    recent.new(page((1, 1), moment=moment))
    assert keys(recent.new(page((1, 1), moment=moment))) == [1]


def test_nothing_is_remembered_before_there_is_a_border() -> None:
    recent = recent_since(None)
    recent.new(page((1, 1)))
    assert keys(recent.new(page((1, 1)))) == [1]


def test_past_the_bound_rows_are_delivered_again() -> None:
    recent = recent_since(NOON)
    with mock.patch.object(module, "_MOST_ROWS", 2):
        recent.new(page((1, 1), (2, 1), (3, 1)))
        assert keys(recent.new(page((1, 1), (2, 1), (3, 1)))) == [3]


@pytest.mark.parametrize("value", [10**40, "\ud800", -(2**70)])
def test_any_row_has_a_digest(value: object) -> None:
    assert digest({"id": 1, "x": value}) == digest({"id": 1, "x": value})
    assert digest({"id": 1, "x": value}) != digest({"id": 2, "x": value})
