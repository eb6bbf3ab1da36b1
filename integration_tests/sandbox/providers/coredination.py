"""Coredination: a bare array, pages by limit and offset, and flags that count by being there."""

import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, Literal

from integration_tests.sandbox.answers import Answer, Refusal, as_json, as_text
from integration_tests.sandbox.data.coredination import customer
from integration_tests.sandbox.filters import hidden_unless_supplied, integer_or, last
from integration_tests.sandbox.listing import BadValue, Page, Window
from integration_tests.sandbox.moments import microseconds, milliseconds, utc
from integration_tests.sandbox.provider import Endpoint, Provider
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.sandbox.resource import Order, Predicate, Resource, Row
from integration_tests.sandbox.table import Table

MILLISECOND = 1_000


def modified(parameter: str, values: list[str]) -> Predicate | None:
    """Rows changed at or after a timestamp in milliseconds, or the start of a day (UTC)."""
    text = last(values)
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,15}", text):
        bound = int(text) * MILLISECOND
    elif re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            bound = microseconds(datetime.fromisoformat(text).replace(tzinfo=timezone.utc))
        except ValueError as error:
            raise BadValue(parameter, text, "date") from error
    else:
        raise BadValue(parameter, text, "timestamp in milliseconds or date")
    return lambda entry: entry.changed is not None and entry.changed >= bound


CUSTOMERS = Resource(
    name="customers",
    path="/api/1/customer",
    key="id",
    label="name",
    make=customer,
    cursor="lastModified",
    stamp=milliseconds,
    instant=lambda value: int(value) * MILLISECOND,
    flags={"inactive": 0.1},
    filters={"inactive": hidden_unless_supplied("inactive"), "modified": modified},
)

SPELLINGS: dict[str, Callable[[int], int | str]] = {
    "seconds": lambda value: value // 1000,
    "microseconds": lambda value: value * MILLISECOND,
    "iso": lambda value: utc(value / 1000).isoformat(timespec="milliseconds"),
    "day": lambda value: f"{utc(value / 1000):%Y%m%d}",
    "day_number": lambda value: int(f"{utc(value / 1000):%Y%m%d}"),
}
"""Other ways to write a moment than the documented one, from that: milliseconds since the epoch."""

VERSION = {"id": "2014-03-18_22-49-26", "builduser": "jenkins", "version": "2180"}


class Coredination(Provider):
    """Settings: credentials, page sizes, order, and what the documents leave open.

    ``last_modified`` says which rows show that field, and ``last_modified_as`` how; ``empty_as_204`` answers an empty
    list without a body; ``forbidden`` refuses a good credential for want of permission.
    """

    name = "coredination"
    resources = (CUSTOMERS,)

    api_key: str = "sandbox-coredination-key"
    api_token: str = "sandbox-coredination-token"
    token_required: bool = False
    forbidden: bool = False
    default_page_size: int = 100
    list_order: Literal["id", "newest", "oldest"] = "id"
    last_modified: Literal["all", "some", "none"] = "all"
    last_modified_as: Literal["milliseconds", "seconds", "microseconds", "iso", "day", "day_number"] = "milliseconds"
    empty_as_204: bool = False

    def config(self, url: str) -> dict[str, Any]:
        token = {"api_token": self.api_token} if self.token_required else {}
        return {"name": self.name, "base_url": url, "api_key": self.api_key, **token}

    def endpoints(self) -> list[Endpoint]:
        return [
            *super().endpoints(),
            Endpoint("GET", "/api/1/version", "version", lambda _: as_json(VERSION)),
        ]

    def admit(self, request: RequestRecord) -> None:
        """The key alone is enough unless ``token_required``; a token that is sent has to be right."""
        key = request.headers.get("api-key", request.value("api_key"))
        token = request.headers.get("api-token", request.value("api_token"))
        token_is_right = token == self.api_token or (token is None and not self.token_required)
        if key != self.api_key or not token_is_right:
            raise Refusal(self.error(401, "API key and/or token missing or invalid"))
        if self.forbidden:
            raise Refusal(self.error(403, "No permission"))

    def window(self, request: RequestRecord, ceiling: int) -> Window:
        asked = integer_or(self.default_page_size, "limit", request.value("limit"), least=1)
        return Window(integer_or(0, "offset", request.value("offset"), least=0), min(asked, ceiling))

    def order(self, _table: Table, _request: RequestRecord) -> Order:
        if self.list_order == "id":
            return Order("id", lambda entry: entry.row["id"])
        return Order("changed", lambda entry: entry.changed, descending=self.list_order == "newest")

    def document(self, page: Page) -> list[Row]:
        return page.rows

    def answer(self, page: Page) -> Answer:
        return Answer(204) if self.empty_as_204 and not page.rows else super().answer(page)

    def present(self, row: Row, _request: RequestRecord) -> Row:
        """With ``some``, every other row shows when it was changed."""
        if self.last_modified == "all" or (self.last_modified == "some" and row["id"] % 2 == 0):
            if self.last_modified_as == "milliseconds":
                return row
            return {**row, "lastModified": SPELLINGS[self.last_modified_as](row["lastModified"])}
        return {field: value for field, value in row.items() if field != "lastModified"}

    def find(self, table: Table, key: str) -> Row | None:
        """Both identities of a record are accepted in a path."""
        return table.get("id", key) or table.get("uuid", key)

    def error(self, status: int, message: str) -> Answer:
        """The documents do not show the body of an error, so it is none that a client could read."""
        return as_text(message, status)
