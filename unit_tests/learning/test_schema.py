"""A schema that is widened by what was seen allows all of it, and keeps what is documented."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from source_customers.learning.schema import Widening
from unit_tests.learning.rows import NAMES, ROWS, SOME, seen_in

MOMENT = {"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"}
DATE = {"type": ["null", "string"], "format": "date"}
FIELDS = st.recursive(
    st.sampled_from(
        [
            {},
            {"description": "Undocumented beyond its name."},
            MOMENT,
            DATE,
            {"type": "integer"},
            {"type": ["null", "integer"]},
            {"type": ["null", "number"]},
            {"type": ["null", "string", "integer"]},
            {"type": ["null", "boolean"]},
            {"type": ["null", "object"], "additionalProperties": True},
            {"type": ["null", "array"]},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": ["null", "array"], "items": items}, inner),
        st.builds(
            lambda fields: {"type": ["null", "object"], "additionalProperties": True, "properties": fields},
            st.dictionaries(NAMES, inner, max_size=3),
        ),
    ),
    max_leaves=4,
)
DOCUMENTED = st.builds(
    lambda fields: {"type": "object", "additionalProperties": True, "properties": fields},
    st.dictionaries(NAMES, FIELDS, max_size=4),
)


def widened(documented: Mapping[str, Any], rows: Sequence[Any]) -> dict[str, Any]:
    return Widening().row(documented, seen_in(rows))


def field(rows: Sequence[Any], documented: Mapping[str, Any] | None = None) -> Any:
    """The schema of one field that had these values."""
    properties = {} if documented is None else {"a": documented}
    return widened({"properties": properties}, [{"a": value} for value in rows])["properties"].get("a")


def contradicted(documented: Mapping[str, Any], rows: Sequence[Any]) -> list[str]:
    widening = Widening()
    widening.row({"properties": documented}, seen_in(rows))
    return widening.contradicted


@SOME
@given(DOCUMENTED, ROWS)
def test_every_row_that_was_seen_is_allowed(documented: dict[str, Any], rows: list[Any]) -> None:
    schema = widened(documented, rows)

    Draft7Validator.check_schema(schema)
    for row in rows:
        Draft7Validator(schema).validate(row)


@SOME
@given(DOCUMENTED, ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(documented: dict[str, Any], rows: list[Any], chance: Any) -> None:
    shuffled = [dict(chance.sample(list(row.items()), len(row))) for row in chance.sample(rows, len(rows))]

    # As text, so that the order of the fields counts.
    assert json.dumps(widened(documented, shuffled)) == json.dumps(widened(documented, rows))


@SOME
@given(DOCUMENTED, ROWS)
def test_what_is_documented_stays_first_and_in_its_order(documented: dict[str, Any], rows: list[Any]) -> None:
    before = json.dumps(documented)
    schema = widened(documented, rows)

    names, others = list(documented["properties"]), list(schema["properties"])[len(documented["properties"]) :]
    assert list(schema["properties"])[: len(names)] == names
    assert others == sorted(others)
    assert json.dumps(documented) == before, "the documented schema itself was changed"


@SOME
@given(DOCUMENTED, ROWS)
def test_what_was_seen_again_changes_nothing(documented: dict[str, Any], rows: list[Any]) -> None:
    assert json.dumps(widened(documented, rows + rows)) == json.dumps(widened(documented, rows))


@SOME
@given(ROWS)
def test_all_that_is_learned_is_nullable_and_open(rows: list[Any]) -> None:
    todo = list(widened({"properties": {}}, rows)["properties"].values())
    while todo:
        schema = todo.pop()
        assert schema["type"][0] == "null"
        assert len(schema["type"]) > 1
        if "object" in schema["type"]:
            assert schema["additionalProperties"] is True
        todo += schema.get("properties", {}).values()
        todo += [schema["items"]] if "items" in schema else []


@pytest.mark.parametrize(
    ("values", "learned"),
    [
        (["x", None], {"type": ["null", "string"]}),
        ([True], {"type": ["null", "boolean"]}),
        ([1], {"type": ["null", "number"]}),
        ([1, 1.5], {"type": ["null", "number"]}),
        ([1, "x", False], {"type": ["null", "boolean", "number", "string"]}),
        ([[]], {"type": ["null", "array"]}),
        ([[None, "x"]], {"type": ["null", "array"], "items": {"type": ["null", "string"]}}),
        (
            [{"b": 1, "gone": None}],
            {
                "type": ["null", "object"],
                "additionalProperties": True,
                "properties": {"b": {"type": ["null", "number"]}},
            },
        ),
    ],
)
def test_types_are_as_wide_as_what_was_seen(values: list[Any], learned: dict[str, Any]) -> None:
    assert field(values) == learned


def test_texts_that_look_like_times_are_texts() -> None:
    assert field(["2024-01-01T00:00:00Z"]) == {"type": ["null", "string"]}


def test_a_field_that_was_only_null_is_left_out() -> None:
    widening = Widening()

    schema = widening.row({"properties": {}}, seen_in([{"a": None}, {"a": None, "b": 1}]))

    assert list(schema["properties"]) == ["b"]
    assert widening.added == ["b"]


@pytest.mark.parametrize(
    ("documented", "values"),
    [
        ({"type": ["null", "integer"]}, [1, None]),
        ({"type": ["null", "number"]}, [1, 1.5]),
        ({"type": "string"}, ["x"]),
        (MOMENT, ["2024-01-01T00:00:00Z", "2024-01-01", None]),
        (DATE, ["2024-01-01", None]),
    ],
)
def test_documented_types_win(documented: dict[str, Any], values: list[Any]) -> None:
    assert field(values, documented) == documented
    assert contradicted({"a": documented}, [{"a": value} for value in values]) == []


@pytest.mark.parametrize(
    ("documented", "values", "wider"),
    [
        ({"type": ["null", "integer"]}, ["x"], {"type": ["null", "integer", "string"]}),
        ({"type": ["null", "integer"]}, [1.5], {"type": ["null", "number"]}),
        ({"type": "integer"}, [None], {"type": ["null", "integer"]}),
        ({**MOMENT, "description": "When."}, ["soon"], {"type": ["null", "string"], "description": "When."}),
        (MOMENT, [5], {"type": ["null", "integer", "string"]}),
        (DATE, ["2024-01-01", "2024-01-01T10:00:00Z"], {"type": ["null", "string"]}),
        (DATE, ["2024-01-01", ""], {"type": ["null", "string"]}),
        (DATE, [5], {"type": ["null", "integer", "string"]}),
    ],
)
def test_contradictions_are_widened_and_named(
    documented: dict[str, Any], values: list[Any], wider: dict[str, Any]
) -> None:
    assert field(values, documented) == wider
    assert contradicted({"a": documented}, [{"a": value} for value in values]) == ["a"]


def test_contradictions_inside_are_named_by_their_path() -> None:
    number = {"type": ["null", "number"]}
    inside = {"type": ["null", "object"], "properties": {"b": number}}
    documented = {"a": inside, "c": {"type": ["null", "array"], "items": inside}}

    assert contradicted(documented, [{"a": {"b": "x"}, "c": [{"b": "x"}]}]) == ["a.b", "c[].b"]


def test_fields_inside_of_documented_objects_and_lists_are_learned() -> None:
    inside = {"type": ["null", "object"], "properties": {"z": {"type": ["null", "string"]}}}
    documented = {"a": inside, "c": {"type": ["null", "array"], "items": inside}}

    schema = widened({"properties": documented}, [{"a": {"b": "x"}, "c": [{"b": "x"}]}])["properties"]

    assert list(schema["a"]["properties"]) == list(schema["c"]["items"]["properties"]) == ["z", "b"]


def test_what_is_documented_without_a_type_gets_the_one_that_was_seen() -> None:
    assert field([True], {"description": "?"}) == {"description": "?", "type": ["null", "boolean"]}
    assert field([None], {"description": "?"}) == {"description": "?"}


def test_an_object_whose_keys_are_data_is_left_open() -> None:
    table = {f"customer {number}": number for number in range(500)}
    opened = {"type": ["null", "object"], "additionalProperties": True}

    assert field([table]) == {**opened, "properties": {}}
    assert field([table], opened) == opened


def test_a_row_has_as_many_columns_as_it_has() -> None:
    row = {f"custom{number}": number for number in range(500)}

    assert len(widened({"properties": {}}, [row])["properties"]) == 500
