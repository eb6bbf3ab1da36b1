"""Fields that no document names."""

from collections.abc import Callable, Mapping
from typing import Any

from integration_tests.sandbox.resource import Row

Extras = Mapping[str, Any]
"""Values by name, or functions of the row. An object reaches into the object, or the objects, that stand there."""


def extended(row: Row, extras: Extras) -> Row:
    """A copy of a row with the fields added."""
    return {**row, **{name: _added(row.get(name), value, row) for name, value in extras.items()}}


def _added(present: Any, value: Any, row: Row) -> Any:
    if callable(value):
        make: Callable[[Row], Any] = value
        return make(row)
    if isinstance(value, Mapping) and isinstance(present, dict):
        return extended(present, value)
    if isinstance(value, Mapping) and isinstance(present, list):
        return [_added(item, value, row) if isinstance(item, dict) else item for item in present]
    return value
