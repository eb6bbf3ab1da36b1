"""Valomnia's session cookie: the form login, what follows it, and the page for those without one."""

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


class Sessions:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._open: set[str] = set()
        self._numbers = count(1)

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("POST", "/j_spring_security_check", "login", self._log_in),
            Endpoint("GET", "/login/ajaxSuccess", "login", self._success),
            Endpoint("GET", "/login/auth", "login_page", lambda _request: as_html(LOGIN_PAGE)),
        ]

    def require(self, request: RequestRecord) -> None:
        """Refuse a request without a session: by default it is sent to the login page, as browsers are."""
        if self._session(request) not in self._open:
            status = self._account.expired_session_status
            login_page = f"{request.origin}/login/auth"
            raise Refusal(redirect(login_page, status) if 300 <= status < 400 else _not_logged_in(status))

    def clear(self) -> None:
        self._open.clear()

    def _log_in(self, request: RequestRecord) -> Answer:
        """Fields come in the form; the vendor's own connector puts them into the query."""
        fields = dict([*request.query, *parse_qsl(request.body, keep_blank_values=True)])
        account = self._account
        if (fields.get("j_username"), fields.get("j_password")) != (account.username, account.password):
            return _not_logged_in(account.failed_login_status)
        session = UUID(int=next(self._numbers) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128).hex.upper()
        self._open.add(session)
        cookie = {"set-cookie": f"{COOKIE}={session}; Path=/; HttpOnly"}
        return redirect(f"{request.origin}/login/ajaxSuccess", headers=cookie)

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

    @staticmethod
    def _session(request: RequestRecord) -> str | None:
        pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs}.get(COOKIE)


def _not_logged_in(status: int) -> Answer:
    return as_json({"success": False, "error": "Sorry, we were not able to find a user with those data."}, status)
