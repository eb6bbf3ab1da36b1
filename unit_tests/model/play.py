"""Plays a case: three syncs of one list into one destination, and what came of them."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers import waiting
from source_customers.reading import ranges
from source_customers.reading.page import Page
from source_customers.reading.reader import StreamReader
from source_customers.reading.state import State
from unit_tests.model.activity import Activity
from unit_tests.model.case import Case
from unit_tests.model.connection import ModelConnection
from unit_tests.model.server import Server
from unit_tests.model.shapes import SHAPES
from unit_tests.model.table import START, Table

COMPLETE, GAVE_UP, KILLED = "COMPLETE", "gave up", "killed"
_MOST_CHANGES = 30
_LATENESS = {"PT0S": 0.0, "PT10M": 590.0, "P1D": 3600.0}

Destination = dict[int, int]


class RowsLostError(AssertionError):
    """A sync that ended COMPLETE left out rows, or a state has passed them."""


@dataclass
class World:
    """One server with its rows, and one destination.

    Attributes:
        table: the rows of the server.
        server: gives the answers.
        activity: what happens to the rows.
        destination: the version of each row that was delivered last.
        state: what the last sync left.
    """

    provider: str
    table: Table
    server: Server
    activity: Activity
    destination: Destination = field(default_factory=dict)
    state: Mapping[str, Any] | None = None
    skew: float = 0.0

    @contextmanager
    def our_clock(self) -> Iterator[None]:
        """Let the connector's own clock be ahead of the API's."""
        with (
            mock.patch.object(waiting, "now", self._our_now),
            mock.patch.object(waiting, "monotonic", self._elapsed),
            mock.patch.object(waiting, "sleep", self._sleep),
        ):
            yield

    def _our_now(self) -> datetime:
        return self.table.now + timedelta(seconds=self.skew)

    def _elapsed(self) -> float:
        return (self.table.now - START).total_seconds()

    def _sleep(self, seconds: float, *_: object) -> None:
        self.activity.meanwhile(seconds)

    def reader(self, connection: ModelConnection, config: Mapping[str, Any]) -> StreamReader:
        shape = SHAPES[self.provider]
        return StreamReader(
            "customers",
            shape.key,
            shape.settings,
            config,
            connection,  # type: ignore[arg-type]  # stands in for it
            cursor_field=shape.cursor_field,
            state_format=shape.state_format,
        )

    def read(
        self,
        connection: ModelConnection,
        config: Mapping[str, Any],
        killed_after: int | None = None,
        *,
        full_refresh: bool = False,
    ) -> tuple[str, Counter[int]]:
        """Read once; return how it ended and how often each key came."""
        key_field = SHAPES[self.provider].key
        delivered: Counter[int] = Counter()
        with self.our_clock():
            items = self.reader(connection, config).read({} if full_refresh else self.state)
            try:
                last: Page | State | None = None
                for last in items:
                    if isinstance(last, State):
                        self.state = last.value
                        continue
                    for row in last.rows:
                        if killed_after is not None and delivered.total() >= killed_after:
                            items.close()
                            return KILLED, delivered
                        key = int(row[key_field], 16) if key_field == "guid" else row[key_field]
                        self.destination[key] = row["version"]
                        delivered[key] += 1
            except AirbyteTracedException as failure:
                assert failure.failure_type == FailureType.transient_error, failure.message
                return GAVE_UP, delivered
            assert isinstance(last, State), "the last item of a complete read is a state"
        return COMPLETE, delivered


@dataclass
class Outcome:
    """What came of a case: how each sync ended, the requests of each, and how often rows came twice in a sync."""

    endings: list[str] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    repeated: int = 0
    rows: int = 0


def world_of(case: Case) -> World:
    """Return the world in which a case begins."""
    table = Table(case.keys, case.seed)
    dice = random.Random(case.seed)
    for index in range(case.rows):
        moment = timedelta(days=1) - timedelta(seconds=case.spread) * (index // case.same)
        table.insert(moment)
    keys = list(table.rows)
    if case.seed % 2:
        # The order of creation is not the order of change.
        for key in dice.sample(keys, len(keys) // 2):
            table.update(key, timedelta(days=1, seconds=dice.choice([0, 1, 60]) * case.spread))
    server = Server(case.provider, table, case.habits, case.seed, case.own_size)
    activity = Activity(
        table, dice, case.rate, case.kinds, _MOST_CHANGES, case.latency, case.slow, _LATENESS[case.lookback], case.delay
    )
    return World(case.provider, table, server, activity, skew=case.skew)


def config_of(case: Case) -> dict[str, Any]:
    """Return the config with which a case is read."""
    config: dict[str, Any] = {"concurrency": case.concurrency}
    if case.provider != "mijnklantportaal":
        config |= {"page_size": case.page_size, "lookback_window": case.lookback}
    if case.provider == "coredination":
        config["modified_format"] = "date" if case.by_date else "epoch_milliseconds"
    return config


def play(case: Case) -> Outcome:
    """Read three times: perhaps killed, then from its state, then when all is quiet.

    Raises:
        RowsLostError: a row is missing, or a change.
        TooManyRequestsError: the reader does not come to an end.
    """
    world, outcome = world_of(case), Outcome()
    config = config_of(case)
    for number in range(3):
        quiet = number == 2
        world.activity.rate = 0.0 if quiet else case.rate
        world.activity.left = _MOST_CHANGES
        in_full = case.in_full and number == 1
        is_first = not world.state or in_full or not SHAPES[case.provider].cursor_field
        before = set(world.table.rows)
        connection = ModelConnection(
            world.server,
            world.activity,
            concurrency=case.concurrency,
            seed=case.seed + number,
            most_requests=_most_requests(case),
        )
        with mock.patch.object(ranges, "MOST_ROWS", case.most_rows):
            ending, delivered = world.read(
                connection, config, case.killed_after if number == 0 else None, full_refresh=in_full
            )
        outcome.endings.append(ending)
        outcome.requests.append(connection.requests)
        outcome.repeated += sum(count - 1 for count in delivered.values())
        outcome.rows += delivered.total()
        if ending == COMPLETE and not _may_hide(case):
            had = set(delivered) if is_first else set(world.destination)
            missing = before & set(world.table.rows) - had
            if missing:
                raise RowsLostError(f"sync {number + 1} is COMPLETE without {len(missing)} of {len(before)} rows")
        world.activity.meanwhile(case.pause)
    assert outcome.endings[2] == COMPLETE or not case.is_orderly, "a quiet list"
    if outcome.endings[2] == COMPLETE:
        stale = [key for key, row in world.table.rows.items() if world.destination.get(key) != row.version]
        if stale:
            raise RowsLostError(f"{len(stale)} of {len(world.table.rows)} rows are missing or old after a quiet sync")
    return outcome


def _may_hide(case: Case) -> bool:
    """Return whether the shape has a known limit here: nothing on MijnKlantportaal shows a deletion."""
    return case.provider == "mijnklantportaal" and "d" in case.kinds


def _most_requests(case: Case) -> int:
    size = case.own_size if case.provider == "mijnklantportaal" else case.page_size
    caps = [case.habits.cap, *([case.habits.later_cap] if case.habits.cap_changes_at else [])]
    # Imports of up to 24 rows at a time are the most that is added.
    most_rows = case.rows + 2 * _MOST_CHANGES * (24 if "b" in case.kinds else 1)
    return 60 * (most_rows // min(size, *caps) + 1) + 300
