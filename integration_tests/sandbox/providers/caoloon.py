"""CAO Loon: page numbers, an envelope with a total, and a version in the Accept header."""

import re
from functools import cache
from typing import Any, Literal

from integration_tests.sandbox.answers import Answer, Refusal, as_json, redirect
from integration_tests.sandbox.data.caoloon import customer
from integration_tests.sandbox.filters import (
    changed_since_unix,
    changed_until_unix,
    integer_or,
    one_of,
    only,
    only_or_without,
    substring,
)
from integration_tests.sandbox.listing import Page, Window
from integration_tests.sandbox.moments import amsterdam_microseconds, instant
from integration_tests.sandbox.provider import Endpoint, Provider
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.sandbox.resource import Order, Resource, Row, change_time
from integration_tests.sandbox.satellites import satellite
from integration_tests.sandbox.table import Table

CUSTOMERS = Resource(
    name="customers",
    path="/portal/customer/",
    key="guid",
    label="companyName",
    make=customer,
    cursor="updatedAt",
    stamp=amsterdam_microseconds,
    instant=instant,
    flags={"archived": 0.05, "helped": 0.3, "favorite": 0.1},
    filters={
        "status": one_of("status"),
        "onlyHelped": only("helped"),
        "onlyFavorites": only("favorite"),
        "archived": only_or_without("archived"),
        "updatedFrom": changed_since_unix,
        "updatedTo": changed_until_unix,
        "contains": substring("contact", "companyName", "coc", "invitedBy"),
    },
)

CHANGE: dict[str, Any] = {"cursor": "updatedAt", "stamp": amsterdam_microseconds, "instant": instant}
FROM = {"from": changed_since_unix}

SATELLITES = (
    satellite(
        "caoloon",
        "collective_labour_agreements",
        details="collective_labour_agreement_details",
        filters=FROM,
        **CHANGE,
    ),
    # The list is filtered by a moment that its rows do not show.
    satellite(
        "caoloon",
        "inquiries_pay_equity",
        details="inquiry_pay_equity_details",
        label="version",
        kept={"updatedAt": "2025-09-30T09:22:12.090097+02:00"},
        filters=FROM,
        **CHANGE,
    ),
    satellite("caoloon", "invitations"),
)

FIRST_WITH_ZERO_FILLED_COC = (5, 0, 0)


class CaoLoon(Provider):
    """Settings: credentials, page sizes, and the order of the list, which the API does not promise."""

    name = "caoloon"
    lower_filters = ("updatedFrom", "from")
    upper_filters = ("updatedTo",)
    numbered_pages = True
    resources = (CUSTOMERS, *SATELLITES)
    list_field = "models"
    echo = ("page",)
    next_page = ("nextPage",)

    token: str = "sandbox-caoloon-token"
    authorization_scheme: str = "Token"
    default_page_size: int = 20
    list_order: Literal["newest", "oldest", "guid"] = "newest"

    def config(self, url: str) -> dict[str, Any]:
        return {"name": self.name, "base_url": url, "api_token": self.token}

    def endpoints(self) -> list[Endpoint]:
        """Lists end in a slash; a request without it is sent on, as the framework they seem to use does."""
        slashless = [
            Endpoint("GET", resource.path.rstrip("/"), "redirect", self._add_slash) for resource in self.resources
        ]
        return super().endpoints() + slashless

    def detail_path(self, path: str) -> str:
        return f"{path}{{key}}/"

    def admit(self, request: RequestRecord) -> None:
        if request.headers.get("authorization") != f"{self.authorization_scheme} {self.token}".strip():
            raise Refusal(self.error(401, "Invalid token."))
        accepted = request.headers.get("accept", "*/*")
        if "version" in accepted and _version(accepted) is None:
            raise Refusal(self.error(406, "Invalid version in Accept header."))

    def window(self, request: RequestRecord, ceiling: int) -> Window:
        number = integer_or(1, "page", request.value("page"), least=1)
        asked = integer_or(self.default_page_size, "pageSize", request.value("pageSize"), least=1)
        size = min(asked, ceiling)
        return Window((number - 1) * size, size)

    def order(self, table: Table, _request: RequestRecord) -> Order:
        if self.list_order == "guid":
            return Order("guid", lambda entry: entry.row[table.resource.key])
        if table.resource.cursor is None:
            return Order("added")
        return Order("changed", change_time, descending=self.list_order == "newest")

    def document(self, page: Page) -> dict[str, Any]:
        return {
            "models": page.rows,
            "nextPage": None if page.is_last else page.number + 1,
            "total": page.total,
            "pageSize": page.size,
            "page": page.number,
        }

    def present(self, row: Row, request: RequestRecord) -> Row:
        """Before 5.0.0 the Chamber of Commerce number is a number, without the zeros in front."""
        version = _version(request.headers.get("accept", ""))
        if row.get("coc") is None or version is None or version >= FIRST_WITH_ZERO_FILLED_COC:
            return row
        return {**row, "coc": int(row["coc"])}

    def error(self, status: int, message: str) -> Answer:
        """The documents show none; this is a common form."""
        return as_json({"detail": message}, status)

    @staticmethod
    def _add_slash(request: RequestRecord) -> Answer:
        query = f"?{request.raw_query}" if request.raw_query else ""
        return redirect(f"{request.origin}{request.path}/{query}", 301)


@cache
def _version(accept: str) -> tuple[int, ...] | None:
    """The version in ``application/json; version=5.0.0``; None without a well-formed one."""
    found = re.search(r";\s*version=(\d+)\.(\d+)\.(\d+)\s*(?:[;,]|$)", accept)
    return tuple(int(part) for part in found.groups()) if found else None
