"""Fields that are not delivered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from source_customers.config.fields import value_at
from source_customers.manifest import settings
from source_customers.reading.page import Page


class LeftOut:
    """Takes fields out of rows: secrets, and what the config does not ask for."""

    def __init__(self, given: Iterable[settings.LeftOut], config: Mapping[str, Any]) -> None:
        """Take the fields, and the config that may ask for them."""
        self._paths = [
            each.field.split(".") for each in given if not (each.unless and value_at(config, each.unless) is True)
        ]

    def without(self, page: Page) -> Page:
        """Return a page whose rows do not have the fields."""
        return replace(page, rows=[self.row(row) for row in page.rows]) if self._paths else page

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row that does not have the fields."""
        for path in self._paths:
            row = _without(row, path)
        return row

    def undeclared(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return a JSON schema of rows that does not have the fields: their columns would always be empty."""
        left = dict(schema)
        for path in self._paths:
            left = _undeclared(left, path)
        return left


def _undeclared(schema: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """Return a copy of a schema without the field; of a list, without it in its objects."""
    if "items" in schema:
        return {**schema, "items": _undeclared(schema["items"], path)}
    first, *rest = path
    fields = schema.get("properties", {})
    if first not in fields:
        return dict(schema)
    kept = {name: inner for name, inner in fields.items() if rest or name != first}
    return {**schema, "properties": {**kept, first: _undeclared(kept[first], rest)} if rest else kept}


def _without(value: Any, path: Sequence[str]) -> Any:
    """Return a copy of a value without the field; in a list, without it in each object."""
    if isinstance(value, list):
        return [_without(each, path) for each in value]
    if not isinstance(value, Mapping):
        return value
    first, *rest = path
    kept = {name: inner for name, inner in value.items() if rest or name != first}
    return {**kept, first: _without(kept[first], rest)} if rest and first in kept else kept
