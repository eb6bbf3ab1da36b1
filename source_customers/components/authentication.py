"""How requests prove who they are. Credentials are read from the config in Python, byte for byte.

YAML's authenticators send them through Jinja, which turns the token `12_34` into `1234` and `1e5` into `100000.0`.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
import requests
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets

from source_customers.components import waiting
from source_customers.components.failures import config_error

Send = Callable[[requests.Request], requests.Response]


def _text(config: Mapping[str, Any], path: str, default: str = "") -> str:
    value: Any = config
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return default if value is None else str(value)


class Authentication(ABC):
    """Gives the headers that a request needs, and renews what has run out.

    One object serves all of a stream's requests, several at once.
    """

    @abstractmethod
    def headers(self, send: Send) -> dict[str, str]:
        """Return the headers for a request.

        Args:
            send: sends a request of the authentication's own, such as a login.
        """

    def renew(self, used: Mapping[str, str]) -> bool:  # noqa: ARG002  # a fixed credential has nothing to compare
        """Forget what was refused, so that the next request fetches anew; False when that is no use.

        Args:
            used: the headers of the refused request.
        """
        return False

    def refuses(self, response: requests.Response) -> bool:
        """Return whether an answer means that the credentials have run out."""
        return response.status_code == int(requests.codes.unauthorized)


@dataclass
class HeaderCredentials(Authentication):
    """Fixed credentials in headers: `Authorization: Token <api_token>`, `API-Key: <api_key>`.

    Attributes:
        credentials: for each header, the config field that holds the credential (`field`), and the scheme in front
            of it, fixed (`scheme`) or from a config field (`scheme_field`, with `scheme` as default). A header whose
            field is not in the config is left out.
    """

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]] = None
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        self._headers = {}
        for header, source in self.credentials.items():
            credential = _text(self.config, source["field"])
            scheme = _text(self.config, source.get("scheme_field", ""), source.get("scheme", ""))
            if credential:
                self._headers[header] = f"{scheme} {credential}" if scheme else credential

    def headers(self, send: Send) -> dict[str, str]:  # noqa: ARG002  # nothing to fetch
        """Return the fixed headers.

        Raises:
            AirbyteTracedException: a credential holds what no header can carry.
        """
        for header, value in self._headers.items():
            if value != value.strip() or not value.isprintable() or max(value) > "\xff":
                # Said here, because whatever refuses it later repeats it.
                raise config_error(
                    f"`{self.credentials[header]['field']}` holds characters that cannot be sent in a header, such as "
                    "a space around it or a quotation mark of a word processor. Enter it again."
                )
        return dict(self._headers)


@dataclass
class OAuthRefresh(Authentication):
    """An access token got with a refresh token, by the JSON request that MijnKlantportaal documents.

        POST {token_url}  {"grant_type": "refresh_token", "client_id", "client_secret", "refresh_token"}
        200  {"access_token": "...", "expires_in": 3600}

    YAML's `OAuthAuthenticator` sends the secrets through Jinja. No new refresh token is documented; if one comes, it
    serves for the rest of the sync.

    Attributes:
        token_url: where tokens are made, when `base_url` is not in the config.
        token_path: the same on the host that `base_url` names.
        path: where the credentials stand in the config.
    """

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]] = None
    token_url: str = ""
    token_path: str = ""
    path: str = "credentials"
    _access_token: str = field(init=False, repr=False, default="")
    _refresh_token: str = field(init=False, repr=False, default="")
    _expires: datetime | None = field(init=False, repr=False, default=None)

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        self._lock = threading.Lock()

    def headers(self, send: Send) -> dict[str, str]:
        """Return the bearer header, with a token that is valid for at least half a minute more."""
        with self._lock:
            if self._expires is None or waiting.now() >= self._expires - timedelta(seconds=30):
                self._refresh(send)
            return {"Authorization": f"Bearer {self._access_token}"}

    def renew(self, used: Mapping[str, str]) -> bool:
        """Forget the token, unless another request has already replaced it."""
        with self._lock:
            if used.get("Authorization") == f"Bearer {self._access_token}":
                self._expires = None
            return True

    def _refresh(self, send: Send) -> None:
        base_url = _text(self.config, "base_url")
        body = {
            "grant_type": "refresh_token",
            "client_id": _text(self.config, f"{self.path}.client_id"),
            "client_secret": _text(self.config, f"{self.path}.client_secret"),
            "refresh_token": self._refresh_token or _text(self.config, f"{self.path}.refresh_token"),
        }
        url = base_url.rstrip("/") + self.token_path if base_url else self.token_url
        answer = _object(send(requests.Request("POST", url, json=body)))
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise config_error(
                "The OAuth token could not be refreshed: `credentials.client_id`, `credentials.client_secret` or "
                "`credentials.refresh_token` was refused. Authorize the app again and enter the new values."
            )
        add_to_secrets(token)
        seconds = answer.get("expires_in")
        self._access_token = token
        self._refresh_token = answer.get("refresh_token") or self._refresh_token
        self._expires = waiting.now() + timedelta(seconds=seconds if isinstance(seconds, (int, float)) else 300)


@dataclass
class FormLoginSession(Authentication):
    """A session cookie got with a login form, as Valomnia documents it.

        POST {base_url}/j_spring_security_check  j_username=...&j_password=...&ajax=true
        302  Set-Cookie: JSESSIONID=<value>; Path=/; HttpOnly   Location: {base_url}/login/ajaxSuccess

    YAML's `SessionTokenAuthenticator` reads tokens from JSON bodies only, and logs a failed login with its password.

    Attributes:
        login_path: where the form is sent.
        cookie: name of the session cookie.
        username_parameter: form field that takes the config's `username`.
        password_parameter: form field that takes the config's `password`.
        extra: further form fields.
    """

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]] = None
    login_path: str = ""
    cookie: str = ""
    username_parameter: str = ""
    password_parameter: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    _session: str = field(init=False, repr=False, default="")

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        self._lock = threading.Lock()

    def headers(self, send: Send) -> dict[str, str]:
        """Return the cookie header, after a login where there is no session."""
        with self._lock:
            if not self._session:
                self._login(send)
            return {"Cookie": f"{self.cookie}={self._session}"}

    def renew(self, used: Mapping[str, str]) -> bool:
        """Forget the session, unless another request has already logged in again."""
        with self._lock:
            if used.get("Cookie") == f"{self.cookie}={self._session}":
                self._session = ""
            return True

    def refuses(self, response: requests.Response) -> bool:
        """Return whether the session is over: refused, or sent to a login page (undocumented, so either)."""
        content_type = response.headers.get("Content-Type", "")
        return super().refuses(response) or response.is_redirect or "html" in content_type

    def _login(self, send: Send) -> None:
        form = {
            self.username_parameter: _text(self.config, "username"),
            self.password_parameter: _text(self.config, "password"),
            **self.extra,
        }
        url = _text(self.config, "base_url").rstrip("/") + self.login_path
        response = send(requests.Request("POST", url, data=form))
        session = response.cookies.get(self.cookie)
        # A failed login is not documented: a server may set a cookie with it, but says so in JSON or by the address.
        failed = _object(response).get("success") is False or "fail" in response.headers.get("Location", "").lower()
        if failed or not session:
            raise config_error("The login was refused. Check `username` and `password`.")
        add_to_secrets(session)
        self._session = session


def _object(response: requests.Response) -> dict[str, Any]:
    try:
        answer = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
