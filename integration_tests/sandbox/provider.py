"""A provider of the sandbox: its rows, its endpoints, its faults and its settings."""

from abc import abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import ceil
from threading import RLock
from typing import Any, ClassVar

from integration_tests.sandbox.answers import Answer, Refusal, as_json
from integration_tests.sandbox.busy import change_one
from integration_tests.sandbox.changes import Change
from integration_tests.sandbox.controls import Controls
from integration_tests.sandbox.faults.schedule import READS, Schedule
from integration_tests.sandbox.listing import BadValue, Call, Exchange, Listing
from integration_tests.sandbox.moments import utc
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.sandbox.resource import Make, Predicate, Resource, Row
from integration_tests.sandbox.table import Table
from integration_tests.sandbox.variation import Variation
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
    row of the list is changed before each so many-th list request is answered, in one of the ways of ``busy_changes``.
    ``before_answer`` is called with each request for a list or a detail that was admitted.
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
        self.schedule = Schedule(self.name, lambda: {(endpoint.kind, endpoint.stream) for endpoint in self.endpoints()})
        self._lists_asked_for = self._lists_admitted = 0
        self.tables = {}
        variations: dict[str, Variation] = {}
        lock = RLock()
        for resource in self.resources:
            make: Make | None = resource.make
            if make is None:
                assert resource.template is not None
                make = variations[resource.name] = Variation(
                    resource, resource.template, world.seed, self.tables, variations
                )
            self.tables[resource.name] = Table(
                resource,
                make,
                seed=world.seed,
                count=self._count(resource),
                base_time=world.base_time,
                now=self.now,
                lock=lock,
            )

    def _count(self, resource: Resource) -> int:
        """How many rows there are at the start; of what the customers refer to, all of it."""
        customers, rows = self.world.customers, self.world.rows
        if resource.name == "customers":
            return customers
        given = rows.get(resource.name) if isinstance(rows, Mapping) else rows
        if given is not None:
            return given
        first = len(resource.template.first) if resource.template else 0
        return max(first, ceil(customers * resource.share)) if customers else 0

    def clock(self) -> float:
        """Seconds since the epoch, as this API's clock has them."""
        return self.world.clock() + self.clock_skew

    def now(self) -> datetime:
        return utc(self.clock())

    @abstractmethod
    def config(self, url: str) -> dict[str, Any]:
        """What the connector needs to read from this provider."""

    def endpoints(self) -> list[Endpoint]:
        """Two for each resource: its list, and one record by its key; what belongs to a parent has at most a list."""
        routes = []
        inside = {stream for table in self.tables.values() for stream in table.resource.detail_lists.values()}
        for table in self.tables.values():
            resource = table.resource
            if resource.name in inside:
                continue
            respond = partial(self.answer_list, table)
            routes.append(Endpoint("GET", resource.path, "list", respond, resource.name))
            if resource.parent is None:
                path = resource.detail_path or self.detail_path(resource.path)
                routes.append(self._detail(table, path, self.find))
        return routes

    def _detail(self, table: Table, path: str, find: Callable[[Table, str], Row | None]) -> Endpoint:
        stream = table.resource.detail_stream or table.resource.name
        return Endpoint("GET", path, "detail", partial(self.answer_detail, table, find), stream)

    def detail_path(self, path: str) -> str:
        return f"{path}/{{key}}"

    def handle(self, endpoint: Endpoint, request: RequestRecord) -> Answer:
        try:
            answer = endpoint.respond(request) if endpoint.kind in READS else self.answer_call(endpoint, request)
        except Refusal as refusal:
            answer = refusal.answer
        except BadValue as bad:
            answer = self.bad_value(bad)
        return self.finish(answer, request)

    def finish(self, answer: Answer, _request: RequestRecord) -> Answer:
        """Add what every answer of the API carries."""
        return answer

    def answer_list(self, table: Table, request: RequestRecord) -> Answer:
        self._lists_asked_for += 1
        listing = Listing(self, table, request, seed=f"{self.world.seed}/{self._lists_asked_for}")
        return self._answer_read(listing, table, self._work)

    def answer_detail(self, table: Table, find: Callable[[Table, str], Row | None], request: RequestRecord) -> Answer:
        return self._answer_read(Call(self, request, partial(self._record, table, find)), table, lambda _table: None)

    def _answer_read(self, exchange: Exchange, table: Table, work: Callable[[Table], None]) -> Answer:
        """Answer a request, wrongly if a fault is due; one that is not admitted meets an outage at most."""
        request = exchange.request
        outage = self._struck(exchange, admitted=False)
        if outage is not None:
            return outage
        if not self.open_door:
            self.admit(request)
        if request.stream in self.refused_streams:
            raise Refusal(self.error(403, "The permission is missing."))
        self.check(table, request)
        if self.before_answer is not None:
            self.before_answer(request)
        work(table)
        return self._struck(exchange, admitted=True) or exchange.answer()

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

    def scope(self, table: Table, request: RequestRecord) -> Mapping[Hashable, Predicate]:
        """A list that belongs to a parent has the parent's rows, and is not there without it."""
        parent, key = table.resource.parent, request.path_parameters.get("key")
        if parent is None or key is None:
            return {}
        if self.find(self.tables[parent.stream], key) is None:
            raise Refusal(self.missing(self.tables[parent.stream], key))
        return {("parent", key): lambda entry: str(entry.row[parent.field]) == key}

    def _record(self, table: Table, find: Callable[[Table, str], Row | None], request: RequestRecord) -> Answer:
        key = request.path_parameters["key"]
        row = find(table, key)
        if row is None:
            return self.missing(table, key)
        shown = self.shown(table.resource.detail(row), request)
        return as_json({**shown, **self._inside(table, str(row[table.resource.key]))})

    def _inside(self, table: Table, key: str) -> Row:
        """The rows of other tables that stand in the detail of a row."""
        inside = {}
        for field, stream in table.resource.detail_lists.items():
            request = RequestRecord(self.name, stream, "detail", path_parameters={"key": key})
            listing = Listing(self, self.tables[stream], request)
            inside[field] = [listing.row(entry) for entry in listing.entries()]
        return inside

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
