"""Coredination: a bare array, pages by limit and offset, and flags that count by being there."""

import re
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime, timezone
from functools import partial
from operator import ge, le
from types import MappingProxyType
from typing import Any, Literal

from integration_tests.sandbox.answers import Answer, Refusal, as_json, as_text
from integration_tests.sandbox.data.coredination import customer
from integration_tests.sandbox.data.samples import samples
from integration_tests.sandbox.filters import hidden_unless_supplied, integer, integer_or, last
from integration_tests.sandbox.listing import WHOLE, BadValue, Page, Window
from integration_tests.sandbox.moments import microseconds, milliseconds, utc
from integration_tests.sandbox.provider import Endpoint, Provider
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.sandbox.resource import Filter, Nested, Order, Predicate, Resource, Row
from integration_tests.sandbox.satellites import satellite
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


def listed(stream: str, filters: Mapping[str, Filter], **others: Any) -> Resource:
    change: dict[str, Any] = {"cursor": "lastModified", "stamp": milliseconds, "instant": CUSTOMERS.instant}
    return satellite("coredination", stream, filters=filters, **change, **others)


def worked(field: str, compare: Callable[[int, int], bool]) -> Filter:
    """Rows whose time of work compares like that with a timestamp in milliseconds."""

    def build(parameter: str, values: list[str]) -> Predicate | None:
        if not values:
            return None
        bound = integer(parameter, values[-1], least=0)
        return lambda entry: compare(entry.row[field], bound)

    return build


def of_customers(_parameter: str, values: list[str]) -> Predicate | None:
    """Rows of customers by their ids, separated by commas."""
    wanted = set(",".join(values).split(","))
    return (lambda entry: str((entry.row["customer"] or {}).get("id")) in wanted) if values else None


SATELLITES = (
    listed(
        "assets",
        {"inactive": hidden_unless_supplied("inactive"), "modified": modified},
        flags={"inactive": 0.1},
    ),
    listed(
        "work_reports",
        {
            "invoiced": hidden_unless_supplied("invoiced"),
            "modified": modified,
            "from": worked("startTime", ge),
            "to": worked("endTime", le),
            "customers": of_customers,
        },
        flags={"invoiced": 0.4},
        share=0.3,
    ),
    listed("jobs", {}, details="job_details", share=0.2),
)

SEARCH_ENTRY = tuple(samples("coredination")["customer_search"].sample)

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
    list without a body; ``forbidden`` refuses a good credential for want of permission. Without ``job_paging`` the list
    of jobs knows no limit and offset, and is always whole.
    """

    name = "coredination"
    lower_filters = ("modified",)
    filter_unit = MILLISECOND
    resources = (CUSTOMERS, *SATELLITES)
    nested = MappingProxyType(
        {
            "customer_projects": Nested("customers", "customerProjects", "customerId"),
            "customer_documents": Nested("customers", "documents", "customerId", key="uuid"),
        }
    )
    searches = MappingProxyType({"customer_search": "customers"})

    api_key: str = "sandbox-coredination-key"
    api_token: str = "sandbox-coredination-token"
    token_required: bool = False
    forbidden: bool = False
    default_page_size: int = 100
    list_order: Literal["id", "newest", "oldest"] = "id"
    last_modified: Literal["all", "some", "none"] = "all"
    last_modified_as: Literal["milliseconds", "seconds", "microseconds", "iso", "day", "day_number"] = "milliseconds"
    empty_as_204: bool = False
    job_paging: bool = True

    def config(self, url: str) -> dict[str, Any]:
        token = {"api_token": self.api_token} if self.token_required else {}
        return {"name": self.name, "base_url": url, "api_key": self.api_key, **token}

    def endpoints(self) -> list[Endpoint]:
        search = partial(self.answer_list, self.customers)
        return [
            Endpoint("GET", f"{CUSTOMERS.path}/search", "list", search, "customer_search"),
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

    def scope(self, table: Table, request: RequestRecord) -> Mapping[Hashable, Predicate]:
        """A search keeps the customers with one of its terms in their name."""
        if request.stream not in self.searches:
            return super().scope(table, request)
        terms = (request.value("q") or "").casefold().split()
        if not terms:
            raise Refusal(self.error(400, "q is required"))
        return {("q", *terms): lambda entry: any(term in entry.row["name"].casefold() for term in terms)}

    def window(self, request: RequestRecord, ceiling: int) -> Window:
        """Of the search no pages are documented."""
        if request.stream in self.searches or (request.stream == "jobs" and not self.job_paging):
            return WHOLE
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

    def present(self, row: Row, request: RequestRecord) -> Row:
        """With ``some``, every other row shows when it was changed; what a search finds is reduced."""
        if request.stream in self.searches:
            return {field: row[field] for field in SEARCH_ENTRY}
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
