"""A provider of the sandbox: its rows, its endpoints, its faults and its settings."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from integration_tests.sandbox.answers import Answer, Refusal, as_json
from integration_tests.sandbox.controls import Controls
from integration_tests.sandbox.faults.schedule import Schedule
from integration_tests.sandbox.listing import BadValue, Listing
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
    """

    resources: ClassVar[tuple[Resource, ...]]

    latency: float = 0.0
    before_answer: Hook | None = None

    def __init__(self, world: World) -> None:
        self.world = world
        self.schedule = Schedule(self.name)
        self.tables = {
            resource.name: Table(
                resource, seed=world.seed, count=world.customers, base_time=world.base_time, now=world.now
            )
            for resource in self.resources
        }

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
            answer = endpoint.respond(request)
        except Refusal as refusal:
            answer = refusal.answer
        except BadValue as bad:
            answer = self.bad_value(bad)
        return self.finish(answer, request)

    def finish(self, answer: Answer, _request: RequestRecord) -> Answer:
        """Add what every answer of the API carries."""
        return answer

    def answer_list(self, table: Table, request: RequestRecord) -> Answer:
        """Answer a list request, wrongly if a fault is due; one that is not admitted meets no fault."""
        self.admit(request)
        if self.before_answer is not None:
            self.before_answer(request)
        listing = Listing(self, table, request)
        rule = self.schedule.due(listing)
        if rule is None:
            return listing.answer()
        request.fault = rule.fault.name
        return rule.fault.strike(listing, **rule.options)

    def answer_detail(self, table: Table, request: RequestRecord) -> Answer:
        self.admit(request)
        key = request.path_parameters["key"]
        row = self.find(table, key)
        return self.missing(table, key) if row is None else as_json(self.present(table.resource.detail(row), request))

    def find(self, table: Table, key: str) -> Row | None:
        return table.get(table.resource.key, key)

    def missing(self, _table: Table, _key: str) -> Answer:
        return self.error(404, "Not found.")

    def reset(self) -> None:
        """Back to the start: rows, faults and settings."""
        for setting in [name for name in vars(self) if hasattr(type(self), name)]:
            delattr(self, setting)
        self.schedule.clear()
        for table in self.tables.values():
            table.reset()
