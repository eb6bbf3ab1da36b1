"""A session cookie, got by sending a login form."""

from collections.abc import Mapping
from typing import Any

import requests
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets

from source_customers.config.fields import encodable, fits_header
from source_customers.connection.answers import Cookie, Received, UnexpectedAnswerError
from source_customers.connection.attempts import Attempts
from source_customers.connection.bodies import json_object
from source_customers.connection.credentials.base import Grant, LoginRefusedError, Post, check_is_there
from source_customers.connection.credentials.renewable import RenewableCredentials
from source_customers.manifest.settings import FormLogin

_BAD_REQUEST = 400


class FormCredentials(RenewableCredentials):
    """A session cookie got with a login form, as Valomnia documents it.

        POST {origin}/j_spring_security_check  j_username=...&j_password=...&ajax=true
        302  Set-Cookie: JSESSIONID=<value>; Path=/; HttpOnly   Location: {origin}/login/ajaxSuccess

    Args:
        settings: see there.
        config: the config.
        origin: where the form is sent.
    """

    def __init__(self, settings: FormLogin, config: Mapping[str, Any], origin: str) -> None:
        super().__init__()
        self._settings = settings
        self._config = config
        self._url = origin + settings.path

    def made_up(self) -> Mapping[str, str]:
        """Return nothing: without a session, as after its end."""
        return {}

    def refuses(self, received: Received) -> bool:
        """Return whether the session is over: refused, or sent to a login page (undocumented, so either).

        A page with an error status is that of an outage, not of a login.
        """
        return (
            super().refuses(received) or received.is_redirect or (received.is_html and received.status < _BAD_REQUEST)
        )

    def log_in(self, number: int, post: Post, attempts: Attempts) -> Grant:
        """Return a new session. See the base class for the errors."""
        form = {
            self._settings.username_parameter: encodable(self._config, "username"),
            self._settings.password_parameter: encodable(self._config, "password"),
            **self._settings.extra,
        }
        cookies = post(lambda: requests.Request("POST", self._url, data=form), self._read, attempts)
        return Grant(number, [(cookie.path, {"Cookie": f"{cookie.name}={cookie.value}"}) for cookie in cookies])

    def _read(self, received: Received) -> list[Cookie]:
        check_is_there(received)
        cookies = [cookie for cookie in received.cookies if cookie.name == self._settings.cookie and cookie.value]
        for cookie in cookies:
            add_to_secrets(cookie.value)
        # A failed login is not documented: a server may set a cookie with it, but says so by its status, in JSON or by
        # the address.
        failed = (
            received.status >= _BAD_REQUEST
            or json_object(received.body).get("success") is False
            or "fail" in received.headers.get("Location", "").lower()
        )
        if failed or not cookies:
            raise LoginRefusedError("The login was refused. Check `username` and `password`.")
        if not all(fits_header(cookie.value) for cookie in cookies):
            raise UnexpectedAnswerError("a session that cannot be sent back")
        return cookies
