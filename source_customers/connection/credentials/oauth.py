"""An access token, got with a refresh token."""

import math
from collections.abc import Mapping
from queue import SimpleQueue
from typing import Any

import requests
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets

from source_customers import waiting
from source_customers.config.fields import encodable, fits_header
from source_customers.connection.answers import Received, UnexpectedAnswerError
from source_customers.connection.attempts import Attempts
from source_customers.connection.bodies import json_object
from source_customers.connection.credentials.base import Grant, LoginRefusedError, Post, check_is_there
from source_customers.connection.credentials.renewable import RenewableCredentials
from source_customers.connection.waits import whole_number
from source_customers.manifest.settings import OAuthRefresh

_OK = 200
_USUAL_LIFETIME = 300.0
_MARGIN = 30.0


class OAuthCredentials(RenewableCredentials):
    """An access token got with a refresh token, by the JSON request that MijnKlantportaal documents.

        POST {token_url}  {"grant_type": "refresh_token", "client_id", "client_secret", "refresh_token"}
        200  {"access_token": "...", "expires_in": 3600}

    An answer may bring a new refresh token, which takes the place of the old one from then on.

    Args:
        settings: see there.
        config: the config.
        url: address that gives tokens.
        updates: takes each new refresh token, with the path of the config field that it belongs into.
    """

    def __init__(
        self, settings: OAuthRefresh, config: Mapping[str, Any], url: str, updates: "SimpleQueue[tuple[str, str]]"
    ) -> None:
        super().__init__()
        self._settings = settings
        self._config = config
        self._url = url
        self._updates = updates
        self._refresh_token = ""
        self._expires = 0.0

    def made_up(self) -> Mapping[str, str]:
        """Return an access token that nobody was given; the refresh token is left alone."""
        return {"Authorization": "Bearer no-such-token"}

    def has_expired(self) -> bool:
        """Return whether the token has run out, or will before it arrives."""
        return waiting.monotonic() >= self._expires

    def log_in(self, number: int, post: Post, attempts: Attempts) -> Grant:
        """Return a new access token. See the base class for the errors."""
        token, lifetime = post(self._request, self._read, attempts)
        # Not used in its last half minute, in which it may run out on the way.
        self._expires = waiting.monotonic() + max(lifetime - _MARGIN, lifetime / 2)
        return Grant(number, [("", {"Authorization": f"Bearer {token}"})])

    def _request(self) -> requests.Request:
        body = {
            "grant_type": "refresh_token",
            "client_id": self._field("client_id"),
            "client_secret": self._field("client_secret"),
            "refresh_token": self._refresh_token or self._field("refresh_token"),
        }
        return requests.Request("POST", self._url, json=body)

    def _read(self, received: Received) -> tuple[str, float]:
        """Return the access token, and its lifetime in seconds."""
        check_is_there(received)
        answer = json_object(received.body)
        token, refresh_token = answer.get("access_token"), answer.get("refresh_token")
        for secret in (token, refresh_token):
            if isinstance(secret, str) and secret:
                add_to_secrets(secret)
        if received.status == _OK:
            # First of all: the provider may not take the old one again, even if the rest of the answer is of no use.
            self._rotate(refresh_token)
            if isinstance(token, str) and token and fits_header(token):
                return token, _seconds(answer.get("expires_in"))
            if "error" not in answer:
                raise UnexpectedAnswerError("no access token")
        name = self._settings.credentials
        raise LoginRefusedError(
            f"The OAuth token could not be refreshed: `{name}.client_id`, `{name}.client_secret` or "
            f"`{name}.refresh_token` was refused. Authorize the app again and enter the new values."
        )

    def _rotate(self, refresh_token: object) -> None:
        current = self._refresh_token or self._field("refresh_token")
        if isinstance(refresh_token, str) and refresh_token and refresh_token != current:
            self._refresh_token = refresh_token
            self._updates.put((f"{self._settings.credentials}.refresh_token", refresh_token))

    def _field(self, name: str) -> str:
        return encodable(self._config, f"{self._settings.credentials}.{name}")


def _seconds(value: object) -> float:
    """Return a lifetime in seconds; the usual one where the answer names none that makes sense."""
    number: object = whole_number(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return _USUAL_LIFETIME
    try:
        seconds = float(number)
    except OverflowError:
        return _USUAL_LIFETIME
    return seconds if math.isfinite(seconds) and seconds > 0 else _USUAL_LIFETIME
