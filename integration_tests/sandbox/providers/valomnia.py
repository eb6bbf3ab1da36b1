"""Valomnia: a session cookie from a form login, pages by max and offset, strict about parameters."""

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from operator import ge, gt, le, lt
from types import MappingProxyType
from typing import Any

from integration_tests.sandbox.answers import Answer, Refusal, as_json
from integration_tests.sandbox.data.valomnia import (
    CATEGORIES,
    PAYMENT_TYPES,
    SEGMENTATIONS,
    customer,
    customer_detail,
)
from integration_tests.sandbox.filters import equals_boolean, equals_number, integer_or, wildcard
from integration_tests.sandbox.listing import BadValue, Page, Window
from integration_tests.sandbox.moments import instant, zulu_seconds
from integration_tests.sandbox.provider import Endpoint, Provider
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.sandbox.resource import Entry, Filter, Order, Predicate, Resource, Row
from integration_tests.sandbox.satellites import satellite
from integration_tests.sandbox.sessions import Sessions
from integration_tests.sandbox.table import Table
from integration_tests.sandbox.world import World

DATETIME = "ISO-8601 datetime"
DEFAULT_SORT = ("dateCreated", "asc")
PAGING = frozenset({"max", "offset", "sort", "order"})
COMPARISONS = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


def moment(field: str, comparison: str) -> Filter:
    """Compares whole seconds in UTC as text, since their order is that of time."""
    compare = COMPARISONS[comparison]

    def build(parameter: str, values: list[str]) -> Predicate | None:
        if not values:
            return None
        bound = values[-1]
        if not _is_moment(bound):
            raise BadValue(parameter, bound, DATETIME)
        return lambda entry: compare(entry.row[field], bound)

    return build


