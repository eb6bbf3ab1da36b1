"""A connection to an API that is a dictionary, and outlets over it."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from msgspec import convert

from source_customers.connection.answers import GoneError
from source_customers.connection.connection import Call, Connection
from source_customers.connection.stop import Stop
from source_customers.manifest.settings import ListSettings
from source_customers.reading.api_list import ApiList
from source_customers.reading.outlets import Item, Outlet, RowsOfParents
from source_customers.reading.page import Page, Row

Answer = TypeVar("Answer")

PARENT = {
    "stream": {
        "name": "tickets",
        "primary_key": "id",
        "retriever": {
            "type": "CustomRetriever",
            "class_name": "source_customers.reading.retriever.ListRetriever",
            "connection": {"authentication": {"method": "headers", "headers": {"K": {"field": "k"}}}},
            "path": "/tickets",
            "paging": {"by": "none"},
        },
    },
    "key_field": "ticketId",
}


class Dictionary:
    """Stands in for a connection: answers from a dictionary, by path, and notes what was asked for.

    Answers come when `release` is called, or else at once. What is None has gone.
    """

    def __init__(self, answers: Mapping[str, Any], concurrency: int = 4, *, is_slow: bool = False) -> None:
        self.answers = answers
        self.concurrency = concurrency
        self.is_paced = False
        self.lists = 1
        self.asked: list[str] = []
        self._is_slow = is_slow
        self._waiting: list[Callable[[], None]] = []

    def submit(self, task: Callable[[], Answer]) -> Future[Answer]:
        future = cast("Future[Answer]", Late(self) if self._is_slow else Future())

        def run() -> None:
            try:
                future.set_result(task())
            except Exception as failure:  # noqa: BLE001  # a future keeps any failure
                future.set_exception(failure)

        if self._is_slow:
            self._waiting.append(run)
        else:
            run()
        return future

    @property
    def on_their_way(self) -> int:
        return len(self._waiting)

    def release(self) -> None:
        while self._waiting:
            self._waiting.pop(0)()

    def fetch(self, call: Call, read: Callable[[bytes], Answer], _stop: Stop) -> Answer:
        page = dict(call.query).get("page", "1")
        self.asked.append(call.path if page == "1" else f"{call.path}?page={page}")
        answer = self.answers[self.asked[-1]]
        if answer is None:
            raise GoneError
        return read(json.dumps(answer).encode())


class Late(Future[Any]):
    """A future whose answer comes when somebody waits for it."""

    def __init__(self, connection: Dictionary) -> None:
        super().__init__()
        self._connection = connection

    def result(self, timeout: float | None = None) -> Any:
        if not self.done():
            self._connection.release()
        return super().result(timeout)


def settings(path: str = "/tickets/{key}/messages", **changes: Any) -> ListSettings:
    given: dict[str, Any] = {
        "connection": PARENT["stream"]["retriever"]["connection"],  # type: ignore[index]  # as it stands above
        "path": path,
        "paging": {"by": "none"},
        "parent": PARENT,
        **changes,
    }
    return convert(given, ListSettings)


def rows_of_parents(connection: Dictionary, key: str = "id", **changes: Any) -> RowsOfParents:
    over = cast("Connection", connection)
    api = ApiList("messages", key, settings(**changes), {}, over)
    return RowsOfParents(api, "tickets", "id", over)


def tickets(*keys: str | int, **fields: Any) -> Page:
    return Page([{"id": key, **fields} for key in keys])


def rows_in(items: list[Item]) -> list[Row]:
    return [row for item in items if isinstance(item, Page) for row in item.rows]


def taken(outlet: Outlet, *items: Item) -> list[Item]:
    return [out for item in items for out in outlet.take(item)] + list(outlet.end())
