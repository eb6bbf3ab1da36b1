"""Changes of rows that a seed chooses."""

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any, Literal, NamedTuple

from integration_tests.sandbox.resource import Key
from integration_tests.sandbox.table import Table

Change = Literal["update", "touch", "insert", "delete"]


class Changed(NamedTuple):
    """The keys of the rows that were changed; a row that was touched counts as updated."""

    updated: list[Key]
    inserted: list[Key]
    deleted: list[Key]


def change(table: Table, counts: Mapping[Change, int], seed: int | str, at: datetime | None = None) -> Changed:
    """Change so many rows of each kind, all at the same moment: now, or the one given.

    An update changes the name too, or what is most like one, a touch the change time alone.

    Raises:
        ValueError: There are fewer rows than that.
        TypeError: The rows keep no change time that a touch could move.
    """
    rows, moment = table.rows, table.now() if at is None else at
    updates, deletes, touches = (counts.get(kind, 0) for kind in ("update", "delete", "touch"))
    if updates + deletes + touches > len(rows):
        raise ValueError(f"there are only {len(rows)} rows")
    chosen = Random(seed).sample(list(rows), updates + deletes + touches)
    updated, deleted = chosen[:updates], chosen[updates : updates + deletes]
    touched = chosen[updates + deletes :]
    if touched:
        table.touch(*touched, at=moment)
    for key in updated:
        fields = {table.resource.label: _edited(rows[key][table.resource.label])}
        table.update(key, **fields, **table.resource.stamped(moment))
    table.delete(*deleted)
    return Changed([*updated, *touched], table.insert(counts.get("insert", 0), at=moment), deleted)


def _edited(value: Any) -> Any:
    """Text with a word more, a number counted on, a list with its first item once more."""
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [*value, *value[:1]]
    return f"{value or ''} (changed)".strip()
