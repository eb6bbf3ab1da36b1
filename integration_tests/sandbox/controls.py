"""What a test does with a provider: look at its rows and requests, change them, make it fail."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, cast, get_args

from integration_tests.sandbox.changes import Change, Changed, change
from integration_tests.sandbox.faults.schedule import Rule, Schedule
from integration_tests.sandbox.listing import Dialect, Listing
from integration_tests.sandbox.recording import RequestRecord, Requests
from integration_tests.sandbox.resource import Entry, Key, Nested, Row
from integration_tests.sandbox.table import Table
from integration_tests.sandbox.world import World


class Controls(Dialect):
    """Customers are what most tests are about; other streams are reached through ``tables``.

    ``nested`` are the streams that stand in the rows of another, ``searches`` those that show some of another's rows.
    """

    name: ClassVar[str]
    nested: ClassVar[Mapping[str, Nested]] = MappingProxyType({})
    searches: ClassVar[Mapping[str, str]] = MappingProxyType({})
    world: World
    schedule: Schedule
    tables: dict[str, Table]

    @property
    def customers(self) -> Table:
        return self.tables["customers"]

    @property
    def rows(self) -> dict[Key, Row]:
        """Every row by key, whether or not a list would show it."""
        return self.customers.rows

    @property
    def flags(self) -> dict[Key, frozenset[str]]:
        """The hidden properties of each row, such as ``archived`` or ``inactive``."""
        return self.customers.flags

    def changed_at(self, key: Key) -> datetime:
        """The moment of a row's last change, whatever spelling its API uses."""
        return self.customers.changed_at(key)

    def listed(self, **query: str) -> dict[Key, Row]:
        """The customers by key that a list with this query answers, all pages together and in order."""
        return self.expected("customers", **query)

    def expected(self, stream: str, **query: str) -> dict[Any, Row]:
        """The rows of a stream by key, as the API shows them where its list is asked with this query.

        All pages, parents and, without a query, moments together. A row that belongs to a parent has the parent's key,
        and comes as long as the parent is there. The query of details, and of rows in rows, is that of their list.
        """
        if stream in self.nested:
            return self._expected_nested(self.nested[stream], query)
        for table in self.tables.values():
            if table.resource.detail_stream == stream and stream not in self.tables:
                return self._expected_details(table, query)
        table = self.tables[self.searches.get(stream, stream)]
        listing, entries = self._entries(table, stream, query)
        key, parent = table.resource.key, table.resource.parent
        if parent is None:
            return {entry.row[key]: listing.row(entry) for entry in entries}
        parents = self.tables[parent.stream].rows
        return {
            entry.row[key]: {**listing.row(entry), parent.field: entry.row[parent.field]}
            for entry in entries
            if entry.row[parent.field] in parents
        }

    def _expected_details(self, table: Table, query: Mapping[str, str]) -> dict[Any, Row]:
        listing, entries = self._entries(table, table.resource.name, query)
        key, detail = table.resource.key, table.resource.detail
        return {e.row[key]: {**self.shown(detail(e.row), listing.request), key: e.row[key]} for e in entries}

    def _expected_nested(self, nested: Nested, query: Mapping[str, str]) -> dict[Any, Row]:
        found: dict[Any, Row] = {}
        for parent, row in self.expected(nested.stream, **query).items():
            for position, inner in enumerate(row[nested.rows], start=1):
                own = {} if nested.key else {"position": position}
                made = {**inner, nested.parent_key: parent, **own}
                found[parent, made[nested.key or "position"]] = made
        return found

    def _entries(self, table: Table, stream: str, query: Mapping[str, str]) -> tuple[Listing, Sequence[Entry]]:
        listing = Listing(self, table, RequestRecord(self.name, stream, "list", query=list(query.items())))
        return listing, listing.entries(scoped=bool(query))

    def insert(
        self, what: int | Mapping[str, Any] = 1, flags: Collection[str] = (), *, at: datetime | None = None
    ) -> list[Key]:
        """Add so many generated rows, or one with the given fields, at one moment (now); returns their keys."""
        return self.customers.insert(what, flags, at=at)

    def change(self, seed: int = 0, at: datetime | None = None, stream: str = "customers", **counts: int) -> Changed:
        """``update``, ``touch``, ``insert`` and ``delete`` so many rows at one moment (now), chosen by the seed."""
        if stream not in self.tables:
            raise ValueError(f"{self.name} has no rows of {stream}")
        unknown = set(counts) - set(get_args(Change))
        if unknown:
            raise ValueError(f"there are no changes {sorted(unknown)}")
        return change(self.tables[stream], cast("dict[Change, int]", counts), seed, at)

    def update(self, key: Key, *, flags: Collection[str] | None = None, touch: bool = True, **fields: Any) -> Row:
        """Change fields of a row; its change time moves to now unless it is given or ``touch`` is false."""
        return self.customers.update(key, flags=flags, touch=touch, **fields)

    def touch(self, *keys: Key, at: datetime | None = None) -> None:
        """Move the change time of rows, to now or to the given moment."""
        self.customers.touch(*keys, at=at)

    def delete(self, *keys: Key) -> None:
        self.customers.delete(*keys)

    def fault(self, kind: str, **arguments: Any) -> Rule:
        """Make requests go wrong; see ``Schedule.add`` for which, and ``FAULTS`` and ``FLOODS`` for how."""
        return self.schedule.add(kind, **arguments)

    def clear_faults(self) -> None:
        self.schedule.clear()

    @property
    def requests(self) -> Requests:
        """What this provider received so far, in order."""
        return self.world.log.snapshot().of(self.name)

    @property
    def peak_in_flight(self) -> int:
        """The largest number of requests that were being answered at the same time."""
        return self.world.log.peak(self.name)
