"""What a provider has: one ``Resource`` for each of its lists."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

Row = dict[str, Any]
Key = str | int


@dataclass(frozen=True)
class Entry:
    """A row with what the API knows of it but does not show.

    ``changed`` is the moment of its last change in microseconds since the epoch; None where there is none.
    """

    row: Row
    flags: frozenset[str]
    changed: int | None


Predicate = Callable[[Entry], bool]
Filter = Callable[[str, list[str]], Predicate | None]
"""Takes a parameter's name and the values it was given (none when it was not sent); None keeps every row."""


class Order(NamedTuple):
    """An order of rows; without a sort key, the order in which they were added."""

    name: Hashable
    sort_key: Callable[[Entry], Any] | None = None
    descending: bool = False


@dataclass(frozen=True)
class Resource:
    """A list of an API, its records and its filters.

    ``label`` is the field that a person would edit first. ``make`` builds the record of a running number, with the
    moments of its creation and last change; ``detail`` shows it as its own page does. ``stamp`` and ``instant`` turn
    a moment into the cursor field's own form, and back into microseconds. ``flags`` are properties that a record does
    not show but a filter selects by, each with the share of rows that have it.
    """

    name: str
    path: str
    key: str
    label: str
    make: Callable[[Random, int, datetime, datetime], Row]
    detail: Callable[[Row], Row] = dict
    cursor: str | None = None
    stamp: Callable[[datetime], Any] = str
    instant: Callable[[Any], int] = int
    flags: Mapping[str, float] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)

    def stamped(self, moment: datetime) -> Row:
        """The cursor field for a moment; nothing where there is none."""
        return {} if self.cursor is None else {self.cursor: self.stamp(moment)}
