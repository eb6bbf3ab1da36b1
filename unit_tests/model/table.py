"""The customers of a provider, which change, and the provider's clock."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Literal

START = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=timezone.utc)

Keys = Literal["rising", "random"]


@dataclass(frozen=True)
class Customer:
    """One row: its key, its place in the order of creation, its change time and a version that each change raises."""

    key: int
    created: int
    changed: datetime
    version: int = 1


class Table:
    """The rows of one provider at this moment of its clock.

    `edition` rises with every change, so that what was computed from the rows can be kept until then.
    """

    def __init__(self, keys: Keys = "rising", seed: int = 0, start: datetime = START) -> None:
        """Take how new keys are chosen, and the first moment of the provider's clock."""
        self.rows: dict[int, Customer] = {}
        self.now = start
        self.edition = 0
        self._keys = keys
        self._dice = random.Random(seed)
        self._created = 0

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def insert(self, age: timedelta = timedelta(0)) -> int:
        """Add a row that changed this long ago (a negative age lies in the future) and return its key."""
        self._created += 1
        key = self._created
        if self._keys == "random":
            key = self._dice.randrange(1 << 40)
        self.rows[key] = Customer(key, self._created, self.now - age)
        self.edition += 1
        return key

    def update(self, key: int, age: timedelta = timedelta(0)) -> None:
        row = self.rows[key]
        self.rows[key] = replace(row, changed=self.now - age, version=row.version + 1)
        self.edition += 1

    def delete(self, key: int) -> None:
        del self.rows[key]
        self.edition += 1
