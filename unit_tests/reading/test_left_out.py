"""Fields that are left out are nowhere in a row, and all others are as they came."""

from typing import Any

import pytest

from source_customers.manifest import settings
from source_customers.reading.left_out import LeftOut

ROW = {"id": 1, "secret": "s", "signers": [{"id": 2, "signature": "i"}, {"id": 3}, None], "owner": {"signature": "i"}}


@pytest.mark.parametrize(
    ("field", "left"),
    [
        ("secret", {key: value for key, value in ROW.items() if key != "secret"}),
        ("signers.signature", {**ROW, "signers": [{"id": 2}, {"id": 3}, None]}),
        ("owner.signature", {**ROW, "owner": {}}),
        ("none", ROW),
        ("id.none", ROW),
    ],
)
def test_field_is_left_out_wherever_it_stands(field: str, left: dict[str, Any]) -> None:
    assert LeftOut([settings.LeftOut(field=field)], {}).row(ROW) == left


@pytest.mark.parametrize(("config", "stays"), [({}, False), ({"a": {"b": False}}, False), ({"a": {"b": True}}, True)])
def test_switch_that_is_on_keeps_the_field(config: dict[str, Any], stays: bool) -> None:
    row = LeftOut([settings.LeftOut(field="secret", unless="a.b")], config).row(ROW)

    assert ("secret" in row) is stays


def test_field_is_not_declared_either() -> None:
    text = {"type": "string"}
    schema = {
        "type": "object",
        "properties": {
            "id": text,
            "secret": text,
            "signers": {"type": "array", "items": {"type": "object", "properties": {"id": text, "signature": text}}},
        },
    }
    fields = [settings.LeftOut(field=field) for field in ("secret", "signers.signature", "none", "id.none")]

    assert LeftOut(fields, {}).undeclared(schema) == {
        "type": "object",
        "properties": {
            "id": text,
            "signers": {"type": "array", "items": {"type": "object", "properties": {"id": text}}},
        },
    }
