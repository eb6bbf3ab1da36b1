"""What users do to the list while it is read."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from unit_tests.model.table import Table


@dataclass
class Activity:
    """Changes and passing time, at any moment of a request.

    Attributes:
        table: the rows.
        dice: decides when something happens, and what.
        rate: how probable a change is, at each of the moments when one may happen. 0 is quiet.
        kinds: what happens, a letter each: `u` update, `d` delete, `i` insert, `l` insert with an older change time,
            `b` import of many rows in one moment, `m` update of many rows in one moment, `f` insert of a row that is
            dated in the future, `t` passing time. A letter that stands twice happens twice as often.
        left: changes that may still happen.
        latency: seconds that a request usually takes.
        slow: seconds that a slow one takes, which is one of eight.
        lateness: most seconds that a row that appears late is dated back.
        delay: most seconds from the change time of a row to the moment when it shows.
    """

    table: Table
    dice: random.Random
    rate: float = 0.0
    kinds: str = "u"
    left: int = 30
    latency: float = 0.05
    slow: float = 0.05
    lateness: float = 0.0
    delay: float = 0.0
    changes: int = 0

    def __post_init__(self) -> None:
        self._kinds: Mapping[str, Callable[[], object]] = {
            "u": self._update,
            "d": self._delete,
            "i": lambda: self.table.insert(self._age()),
            "l": lambda: self.table.insert(timedelta(seconds=self.dice.uniform(0, self.lateness))),
            "b": self._import,
            "m": self._update_many,
            "f": lambda: self.table.insert(timedelta(seconds=-self.dice.choice([5, 3600, 86_400 * 400]))),
            "t": lambda: self.table.pass_time(self.dice.uniform(0, 2)),
        }

    def duration(self) -> float:
        """Return the seconds that the next request will take."""
        return self.slow if self.dice.random() < 1 / 8 else self.latency

    def meanwhile(self, seconds: float = 0.0) -> None:
        """Let this much time pass, and whatever happens in it."""
        before = self.dice.random()
        self.table.pass_time(seconds * before)
        while self.left > 0 and self.dice.random() < self.rate:
            self.left -= 1
            self.changes += 1
            self._kinds[self.dice.choice(self.kinds)]()
        self.table.pass_time(seconds * (1 - before))

    def _age(self) -> timedelta:
        return timedelta(seconds=self.dice.uniform(0, self.delay))

    def _any(self) -> int | None:
        return self.dice.choice(list(self.table.rows)) if self.table.rows else None

    def _update(self) -> None:
        key = self._any()
        if key is not None:
            self.table.update(key, self._age())

    def _delete(self) -> None:
        key = self._any()
        if key is not None:
            self.table.delete(key)

    def _import(self) -> None:
        for _ in range(self.dice.randrange(2, 25)):
            self.table.insert()

    def _update_many(self) -> None:
        keys = list(self.table.rows)
        for key in self.dice.sample(keys, min(len(keys), self.dice.randrange(2, 25))):
            self.table.update(key)