def _is_moment(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        return False
    try:
        instant(text)
    except ValueError:
        return False
    return True


DATE_FILTERS = {
    f"{field}_{comparison}": moment(field, comparison)
    for field in ("dateCreated", "lastUpdated")
    for comparison in COMPARISONS
}

CUSTOMERS = Resource(
    name="customers",
    path="/api/v1.0/customers",
    key="id",
    label="name",
    make=customer,
    detail=customer_detail,
    detail_stream="customer_details",
    cursor="lastUpdated",
    stamp=zulu_seconds,
    instant=instant,
    filters={
        **DATE_FILTERS,
        "reference": wildcard("reference"),
        "name": wildcard("name"),
        "categoryReference": wildcard("categoryReference"),
        "isActive": equals_boolean("isActive"),
    },
)


def listed(stream: str, *texts: str, filters: Mapping[str, Filter] = MappingProxyType({}), **others: Any) -> Resource:
    """A list with the filters by date that all have, those by a text field of the same name, and others."""
    documented = {**DATE_FILTERS, **{name: wildcard(name) for name in texts}, **filters}
    change: dict[str, Any] = {"cursor": "lastUpdated", "stamp": zulu_seconds, "instant": instant}
    return satellite("valomnia", stream, filters=documented, **change, **others)


def named(rows: Sequence[tuple[str, str]]) -> list[Row]:
    """What customers refer to by a running number, a reference and a name."""
    return [{"id": number, "reference": row[0], "name": row[1]} for number, row in enumerate(rows, start=1)]


STAFF = [{"reference": f"emp-{number:03}"} for number in range(1, 9)]
"""Those whom the customers name as their authors."""

SATELLITES = (
    listed("customer_categories", "reference", "name", first=named(CATEGORIES)),
    listed("customer_segmentations", "reference", "name", first=named(SEGMENTATIONS)),
    listed("customer_groups", "reference", "name"),
    listed("customer_employees", "customerReference", "employeeReference"),
    listed("contacts", "customerReference", "firstName", "lastName", share=0.3),
    listed(
        "payment_types",
        "reference",
        "name",
        first=[{name: row[name] for name in ("id", "reference", "name")} for row in PAYMENT_TYPES],
    ),
    listed("customer_tax_lists", "customer.reference", "taxListReference"),
    listed("customer_discount_lists", "customerReference", "discountListReference"),
    listed("customer_category_discount_lists", "customerCategoryReference", "discountListReference"),
    listed("discount_lists", "reference", "name", filters={"discount": equals_number("percentageDiscount")}),
    listed("tax_lists", "reference"),
    listed(
        "prices",
        "itemReference",
        "unitReference",
        filters={"priceListReference": wildcard("priceList.reference"), "itemUnitId": equals_number("itemUnit.id")},
    ),
    listed("items", "reference", "name"),
    listed("item_categories", "reference", "name", filters={"isRoot": equals_boolean("isRoot")}),
    listed(
        "orders",
        "operationType",
        "reference",
        "employeeReference",
        "customerReference",
        "deliveredByReference",
        label="deliveryComment",
        share=0.3,
    ),
    listed("order_details", "orderReference", "itemReference", label="comment", share=0.6),
    listed("order_payments", "reference", "orderReference", label="bank", share=0.3),
    listed("employees", "reference", first=STAFF),
    listed("employee_groups", "reference", "name"),
    listed("warehouses", "reference", "name"),
    listed("warehouse_stocks", "warehouseReference", "itemReference"),
    listed(
        "check_ins",
        label="reason",
        filters={f"{field}_{c}": moment(field, c) for field in ("startDate", "endDate") for c in COMPARISONS},
    ),
    listed("routes", "name", "reference"),
    listed(
        "route_customers",
        filters={
            "customerReference": wildcard("customer.reference"),
            "routeReference": wildcard("route.reference"),
        },
    ),
    listed(
        "price_lists",
        "reference",
        "name",
        filters={"isDefaultInOtherMobileOperation": equals_boolean("isDefaultInOtherMobileOperation")},
    ),
    listed("taxes", "itemReference", "taxListReference"),
    listed("employee_warehouses", "warehouseReference"),
    listed("deliveries", "reference", "employeeReference", "customerReference", "deliveredByReference"),
    listed("customer_price_lists"),
    listed("customer_category_price_lists"),
    listed("customer_group_assignments"),
    listed("users", first=STAFF, paired=["employees"]),
    listed("item_units"),
)

NOT_BY_REFERENCE = "order_payments"
WITHOUT_A_BODY = ("order_details", "order_payments")
"""Those whose details answer 404 with nothing in it."""


class Valomnia(Provider):
    """Settings: credentials, page sizes, sessions, and by which fields the list is not sorted.

    A sort by one of ``ignored_sorts`` is accepted and has no effect; one of ``refused_sorts`` is refused. A session
    ends after ``session_requests``. A login sets a cookie for each of ``cookie_paths``: the first is its session, the
    others have the same name and are of other applications of the host. With ``inactive_hidden`` the inactive customers
    are listed only where they are asked for.
    """

    name = "valomnia"
    lower_filters = ("lastUpdated_gte",)
    upper_filters = ("lastUpdated_lte",)
    resources = (CUSTOMERS, *SATELLITES)
    list_field = "data"
    echo = ("paging", "offset")
    next_page = ("paging", "next")

    username: str = "sync@example.com"
    password: str = "sandbox-valomnia-password"
    default_page_size: int = 100
    ignored_sorts: Sequence[str] = ()
    refused_sorts: Sequence[str] = ()
    failed_login_status: int = 200
    expired_session_status: int = 302
    session_requests: int | None = None
    cookie_paths: Sequence[str] = ("/",)
    inactive_hidden: bool = False

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._sessions = Sessions(self)

    def config(self, url: str) -> dict[str, Any]:
        return {"name": self.name, "base_url": url, "username": self.username, "password": self.password}

    def endpoints(self) -> list[Endpoint]:
        by_reference = [
            self._detail(table, f"{table.resource.path}/reference/{{key}}", _by_reference)
            for name, table in self.tables.items()
            if "reference" in table.fields and name != NOT_BY_REFERENCE
        ]
        return [*super().endpoints(), *by_reference, *self._sessions.endpoints()]

    def admit(self, request: RequestRecord) -> None:
        self._sessions.use(request)

    def window(self, request: RequestRecord, ceiling: int) -> Window:
        asked = integer_or(self.default_page_size, "max", request.value("max"), least=1)
        return Window(integer_or(0, "offset", request.value("offset"), least=0), min(asked, ceiling))

    def scope(self, table: Table, request: RequestRecord) -> Mapping[Hashable, Predicate]:
        """The customers that are inactive may have to be asked for."""
        if self.inactive_hidden and table is self.customers and request.value("isActive") is None:
            return {("isActive", "hidden"): lambda entry: entry.row.get("isActive", False) is True}
        return super().scope(table, request)

    def check(self, table: Table, request: RequestRecord) -> None:
        """A parameter that is not documented is refused, and so is a sort that is not by a field."""
        unknown = sorted({name for name, _ in request.query} - PAGING - set(table.resource.filters))
        if not unknown and request.value("sort") not in {None, *table.fields} - set(self.refused_sorts):
            unknown = ["sort"]
        if not unknown and request.value("order") not in {None, "asc", "desc"}:
            unknown = ["order"]
        if unknown:
            names = ", ".join(unknown)
            description = f"The parameters [{names}] you provided are not valid for this request."
            raise Refusal(_failure(400, "invalid_param", description))

    def order(self, _table: Table, request: RequestRecord) -> Order:
        field, direction = _sorting(request)
        if field in self.ignored_sorts:
            field, direction = DEFAULT_SORT
        return Order(field, lambda entry: _comparable(entry, field), descending=direction == "desc")

    def document(self, page: Page) -> dict[str, Any]:
        """As in the sample, links name the place and the order but not the filters."""
        field, direction = _sorting(page.request)

        def link(offset: int) -> str:
            path = page.table.resource.path
            return f"{path}?max={page.size}&offset={offset}&sort={field}&order={direction}"

        return {
            "paging": {
                "total": page.total,
                "max": page.size,
                "offset": page.offset,
                "previous": link(max(page.offset - page.size, 0)) if page.offset else None,
                "next": None if page.is_last else link(page.offset + page.size),
            },
            "data": page.rows,
        }

    def missing(self, table: Table, key: str) -> Answer:
        if table.resource.name in WITHOUT_A_BODY:
            return Answer(404)
        what = table.resource.path.rsplit("/", 1)[1].removesuffix("s")
        return self.error(404, f"The {what} with the id {key} doesn't exist.")

    def bad_value(self, bad: BadValue) -> Answer:
        if bad.expected == DATETIME:
            description = f"Invalid datetime filter (not ISO-8601 formatted): [{bad.value}]"
            return _failure(400, "invalid_datetime_format", description)
        return _failure(400, "invalid_param_type", f"The parameter [{bad.parameter}] has to be: {bad.expected}.")

    def error(self, status: int, message: str) -> Answer:
        codes = {400: "invalid_param", 404: "not_found", 500: "server_error"}
        return _failure(status, codes.get(status, "error"), message)

    def expire_sessions(self) -> None:
        self._sessions.clear()

    def reset(self) -> None:
        super().reset()
        self._sessions.clear()


def _by_reference(table: Table, reference: str) -> Row | None:
    return table.get("reference", reference)


def _failure(status: int, error: str, description: str) -> Answer:
    return as_json({"error": error, "error_description": description}, status)


def _sorting(request: RequestRecord) -> tuple[str, str]:
    field, direction = DEFAULT_SORT
    return request.value("sort") or field, request.value("order") or direction


def _comparable(entry: Entry, field: str) -> tuple[int, Any]:
    """Nulls first, then numbers, then text; objects by what they would print."""
    value = entry.row[field]
    if value is None:
        return (0, 0)
    if isinstance(value, int | float):
        return (1, value)
    return (2, value if isinstance(value, str) else json.dumps(value))
