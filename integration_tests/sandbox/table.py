"""The rows of one resource: generated from a seed, changeable while the server runs."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from threading import RLock
from typing import Any, TypeVar

from integration_tests.sandbox.moments import EPOCH, change_times
from integration_tests.sandbox.resource import Changed, Entry, Key, Make, Order, Predicate, Resource, Row, change_time

MAX_VIEWS = 64

T = TypeVar("T")


class Table:
    """Rows by key, and views of them that are kept until a row changes.

    Rows are never changed in place: an update puts a new row in the place of the old one. So a page that is
    being sent, a view and a copy of ``rows`` in a test all stay what they were.
    """

    def __init__(
        self,
        resource: Resource,
        make: Make,
        *,
        seed: object,
        count: int,
        base_time: datetime,
        now: Callable[[], datetime],
        lock: "RLock",
    ) -> None:
        self.resource = resource
        self.count = count
        self._make = make
        self._seed = f"{seed}/{resource.path}"
        self._base_time = base_time
        self.now = now
        self._lock = lock  # one for all tables of an API, whose rows refer to each other
        self._start: dict[Key, Entry] | None = None
        self._first: list[Row] = []
        self._entries: dict[Key, Entry] = {}
        self._views: dict[Hashable, Any] = {}
        self._random = Random()
        self._next_number = 1

    @property
    def rows(self) -> dict[Key, Row]:
        """Every row by key, whether or not a list would show it."""
        with self._lock:
            return {key: entry.row for key, entry in self._loaded().items()}

    @property
    def flags(self) -> dict[Key, frozenset[str]]:
        """What the API knows of each row but does not show, such as ``archived`` or ``inactive``."""
        with self._lock:
            return {key: entry.flags for key, entry in self._loaded().items()}

    def changed_at(self, key: Key) -> datetime:
        """The moment of a row's last change, whatever spelling its API uses."""
        with self._lock:
            changed = self._loaded()[key].changed
        if changed is None:
            raise TypeError(f"{self.resource.name} keeps no change time")
        return EPOCH + timedelta(microseconds=changed)

    @property
    def fields(self) -> frozenset[str]:
        if self.resource.template is not None:
            return frozenset(self.resource.template.record)
        return frozenset(self._make(Random(0), 1, self._base_time, self._base_time))

    def first(self, number: int) -> Row:
        """The row that the table started with under a running number, whatever became of it."""
        with self._lock:
            self._loaded()
            return self._first[number - 1]

    def insert(
        self, what: int | Mapping[str, Any] = 1, flags: Collection[str] = (), *, at: datetime | None = None
    ) -> list[Key]:
        """Add so many generated rows, or one with the given fields, all created and changed at one moment (now)."""
        with self._lock:
            self._loaded()  # the running number of the first row to add comes after theirs
            moment = self.now() if at is None else at
            given = [{}] * what if isinstance(what, int) else [dict(what)]
            return [self._add(fields, flags, moment) for fields in given]

    def update(self, key: Key, *, flags: Collection[str] | None = None, touch: bool = True, **fields: Any) -> Row:
        """Change fields of a row; its change time moves to now unless it is given or ``touch`` is false."""
        with self._lock:
            old = self._loaded()[key]
            row = {**old.row, **fields}
            if touch and self.resource.cursor not in fields:
                row.update(self.resource.stamped(self.now()))
            self._put(row, old.flags if flags is None else flags)
            return row

    def touch(self, *keys: Key, at: datetime | None = None) -> None:
        """Move the change time of rows, to now or to the given moment."""
        if self.resource.cursor is None:
            raise TypeError(f"{self.resource.name} keeps no change time")
        moment = self.now() if at is None else at
        for key in keys:
            self.update(key, **self.resource.stamped(moment))

    def delete(self, *keys: Key) -> None:
        with self._lock:
            self._views.clear()
            for key in keys:
                del self._loaded()[key]

    def reset(self) -> None:
        """Back to the rows of the start."""
        with self._lock:
            self._entries = dict(self._start or {})
            self._views.clear()
            self._random = Random(f"{self._seed}/added")
            self._next_number = self.count + 1

    def get(self, field: str, value: str) -> Row | None:
        """The row whose field, of which the API keeps the values unique, reads like this."""
        return self._keep(("by", field), lambda: {str(e.row[field]): e.row for e in self._loaded().values()}).get(value)

    def select(self, order: Order, filters: Mapping[Hashable, Predicate]) -> Sequence[Entry]:
        """The rows that every predicate keeps, in order; a predicate's name stands for it.

        One predicate after another, the view so far kept: a change-time filter with a new bound, which every sync
        sends, goes through a view that the filters before it made for an earlier request. An API would have an index
        for it: it is looked up in a list that is in the order of change.
        """
        view: tuple[Hashable, ...] = (order.name, order.descending)
        with self._lock:  # a row that changes in between would leave a view of the rows before
            entries = self._ordered(order)
            for name, predicate in filters.items():
                view = (*view, name)
                entries = self._keep(view, partial(_filtered, predicate, entries, order))
            return entries

    def _ordered(self, order: Order) -> list[Entry]:
        sort_key = order.sort_key

        def build() -> list[Entry]:
            entries = self._loaded().values()
            return list(entries) if sort_key is None else sorted(entries, key=sort_key, reverse=order.descending)

        return self._keep((order.name, order.descending), build)

    def _keep(self, name: Hashable, build: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._views:
                view = build()
                if len(self._views) >= MAX_VIEWS:
                    self._views.clear()
                self._views[name] = view
            kept: T = self._views[name]
            return kept

    def _loaded(self) -> dict[Key, Entry]:
        """The rows, made on first use: a test of one provider does not pay for the others' data."""
        if self._start is None:
            self._start = {e.row[self.resource.key]: e for e in self._generate()}
            self._first = [entry.row for entry in self._start.values()]
            self.reset()
        return self._entries

    def _generate(self) -> Iterable[Entry]:
        random = Random(self._seed)
        moments = change_times(Random(f"{self._seed}/moments"), self.count, self._base_time + self.resource.ahead)
        for number, changed in enumerate(moments, start=1):
            created = min(changed - timedelta(days=random.random() * 900), self._base_time)
            row = self._make(random, number, created, changed)
            flags = frozenset(f for f, share in self.resource.flags.items() if random.random() < share)
            yield self._entry(row, flags)

    def _add(self, fields: Mapping[str, Any], flags: Collection[str], moment: datetime) -> Key:
        row = {**self._make(self._random, self._next_number, moment, moment), **fields}
        self._next_number += 1
        return self._put(row, flags)

    def _put(self, row: Row, flags: Collection[str]) -> Key:
        unknown = set(flags) - set(self.resource.flags)
        if unknown:
            raise ValueError(f"{self.resource.name} has no flags {sorted(unknown)}")
        key: Key = row[self.resource.key]
        self._loaded()[key] = self._entry(row, frozenset(flags))
        self._views.clear()
        return key

    def _entry(self, row: Row, flags: frozenset[str]) -> Entry:
        cursor = self.resource.cursor
        return Entry(row, flags, None if cursor is None else self.resource.instant(row[cursor]))


def _filtered(predicate: Predicate, entries: list[Entry], order: Order) -> list[Entry]:
    if isinstance(predicate, Changed) and order.sort_key is change_time:
        return predicate.of_sorted(entries, descending=order.descending)
    return list(filter(predicate, entries))
