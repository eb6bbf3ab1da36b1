"""Sends one request, and sends it again until its answer is what the API documents or the failure is plain."""

import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import urlencode, urljoin

import requests
from airbyte_cdk.sources.declarative.interpolation.interpolated_string import InterpolatedString
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from requests.adapters import HTTPAdapter

from source_customers.components.answers import UnexpectedAnswerError
from source_customers.components.authentication import Authentication
from source_customers.components.backoff import Attempts, server_time
from source_customers.components.failures import config_error, system_error, transient_error
from source_customers.components.origins import check_base_url, same_origin
from source_customers.components.pace import Pace

_CONFIG_REFUSALS = frozenset({401, 403, 404})
_PASSING_STATUSES = frozenset({408, 425, 429, *range(500, 600)})
_MOST_REDIRECTS = 3
_PART = 1 << 20
_CODE = re.compile("[a-z_]{1,40}")
_MOST_CONNECTIONS = 32

Answer = TypeVar("Answer")


@dataclass
class ApiRequester:
    """Sends the requests of a stream to one origin.

    YAML's `HttpRequester` follows redirects to any host with the credentials, logs the bodies of failed requests, and
    hands a malformed answer on as the end of the stream. Here the answer is read inside the retries, nothing that an
    API or a user said is logged, and no request leaves the origin.

    `server_time` is the API's clock at its first answer, in UTC and whole seconds; None before, or without `Date`.
    `requests` counts what was sent, logins and repetitions included.

    Attributes:
        stream: name of the stream, for messages; the retriever sets it.
        path: path of the resource.
        origin: where the API lives when the config has no `base_url`.
        headers: fixed headers, expressions over the config (never credentials).
        query: query parameters, each with its name in `parameter` and a fixed `value` or the config's `field`, with
            `default` for a field that is not in the config. Lists repeat the parameter. A switch is sent as `true` or
            `false`, or, where `when_true` stands, as that text when it is on and not at all when it is off.
        authenticator: gives the headers that prove who asks.
        pace: keeps the API's rate; none where none is documented.
        error_messages: what to tell the user, by status.
        no_content: the body that an answer 204 stands for; empty where 204 is not documented.
        connect_timeout_in_seconds: seconds to wait for a connection.
        read_timeout_in_seconds: seconds to wait for (the next part of) an answer.
    """

    config: Mapping[str, Any]
    authenticator: Authentication
    connect_timeout_in_seconds: float
    read_timeout_in_seconds: float
    parameters: InitVar[Mapping[str, Any]] = None
    stream: str = ""
    path: str = ""
    origin: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[Mapping[str, Any]] = ()
    pace: Pace | None = None
    error_messages: Mapping[str, str] = field(default_factory=dict)
    no_content: str = ""

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        origin = str(self.config.get("base_url") or self.origin)
        try:
            check_base_url(origin)
        except ValueError as mistake:  # a manifest that runs alone gets its config unchecked
            raise config_error(f"`base_url` {mistake}.") from None
        self._url = origin.rstrip("/") + self.path
        self._headers = {
            name: str(InterpolatedString.create(value, parameters=parameters or {}).eval(self.config))
            for name, value in self.headers.items()
        }
        self._query = [pair for source in self.query for pair in _query_pairs(self.config, **source)]
        self._session = _session(self._url)
        self.server_time: datetime | None = None
        self.requests = 0
        self._counting = threading.Lock()

    def fetch(self, query: Sequence[tuple[str, str]], read: Callable[[bytes], Answer]) -> Answer:
        """Return what `read` makes of the answer to a GET request.

        Args:
            query: query parameters besides those from the config, in the order to send them.
            read: reads a body, or raises UnexpectedAnswerError.

        Raises:
            AirbyteTracedException: the request was refused (config_error), kept failing (transient_error) or was
                not understood (system_error).
        """
        attempts = Attempts()
        renewed = False
        while True:
            credentials = self.authenticator.headers(lambda request: self._send_own(request, attempts))
            response: requests.Response | None = None
            try:
                request = self._request(credentials, [*self._query, *query])
                with self.pace.turn() if self.pace else nullcontext():
                    response = self._send_within_origin(request, attempts)
                if self.pace:
                    self.pace.learn(response.headers)
                if not renewed and self.authenticator.refuses(response) and self.authenticator.renew(credentials):
                    renewed = True
                    continue
                self._raise_for_refusal(response)
                answer = read(self._body(response, attempts))
            except UnexpectedAnswerError as unexpected:
                reason = f"The answer was not what the API documents: {unexpected}"
            except requests.RequestException as failure:
                reason = _describe(failure)
            else:
                self.server_time = self.server_time or server_time(response.headers)
                return answer
            self._wait_or_fail(attempts, reason, response)

    def _request(self, credentials: Mapping[str, str], query: Sequence[tuple[str, str]]) -> requests.PreparedRequest:
        request = self._blank.copy()
        request.prepare_headers({**self._blank.headers, **credentials})
        if query:
            request.url = f"{self._blank.url}?{urlencode(query)}"
        return request

    @cached_property
    def _blank(self) -> requests.PreparedRequest:
        """A request without credentials and query; preparing all of it anew is a quarter of a request's work."""
        return self._session.prepare_request(requests.Request("GET", self._url, self._headers))

    def _wait_or_fail(self, attempts: Attempts, reason: str, response: requests.Response | None) -> None:
        if not attempts.wait(f"Stream {self.stream}: {reason}", response.headers if response is not None else None):
            raise transient_error(f"Stream {self.stream} could not be read. {reason}. Try the sync again later.")

    def _body(self, response: requests.Response, attempts: Attempts) -> bytes:
        if response.status_code == requests.codes.no_content and self.no_content:
            return self.no_content.encode()
        parts = []
        with response:
            for part in response.iter_content(_PART):
                # The timeouts are for each part: a server that sends a byte now and then would never be given up.
                if attempts.remaining <= 0:
                    raise requests.ReadTimeout
                parts.append(part)
        return b"".join(parts)

    def _raise_for_refusal(self, response: requests.Response) -> None:
        status = response.status_code
        if response.ok and not response.is_redirect:
            return
        if status in _PASSING_STATUSES:
            raise requests.HTTPError(f"The API answered with {_status(status)}")
        message = self.error_messages.get(str(status))
        if status == requests.codes.bad_request:
            raise self._refused_parameters(response)
        if status == requests.codes.not_found:
            message = f"{self.path} was not found. {message or ''}".strip()
        if response.is_redirect and not message:
            message = "The API sends the request on again and again. Check `base_url`."
        if message or status in _CONFIG_REFUSALS or response.is_redirect:
            raise config_error(f"Stream {self.stream}: {message or f'the API refused with status {status}.'}")
        raise system_error(f"Stream {self.stream}: the API refused the request with status {status}.")

    def _refused_parameters(self, response: requests.Response) -> AirbyteTracedException:
        code = _error_code(response)
        said = f"the API refused a parameter with status 400{f' ({code})' if code else ''}."
        hint = self.error_messages.get("400")
        if any(source.get("field") in self.config for source in self.query):
            hint = "Check the filters in the configuration."
        if hint:
            return config_error(f"Stream {self.stream}: {said} {hint}")
        return system_error(f"Stream {self.stream}: {said}")

    def _send_own(self, request: requests.Request, attempts: Attempts) -> requests.Response:
        """Send a request of the authentication's own, again while it fails in passing."""
        while True:
            response: requests.Response | None = None
            try:
                response = self._send(self._session.prepare_request(request), attempts)
                if response.status_code not in _PASSING_STATUSES:
                    return response
                reason = f"The login was answered with {_status(response.status_code)}"
            except requests.RequestException as failure:
                reason = _describe(failure)
            self._wait_or_fail(attempts, reason, response)

    def _send_within_origin(self, request: requests.PreparedRequest, attempts: Attempts) -> requests.Response:
        """Send a request, and again where it is sent on to, as long as that is the same origin."""
        for _ in range(_MOST_REDIRECTS):
            response = self._send(request, attempts)
            if not response.is_redirect or self.authenticator.refuses(response):
                return response
            target = urljoin(str(request.url), response.headers["Location"])
            if not same_origin(target, self._url):
                raise config_error(
                    f"Stream {self.stream}: the API sent the request on to another host, which was refused to keep the "
                    "credentials safe. Check `base_url`."
                )
            request = self._session.prepare_request(requests.Request("GET", target, request.headers))
        return response

    def _send(self, request: requests.PreparedRequest, attempts: Attempts) -> requests.Response:
        with self._counting:
            self.requests += 1
        read_timeout = max(1.0, min(self.read_timeout_in_seconds, attempts.remaining))
        # The adapter rather than the session, which parses where a redirect leads even when it is not to be followed.
        return self._session.get_adapter(str(request.url)).send(
            request,
            stream=True,
            timeout=(min(self.connect_timeout_in_seconds, read_timeout), read_timeout),
            verify=cast("bool | str", self._session.verify),
            proxies=self._session.proxies,
        )


