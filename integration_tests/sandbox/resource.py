"""What a provider has: one ``Resource`` for each of its lists."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

Row = dict[str, Any]
Key = str | int
Make = Callable[[Random, int, datetime, datetime], Row]
"""Builds the record of a running number, with the moments of its creation and last change."""


@dataclass(frozen=True)
class Entry:
    """A row with what the API knows of it but does not show.

    ``changed`` is the moment of its last change in microseconds since the epoch; None where there is none.
    """

    row: Row
    flags: frozenset[str]
    changed: int | None


Predicate = Callable[[Entry], bool]


def change_time(entry: Entry) -> int:
    """Sort key of the order of change."""
    return entry.changed or 0


@dataclass(frozen=True)
class Changed:
    """A predicate: rows that changed from a moment on, or up to one, both included, in microseconds since the epoch."""

    since: int | None = None
    until: int | None = None

    def __call__(self, entry: Entry) -> bool:
        changed = entry.changed
        if changed is None:
            return False
        return (self.since is None or changed >= self.since) and (self.until is None or changed <= self.until)

    def of_sorted(self, entries: list[Entry], *, descending: bool) -> list[Entry]:
        """The rows that it keeps of those in the order of change."""
        if descending:
            return self.of_sorted(entries[::-1], descending=False)[::-1]
        begin = 0 if self.since is None else bisect_left(entries, self.since, key=change_time)
        end = len(entries) if self.until is None else bisect_right(entries, self.until, key=change_time)
        return entries[begin:end]


Filter = Callable[[str, list[str]], Predicate | None]
"""Takes a parameter's name and the values it was given (none when it was not sent); None keeps every row."""


class Order(NamedTuple):
    """An order of rows; without a sort key, the order in which they were added."""

    name: Hashable
    sort_key: Callable[[Entry], Any] | None = None
    descending: bool = False


class Parent(NamedTuple):
    """The stream that a row belongs to, and the row's field that holds the parent's key."""

    stream: str
    field: str


class Nested(NamedTuple):
    """Rows that stand in a field of a list's rows: where, how the parent's key is called in them, and their own key.

    Without a key they are told apart by ``position``, counted from 1.
    """

    stream: str
    rows: str
    parent_key: str
    key: str | None = None


def whole(row: Row) -> Row:
    return row


def without(*fields: str) -> Callable[[Row], Row]:
    """Show a row without some fields."""
    return lambda row: {field: value for field, value in row.items() if field not in fields}


@dataclass(frozen=True)
class Template:
    """What rows of a resource are like: a record that is varied, see ``Variation``.

    ``values`` are those that a field can have, ``nullable`` the fields that are null now and then. ``refers`` names, by
    field, the stream or the stream's field that it refers to, where no link in the record tells; ``holds`` the stream
    whose rows that refer to this one stand in the field. ``first`` are fields of the first rows. A row refers to the
    row with its own number in each of the streams in ``paired``, to any row elsewhere. ``happens`` is the field that
    holds the row's moment, where that is not its creation.
    """

    record: Row
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    nullable: Sequence[str] = ()
    refers: Mapping[str, str] = field(default_factory=dict)
    holds: Mapping[str, str] = field(default_factory=dict)
    first: Sequence[Row] = ()
    paired: Sequence[str] = ()
    happens: str | None = None


@dataclass(frozen=True)
class Resource:
    """A list of an API, its records and its filters.

    ``label`` is the field that a person would edit first. ``make`` builds a record; what does not have it, has a
    ``template``. ``listed`` shows a record as the list does, ``detail`` as its own page does; ``detail_path`` is where
    that stands, if not where the API's pages usually are, ``detail_stream`` the stream that is read from there, and
    ``detail_lists`` are the rows of other streams that it holds, by field. ``stamp`` and ``instant`` turn a moment into
    the cursor field's own form, and back into microseconds. ``flags`` are properties that a record does not show but a
    filter selects by, each with the share of rows that have it. A resource with a ``parent`` is listed by parent, where
    its path says. ``share`` is the number of rows for each customer, ``ahead`` how far their moments reach into the
    future.
    """

    name: str
    path: str
    key: str
    label: str
    make: Make | None = None
    template: Template | None = None
    listed: Callable[[Row], Row] = whole
    detail: Callable[[Row], Row] = whole
    detail_path: str | None = None
    detail_stream: str | None = None
    detail_lists: Mapping[str, str] = field(default_factory=dict)
    cursor: str | None = None
    stamp: Callable[[datetime], Any] = str
    instant: Callable[[Any], int] = int
    flags: Mapping[str, float] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    parent: Parent | None = None
    share: float = 1.0
    ahead: timedelta = timedelta()

    def stamped(self, moment: datetime) -> Row:
        """The cursor field for a moment; nothing where there is none."""
        return {} if self.cursor is None else {self.cursor: self.stamp(moment)}
