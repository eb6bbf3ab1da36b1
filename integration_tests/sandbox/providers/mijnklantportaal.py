"""MijnKlantportaal: pages of fifteen without a total, a rate limit, and two kinds of bearer token."""

import json
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from integration_tests.sandbox.answers import Answer, Refusal, as_json
from integration_tests.sandbox.data.mijnklantportaal import GROUPS, customer
from integration_tests.sandbox.data.samples import samples
from integration_tests.sandbox.filters import integer_or
from integration_tests.sandbox.listing import WHOLE, BadValue, Page, Window
from integration_tests.sandbox.moments import instant, microseconds
from integration_tests.sandbox.oauth import AccessTokens
from integration_tests.sandbox.provider import Endpoint, Provider
from integration_tests.sandbox.rate_limit import RateLimiter
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.sandbox.resource import Parent, Predicate, Resource, Row, Template
from integration_tests.sandbox.satellites import satellite
from integration_tests.sandbox.table import Table
from integration_tests.sandbox.world import World

CUSTOMERS = Resource(
    name="customers",
    path="/v1/customers",
    key="id",
    label="companyName",
    make=customer,
    template=Template(samples("mijnklantportaal")["customers"].sample),  # by whose key others refer to it
)


def listed(stream: str, **others: Any) -> Resource:
    return satellite("mijnklantportaal", stream, **others)


SATELLITES = (
    listed("customer_groups", first=[{"id": key} for key in GROUPS]),
    listed("customer_invoices", share=0.3),
    listed("customer_offers"),
    listed("customer_subscriptions"),
    listed("customer_subscription_packages"),
    listed("appointments", happens="startsAt", ahead=timedelta(days=365), share=0.3),
    listed("agreements"),
    listed("payment_links"),
    listed("payment_link_payments", parent=Parent("payment_links", "paymentLinkId"), share=0.15),
    listed("punch_cards", share=0.05),
    listed("issued_punch_cards", parent=Parent("punch_cards", "punchCardId"), label="punchesLeft", share=0.1),
    listed("tickets", detail_stream="ticket_messages", detail_lists={"messages": "ticket_messages"}),
    listed(
        "ticket_messages",
        parent=Parent("tickets", "ticketId"),
        kept={"ticketId": samples("mijnklantportaal")["tickets"].sample["id"]},
        share=0.2,
    ),
    listed("file_requests"),
    listed("file_shares", label="sharedContent"),
    listed("mijnklantportaal_invoices"),
    listed("webhooks", share=0.02),
)

SCOPES = {
    "customers": "customers.read",
    "customer_groups": "customers.read",
    "customer_invoices": "invoices.read",
    "customer_offers": "offers.read",
    "customer_subscriptions": "subscription.read",
    "customer_subscription_packages": "subscription.read",
    "appointments": "appointments.read",
    "agreements": "agreements.read",
    "payment_links": "paymentlinks.read",
    "payment_link_payments": "paymentlinks.read",
    "tickets": "tickets.read",
    "ticket_messages": "tickets.read",
    "file_requests": "filerequest.read",
    "file_shares": "fileshare.read",
    "mijnklantportaal_invoices": "businessoperations.read",
    "webhooks": "webhooks.read",
}
"""What a credential needs for each stream; for punch cards the documents do not say it."""

APPOINTMENTS = "appointments"
START_AT = "%Y-%m-%d %H:%M"
DEFAULT_DAYS = 7
PAGE_SIZE = 15
DOCUMENTED_RATE_LIMIT = 60
HIGHEST_PACE = 1_000_000


