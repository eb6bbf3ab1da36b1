"""Fixed credentials in headers."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from source_customers.config.fields import sendable, text_at
from source_customers.connection.attempts import Attempts
from source_customers.connection.credentials.base import Credentials, Grant, Post
from source_customers.manifest.settings import HeaderCredentials

_MADE_UP = "no-such-credential"


class FixedCredentials(Credentials):
    """Credentials that are sent as they stand in the config: `Authorization: Token <api_token>`."""

    def __init__(self, settings: HeaderCredentials, config: Mapping[str, Any]) -> None:
        self._settings = settings
        self._config = config

    def grant(self, post: Post, attempts: Attempts) -> Grant:  # noqa: ARG002  # nothing to fetch
        """Return the fixed headers. See the base class for the errors."""
        return self._grant

    def made_up(self) -> Mapping[str, str]:
        """Return the same headers with a credential that nobody was given."""
        return self._headers(_MADE_UP)

    @cached_property
    def _grant(self) -> Grant:
        return Grant(0, [("", self._headers())])

    def _headers(self, in_place: str = "") -> Mapping[str, str]:
        headers = {}
        for header, source in self._settings.headers.items():
            credential = sendable(text_at(self._config, source.field), source.field)
            scheme = source.scheme
            if source.scheme_field:
                scheme = sendable(text_at(self._config, source.scheme_field), source.scheme_field)
            if credential:
                sent = in_place or credential
                headers[header] = f"{scheme} {sent}" if scheme else sent
        return headers
