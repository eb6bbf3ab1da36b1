"""What a test does with a provider: look at its rows and requests, change them, make it fail."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar, cast, get_args

from integration_tests.sandbox.changes import Change, Changed, change
from integration_tests.sandbox.faults.schedule import Rule, Schedule
from integration_tests.sandbox.listing import Dialect, Listing
from integration_tests.sandbox.recording import RequestRecord, Requests
from integration_tests.sandbox.resource import Key, Row
from integration_tests.sandbox.table import Table
from integration_tests.sandbox.world import World


class Controls(Dialect):
    """Customers are what most tests are about; other streams are reached through ``tables``."""

    name: ClassVar[str]
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
        """The rows by key that a list with this query answers, all pages together and in order."""
        table = self.customers
        request = RequestRecord(self.name, table.resource.name, "list", query=list(query.items()))
        entries = Listing(self, table, request).entries()
        return {entry.row[table.resource.key]: self.shown(entry.row, request) for entry in entries}

    def insert(
        self, what: int | Mapping[str, Any] = 1, flags: Collection[str] = (), *, at: datetime | None = None
    ) -> list[Key]:
        """Add so many generated rows, or one with the given fields, at one moment (now); returns their keys."""
        return self.customers.insert(what, flags, at=at)

    def change(self, seed: int = 0, at: datetime | None = None, **counts: int) -> Changed:
        """``update``, ``touch``, ``insert`` and ``delete`` so many rows at one moment (now), chosen by the seed."""
        unknown = set(counts) - set(get_args(Change))
        if unknown:
            raise ValueError(f"there are no changes {sorted(unknown)}")
        return change(self.customers, cast("dict[Change, int]", counts), seed, at)

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
