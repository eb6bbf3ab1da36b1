"""What is remembered of rows: types, and no value."""

import gc
from typing import Any

import pytest
from hypothesis import given

from source_customers.learning.seen import Seen
from unit_tests.learning.rows import ROWS, SOME, seen_in


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "null"), (True, "boolean"), (1, "integer"), (1.0, "number"), ("", "string"), ({}, "object"), ([], "array")],
)
def test_every_type_of_json_has_its_name(value: Any, kind: str) -> None:
    assert seen_in([value]).kinds == {kind}


def test_objects_and_lists_are_looked_into() -> None:
    seen = seen_in([{"a": [{"b": 1}, {"c": None}]}, {"a": {"d": True}}])

    assert seen.fields["a"].kinds == {"array", "object"}
    assert seen.fields["a"].fields["d"].kinds == {"boolean"}
    items = seen.fields["a"].items
    assert items
    assert {name: inner.kinds for name, inner in items.fields.items()} == {"b": {"integer"}, "c": {"null"}}


def test_only_null_is_no_value() -> None:
    assert not seen_in([None]).has_value
    assert seen_in([None, False]).has_value


@pytest.mark.parametrize(
    "text",
    ["2024-01-01", "2024-01-01T10:00:00Z", "2024-01-01 10:00:00.123456", "2024-01-01T10:00:00+02:00"],
)
def test_texts_that_a_column_of_times_takes(text: str) -> None:
    assert seen_in([text]).only_moments


@pytest.mark.parametrize("text", ["", "now", "1700000000000", "2024", "2024-W01", "2024-13-01", "2024-01-01 later"])
def test_texts_that_a_column_of_times_does_not_take(text: str) -> None:
    assert not seen_in(["2024-01-01", text]).only_moments
    assert not seen_in(["2024-01-01", text]).only_dates


def test_dates_are_told_from_moments() -> None:
    assert seen_in(["2024-01-01", None, "2024-12-31"]).only_dates


@pytest.mark.parametrize("text", ["2024-01-01T00:00:00Z", "2024-01-01 10:00", "2024-01-01\n", "2024-02-30"])
def test_texts_that_a_column_of_dates_does_not_take(text: str) -> None:
    assert not seen_in(["2024-01-01", text]).only_dates


def test_rows_that_are_nested_very_deeply_are_no_trouble() -> None:
    deep: Any = 1
    for level in range(1000):
        deep = [deep] if level % 2 else {"a": deep}

    assert seen_in([{"deep": deep}]).fields["deep"].kinds == {"array"}


@SOME
@given(ROWS)
def test_no_value_is_kept(rows: list[Any]) -> None:
    marker = "a text that stands nowhere else"
    seen = seen_in([*rows, {"a": marker, "b": [marker], "c": {"a": marker}}])

    reached, todo = set[int](), [seen.__dict__]
    while todo:
        each: Any = todo.pop()
        if id(each) not in reached and isinstance(each, (dict, set, list, tuple, str, Seen)):
            assert each != marker
            reached.add(id(each))
            todo += [each.__dict__] if isinstance(each, Seen) else gc.get_referents(each)
