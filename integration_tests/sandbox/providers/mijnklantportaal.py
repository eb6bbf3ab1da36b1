"""MijnKlantportaal: pages of fifteen without a total, a rate limit, and two kinds of bearer token."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from integration_tests.sandbox.answers import Answer, Refusal, as_json
from integration_tests.sandbox.data.mijnklantportaal import customer
from integration_tests.sandbox.listing import Page, Window
from integration_tests.sandbox.oauth import AccessTokens
from integration_tests.sandbox.provider import Endpoint, Provider
from integration_tests.sandbox.rate_limit import RateLimiter
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.sandbox.resource import Resource, Row
from integration_tests.sandbox.world import World

CUSTOMERS = Resource(name="customers", path="/v1/customers", key="id", label="companyName", make=customer)

PAGE_SIZE = 15
DOCUMENTED_RATE_LIMIT = 60
HIGHEST_PACE = 1_000_000


class MijnKlantportaal(Provider):
    """Settings: credentials, lifetime of tokens, rate limit (None lifts it), and the newer ``countryCode``.

    With ``rotate_refresh_token``, ``refresh_token`` changes at every use, and the one before is refused with
    ``refused_grant_status``. ``grant_fields`` stand in the answer in place of the right ones, and those of
    ``grant_without`` do not; what the API itself counts by stays right.
    """

    name = "mijnklantportaal"
    resources = (CUSTOMERS,)
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
        if self.rate_limit is None:
            return
        wait = self._limiter.take(token, self.rate_limit, self.rate_window, request.received_at)
        if wait is not None:
            headers = {"retry-after": str(wait.seconds), "x-ratelimit-reset": str(wait.until)}
            raise Refusal(as_json({"code": 429, "message": "Too many requests."}, 429, headers))

    def finish(self, answer: Answer, request: RequestRecord) -> Answer:
        """Every answer tells the limit; a token request is made to another host and has none."""
        if self.rate_limit is None or request.kind == "token":
            return answer
        token = request.headers.get("authorization", "").partition(" ")[2]
        left = self._limiter.remaining(token, self.rate_limit, self.rate_window, request.received_at)
        limits = {"X-RateLimit-Limit": str(self.rate_limit), "X-RateLimit-Remaining": str(left)}
        return answer.with_headers(limits)

    def window(self, request: RequestRecord, ceiling: int) -> Window:
        """What is not a page number gets the first page, as the framework behind such envelopes does."""
        text = request.value("page") or ""
        number = int(text) if text.isascii() and text.isdigit() and int(text) > 0 else 1
        size = min(PAGE_SIZE, ceiling)
        return Window((number - 1) * size, size)

    def document(self, page: Page) -> dict[str, Any]:
        """The comma behind the next page's number is in the documents."""
        path = page.request.origin + page.table.resource.path
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
