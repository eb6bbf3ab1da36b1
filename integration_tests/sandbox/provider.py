"""A provider of the sandbox: its rows, its endpoints, its faults and its settings."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from integration_tests.sandbox.answers import Answer, Refusal, as_json
from integration_tests.sandbox.busy import change_one
from integration_tests.sandbox.changes import Change
from integration_tests.sandbox.controls import Controls
from integration_tests.sandbox.faults.schedule import Schedule
from integration_tests.sandbox.listing import BadValue, Call, Exchange, Listing
from integration_tests.sandbox.moments import utc
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.sandbox.resource import Resource, Row
from integration_tests.sandbox.table import Table
from integration_tests.sandbox.world import World

Hook = Callable[[RequestRecord], object]


@dataclass(frozen=True)
class Endpoint:
    """A route of an API. ``kind`` is what a test filters recorded requests by."""

    method: str
    path: str
    kind: str
    respond: Callable[[RequestRecord], Answer]
    stream: str | None = None


class Provider(Controls):
    """One of the APIs.

    Settings are class attributes: a test sets them on the instance, and ``reset`` forgets what was set.

    ``latency`` is what every answer takes, in seconds. ``clock_skew`` is how far the API's clock is ahead, in seconds:
    its change times, its ``Date`` and all that it counts. ``date_header`` can be turned off. With ``busy_every``, one
    row is changed before each so many-th list request is answered, in one of the ways of ``busy_changes``.
    """

    resources: ClassVar[tuple[Resource, ...]]

    latency: float = 0.0
    clock_skew: float = 0.0
    date_header: bool = True
    busy_every: int | None = None
    busy_changes: Sequence[Change] = ("update", "insert", "delete")
    before_answer: Hook | None = None

    def __init__(self, world: World) -> None:
        self.world = world
        self.schedule = Schedule(self.name, lambda: {endpoint.kind for endpoint in self.endpoints()})
        self._lists_asked_for = self._lists_admitted = 0
        self.tables = {
            resource.name: Table(
                resource, seed=world.seed, count=world.customers, base_time=world.base_time, now=self.now
            )
            for resource in self.resources
        }

    def clock(self) -> float:
        """Seconds since the epoch, as this API's clock has them."""
        return self.world.clock() + self.clock_skew

    def now(self) -> datetime:
        return utc(self.clock())

    @abstractmethod
    def config(self, url: str) -> dict[str, Any]:
        """What the connector needs to read from this provider."""

    def endpoints(self) -> list[Endpoint]:
        """Two for each resource: its list, and one record by its key."""
        routes = []
        for table in self.tables.values():
            name, path = table.resource.name, table.resource.path
            routes.append(Endpoint("GET", path, "list", partial(self.answer_list, table), name))
            routes.append(Endpoint("GET", self.detail_path(path), "detail", partial(self.answer_detail, table), name))
        return routes

    def detail_path(self, path: str) -> str:
        return f"{path}/{{key}}"

    def handle(self, endpoint: Endpoint, request: RequestRecord) -> Answer:
        try:
            answer = endpoint.respond(request) if endpoint.kind == "list" else self.answer_call(endpoint, request)
        except Refusal as refusal:
            answer = refusal.answer
        except BadValue as bad:
            answer = self.bad_value(bad)
        return self.finish(answer, request)

    def finish(self, answer: Answer, _request: RequestRecord) -> Answer:
        """Add what every answer of the API carries."""
        return answer

    def answer_list(self, table: Table, request: RequestRecord) -> Answer:
        """Answer a list request, wrongly if a fault is due; one that is not admitted meets an outage at most."""
        self._lists_asked_for += 1
        listing = Listing(self, table, request, seed=f"{self.world.seed}/{self._lists_asked_for}")
        outage = self._struck(listing, admitted=False)
        if outage is not None:
            return outage
        self.admit(request)
        self.check(table, request)
        if self.before_answer is not None:
            self.before_answer(request)
        self._work(table)
        return self._struck(listing, admitted=True) or listing.answer()

    def _work(self, table: Table) -> None:
        """What others change in a busy account before this list is answered."""
        self._lists_admitted += 1
        if self.busy_every is not None and self._lists_admitted % self.busy_every == 0:
            change_one(table, self.busy_changes, f"{self.world.seed}/{self._lists_admitted}")

    def answer_call(self, endpoint: Endpoint, request: RequestRecord) -> Answer:
        call = Call(self, request, endpoint.respond)
        return self._struck(call, admitted=True) or call.answer()

    def check(self, _table: Table, _request: RequestRecord) -> None:
        """Refuse a query with parameters that are not known."""

    def _struck(self, exchange: Exchange, *, admitted: bool) -> Answer | None:
        """The wrong answer that is due."""
        rule = self.schedule.due(exchange, admitted=admitted)
        if rule is None:
            return None
        exchange.request.fault = rule.fault.name
        return rule.fault.strike(exchange, **rule.options)

    def answer_detail(self, table: Table, request: RequestRecord) -> Answer:
        self.admit(request)
        key = request.path_parameters["key"]
        row = self.find(table, key)
        return self.missing(table, key) if row is None else as_json(self.shown(table.resource.detail(row), request))

    def find(self, table: Table, key: str) -> Row | None:
        return table.get(table.resource.key, key)

    def missing(self, _table: Table, _key: str) -> Answer:
        return self.error(404, "Not found.")

    def reset(self) -> None:
        """Back to the start: rows, faults and settings."""
        for setting in [name for name in vars(self) if hasattr(type(self), name)]:
            delattr(self, setting)
        self.schedule.clear()
        self._lists_asked_for = self._lists_admitted = 0
        for table in self.tables.values():
            table.reset()
