"""Valomnia's session cookie: the form login, what follows it, and the page for those without one."""

from collections.abc import Sequence
from itertools import count
from typing import Protocol
from urllib.parse import parse_qsl
from uuid import UUID

from integration_tests.sandbox.answers import Answer, Refusal, as_html, as_json, redirect
from integration_tests.sandbox.faults.bodies import LOGIN_PAGE
from integration_tests.sandbox.provider import Endpoint
from integration_tests.sandbox.recording import RequestRecord

COOKIE = "JSESSIONID"


class Account(Protocol):
    username: str
    password: str
    failed_login_status: int
    expired_session_status: int
    session_requests: int | None
    cookie_paths: Sequence[str]


class Sessions:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._uses: dict[str, int] = {}
        self._numbers = count(1)

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("POST", "/j_spring_security_check", "login", self._log_in),
            Endpoint("GET", "/login/ajaxSuccess", "login", self._success),
            Endpoint("GET", "/login/auth", "login_page", lambda _request: as_html(LOGIN_PAGE)),
        ]

    def require(self, request: RequestRecord) -> None:
        """Refuse a request without a session: by default it is sent to the login page, as browsers are."""
        if self._session(request) is None:
            status = self._account.expired_session_status
            login_page = f"{request.origin}/login/auth"
            raise Refusal(redirect(login_page, status) if 300 <= status < 400 else _not_logged_in(status))

    def use(self, request: RequestRecord) -> None:
        """Count a request for data, which may be one more than its session lasts for."""
        session, limit = self._session(request), self._account.session_requests
        if session is not None:
            self._uses[session] += 1
            if limit is not None and self._uses[session] > limit:
                del self._uses[session]
        self.require(request)

    def clear(self) -> None:
        self._uses.clear()

    def _log_in(self, request: RequestRecord) -> Answer:
        """Fields come in the form; the vendor's own connector puts them into the query."""
        fields = dict([*request.query, *parse_qsl(request.body, keep_blank_values=True)])
        account = self._account
        if (fields.get("j_username"), fields.get("j_password")) != (account.username, account.password):
            return _not_logged_in(account.failed_login_status)
        sessions = [self._new() for _ in account.cookie_paths]
        self._uses[sessions[0]] = 0
        cookies = [
            f"{COOKIE}={s}; Path={path}; HttpOnly" for s, path in zip(sessions, account.cookie_paths, strict=True)
        ]
        return redirect(f"{request.origin}/login/ajaxSuccess", headers={"set-cookie": cookies})

    def _new(self) -> str:
        return UUID(int=next(self._numbers) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128).hex.upper()

    def _success(self, request: RequestRecord) -> Answer:
        self.require(request)
        user = {
            "firstName": "Sam",
            "lastName": "Sandbox",
            "email": self._account.username,
            "companyName": "entity1",
            "companyCountry": "TN",
            "isGeoLocationActivated": True,
            "enableCheckStock": True,
            "enableAssignRegionToCustomer": True,
            "role": ["ROLE_ADMIN"],
            "enabled": True,
        }
        return as_json({"success": True, "token": self._session(request), "user": user})

    def _session(self, request: RequestRecord) -> str | None:
        """The open session among the cookies of this name, of which there may be several."""
        pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
        return next((value for name, _, value in pairs if name == COOKIE and value in self._uses), None)


def _not_logged_in(status: int) -> Answer:
    return as_json({"success": False, "error": "Sorry, we were not able to find a user with those data."}, status)