def _session(url: str) -> requests.Session:
    session = requests.Session()
    # Without the environment's .netrc, which would replace the Authorization header; proxies and CA bundles of the
    # environment are wanted, so they are taken over.
    session.trust_env = False
    session.proxies.update(requests.utils.get_environ_proxies(url))
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    adapter = HTTPAdapter(pool_maxsize=_MOST_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)  # ignore-https-check: for a server on this machine
    return session


def _query_pairs(
    config: Mapping[str, Any],
    *,
    parameter: str,
    field: str = "",
    value: str | None = None,
    default: Any = None,
    when_true: str | None = None,
) -> list[tuple[str, str]]:
    given = config.get(field, default) if value is None else value
    if given is None or (when_true is not None and not given):
        return []
    if isinstance(given, bool):
        return [(parameter, when_true if when_true is not None else str(given).lower())]
    return [(parameter, str(each)) for each in (given if isinstance(given, list) else [given])]


def _status(status: int) -> str:
    """Return a status with what it stands for, where that is known."""
    try:
        return f"status {status} ({HTTPStatus(status).phrase.lower()})"
    except ValueError:
        return f"status {status}"


def _describe(failure: requests.RequestException) -> str:
    """Return what failed, without the address and the parts of it that a user may have typed a secret into."""
    if isinstance(failure, requests.HTTPError):
        return str(failure)
    if isinstance(failure, requests.Timeout):
        return "The API did not answer in time"
    if isinstance(failure, requests.exceptions.SSLError):
        return "The API's TLS certificate was not accepted, or it does not speak https"
    if isinstance(failure, requests.ConnectionError):
        return "The API could not be reached, or broke off the connection"
    return "The API's answer could not be read"


def _error_code(response: requests.Response) -> str:
    """Return the API's own error code, when it is one: a short name, not a text that may quote the request."""
    try:
        code = response.json().get("error")
    except (ValueError, AttributeError):
        return ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