class MijnKlantportaal(Provider):
    """Settings: credentials, lifetime of tokens, rate limit (None lifts it), its headers, the newer ``countryCode``.

    With ``rotate_refresh_token``, ``refresh_token`` changes at every use, and the one before is refused with
    ``refused_grant_status``. ``grant_fields`` stand in the answer in place of the right ones, and those of
    ``grant_without`` do not; what the API itself counts by stays right.

    ``scopes`` are those of every credential (None: all). Appointments are of at most ``appointments_max_days`` at once,
    whatever is asked for (None: no bound), and ``start_at`` is a time in ``appointments_zone``. With
    ``appointments_unfiltered`` all of them come, whatever is asked for.
    """

    name = "mijnklantportaal"
    numbered_pages = True
    resources = (CUSTOMERS, *SATELLITES)
    list_field = "data"
    echo = ("current_page",)
    next_page = ("next_page_url",)

    api_key: str = "sandbox-mijnklantportaal-key"
    client_id: str = "sandbox-app"
    client_secret: str = "sandbox-app-secret"
    refresh_token: str = "sandbox-refresh-token"
    expires_in: int = 3600
    rotate_refresh_token: bool = False
    refused_grant_status: int = 400
    grant_fields: Mapping[str, Any] = MappingProxyType({})
    grant_without: Sequence[str] = ()
    max_page_size: int = PAGE_SIZE
    rate_limit: int | None = DOCUMENTED_RATE_LIMIT
    rate_window: Literal["fixed", "sliding"] = "fixed"
    country_code: bool = False
    rate_headers: bool = True
    scopes: Sequence[str] | None = None
    appointments_max_days: int | None = None
    appointments_zone: str = "Europe/Amsterdam"
    appointments_unfiltered: bool = False

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._access_tokens = AccessTokens(self)
        self._limiter = RateLimiter()

    def config(self, url: str) -> dict[str, Any]:
        """Tells the connector which pace this server allows, if it is not the documented one."""
        pace = HIGHEST_PACE if self.rate_limit is None else self.rate_limit
        return {
            "name": self.name,
            "base_url": url,
            "credentials": {"auth_type": "api_key", "api_key": self.api_key},
            **({} if pace == DOCUMENTED_RATE_LIMIT else {"requests_per_minute": pace}),
        }

    def oauth_credentials(self) -> dict[str, str]:
        return {
            "auth_type": "oauth2.0",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }

    def endpoints(self) -> list[Endpoint]:
        return [*super().endpoints(), Endpoint("POST", "/oauth/tokens", "token", self._refresh)]

    def admit(self, request: RequestRecord) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or (token != self.api_key and not self._access_tokens.is_valid(token)):
            raise Refusal(self.error(401, "Unauthenticated."))
        self._pace(token, request)
        needed = SCOPES.get(request.stream or "")
        if self.scopes is not None and needed is not None and needed not in self.scopes:
            raise Refusal(self.error(403, "The scope is missing."))

    def _pace(self, token: str, request: RequestRecord) -> None:
        if self.rate_limit is None:
            return
        wait = self._limiter.take(token, self.rate_limit, self.rate_window, request.received_at)
        if wait is not None:
            headers = {"retry-after": str(wait.seconds), "x-ratelimit-reset": str(wait.until)}
            raise Refusal(as_json({"code": 429, "message": "Too many requests."}, 429, headers))

    def finish(self, answer: Answer, request: RequestRecord) -> Answer:
        """Every answer tells the limit; a token request is made to another host and has none."""
        if self.rate_limit is None or not self.rate_headers or request.kind == "token":
            return answer
        token = request.headers.get("authorization", "").partition(" ")[2]
        left = self._limiter.remaining(token, self.rate_limit, self.rate_window, request.received_at)
        limits = {"X-RateLimit-Limit": str(self.rate_limit), "X-RateLimit-Remaining": str(left)}
        return answer.with_headers(limits)

    def scope(self, table: Table, request: RequestRecord) -> Mapping[Hashable, Predicate]:
        """Appointments are those that start within so many days of a moment."""
        if request.stream != APPOINTMENTS or self.appointments_unfiltered:
            return super().scope(table, request)
        start = self._start_at(request.value("start_at"))
        days = integer_or(DEFAULT_DAYS, "days", request.value("days"), least=1)
        end = start + timedelta(days=min(days, self.appointments_max_days or days))
        bounds = (microseconds(start), microseconds(end))
        return {bounds: lambda entry: bounds[0] <= instant(entry.row["startsAt"]) < bounds[1]}

    def _start_at(self, text: str | None) -> datetime:
        zone = ZoneInfo(self.appointments_zone)
        if text is None:
            return self.now().astimezone(zone)
        try:
            return datetime.strptime(text, START_AT).replace(tzinfo=zone)
        except ValueError as error:
            raise BadValue("start_at", text, "YYYY-mm-dd HH:ii") from error

    def window(self, request: RequestRecord, ceiling: int) -> Window:
        """What is not a page number gets the first page, as the framework behind such envelopes does."""
        if request.stream == APPOINTMENTS:
            return WHOLE
        text = request.value("page") or ""
        number = int(text) if text.isascii() and text.isdigit() and int(text) > 0 else 1
        size = min(PAGE_SIZE, ceiling)
        return Window((number - 1) * size, size)

    def document(self, page: Page) -> dict[str, Any]:
        """The comma behind the next page's number is in the documents; appointments come without pages."""
        if page.table.resource.name == APPOINTMENTS:
            return {"data": page.rows}
        path = page.request.origin + page.request.path
        number = page.number
        return {
            "current_page": number,
            "data": page.rows,
            "first_page_url": f"{path}?page=1",
            "from": page.offset + 1 if page.rows else None,
            "next_page_url": None if page.is_last else f"{path}?page={number + 1},",
            "path": path,
            "per_page": page.size,
            "prev_page_url": f"{path}?page={number - 1}" if number > 1 else None,
            "to": page.offset + len(page.rows) if page.rows else None,
        }

    def present(self, row: Row, _request: RequestRecord) -> Row:
        return row if self.country_code else {f: value for f, value in row.items() if f != "countryCode"}

    def error(self, status: int, message: str) -> Answer:
        return as_json({"code": status, "message": message}, status)

    def revoke_access_tokens(self) -> None:
        """Make every access token invalid that has been handed out."""
        self._access_tokens.clear()

    def reset(self) -> None:
        super().reset()
        self._access_tokens.clear()
        self._limiter.clear()

    def _refresh(self, request: RequestRecord) -> Answer:
        """Trade the refresh token for an access token; by default the answer brings no new refresh token."""
        try:
            asked = json.loads(request.body)
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return _oauth_error(400, "invalid_request", "The body is not a JSON object.")
        if asked.get("grant_type") != "refresh_token":
            return _oauth_error(400, "unsupported_grant_type", "Only refresh_token is supported.")
        if asked.get("client_id") != self.client_id:
            return _oauth_error(401, "invalid_client", "Unknown client.")
        if (asked.get("client_secret"), asked.get("refresh_token")) != (
            self.client_secret,
            self.refresh_token,
        ):
            return _oauth_error(
                self.refused_grant_status, "invalid_grant", "The refresh token or the secret is invalid."
            )
        granted = {"access_token": self._access_tokens.issue(self.expires_in), "expires_in": self.expires_in}
        if self.rotate_refresh_token:
            self.refresh_token = f"sandbox-refresh-token-after-{granted['access_token']}"
            granted["refresh_token"] = self.refresh_token
        answer = {**granted, **self.grant_fields}
        return as_json({name: value for name, value in answer.items() if name not in self.grant_without})


def _oauth_error(status: int, error: str, description: str) -> Answer:
    return as_json({"error": error, "error_description": description}, status)
