"""Sends one request and reads its answer, within a time and up to a size."""

import io
import logging
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import requests
import urllib3

from source_customers import waiting
from source_customers.connection.adapter import WatchedAdapter, watching
from source_customers.connection.answers import Cookie, FailedError, Received
from source_customers.connection.attempts import Attempts
from source_customers.connection.deadlines import Watch, Watchdog

TIMEOUT = "The API did not answer in time"
_BROKEN = "The API could not be reached, or broke off the connection"
_UNTRUSTED = "The API's TLS certificate was not accepted, or it does not speak https"
_UNREADABLE = "The API's answer could not be read"

# It warns of headers that it cannot read, and repeats them, a session's cookie among them, with the address.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

_PART = 1 << 16
_OK = 200
_BAD_REQUEST = 400


@dataclass(frozen=True)
class Limit:
    """How large the body of an answer may be.

    Attributes:
        size: bytes, after decompression.
        reason: what to say of a larger one.
    """

    size: int
    reason: str = "The API's answer was too large"


LIST = Limit(32 << 20)
"""The limit of a list's answer."""
OTHER = Limit(1 << 20)
"""The limit of any other answer: of a login, a token, an error."""


class Transport:
    """The sockets of a connection.

    Proxies and the CA bundle of the environment are used. Its .netrc is not: that would replace the credentials.

    Args:
        url: any address of the API, which decides about the proxy.
        most: number of connections to keep open.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the next part of an answer.
    """

    def __init__(self, url: str, most: int, connect_timeout: float, read_timeout: float) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._proxies = requests.utils.get_environ_proxies(url)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self._adapter = WatchedAdapter(pool_maxsize=most)
        self._watchdog = Watchdog()
        self._lock = threading.Lock()
        self.requests = 0

    def prepare(self, request: requests.Request) -> requests.PreparedRequest:
        """Return a request that can be sent.

        Raises:
            FailedError: its address is malformed.
        """
        try:
            return self._session.prepare_request(request)
        except (requests.RequestException, ValueError):
            raise FailedError(_UNREADABLE) from None

    def send(
        self, request: requests.PreparedRequest, attempts: Attempts, limit: Limit, *, any_body: bool = False
    ) -> Received:
        """Send a request, and return its answer. Redirects are not followed.

        Args:
            request: the request.
            attempts: says how much time is left.
            limit: how large the body of an answer 200 may be.
            any_body: whether the body is wanted whatever the status.

        Raises:
            FailedError: there was no answer, or it was not complete.
            Stopped: the work is not wanted any more.
        """
        attempts.stop.check()
        seconds = attempts.remaining
        if seconds <= 0:
            raise FailedError(TIMEOUT)
        with self._lock:
            self.requests += 1
        watch = Watch()
        self._watchdog.add(watch, seconds)
        try:
            with attempts.stop.calling(watch.shut), watching(watch, seconds):
                received = self._exchange(request, attempts, watch, limit, seconds, any_body=any_body)
        except (OSError, urllib3.exceptions.HTTPError, HTTPException, ValueError) as failure:
            attempts.stop.check()
            raise FailedError(TIMEOUT if watch.is_shut else _describe(failure)) from None
        finally:
            self._watchdog.remove(watch)
        return received

    def close(self) -> None:
        """End all requests at once."""
        self._watchdog.close()
        self._adapter.close()

    def _exchange(
        self,
        request: requests.PreparedRequest,
        attempts: Attempts,
        watch: Watch,
        limit: Limit,
        seconds: float,
        *,
        any_body: bool,
    ) -> Received:
        read_timeout = min(self._read_timeout, seconds)
        # The adapter rather than the session, which parses where a redirect leads even when it is not to be followed.
        response = self._adapter.send(
            request,
            stream=True,
            timeout=(min(self._connect_timeout, read_timeout), read_timeout),
            verify=self._verify,
            proxies=self._proxies,
        )
        received = waiting.monotonic()
        with response:
            if not watch.is_attached:
                raise RuntimeError("the connection cannot be watched with this version of urllib3")
            _check(watch, attempts)
            body = b""
            if any_body or response.status_code == _OK:
                body = _body(response, attempts, watch, limit if response.status_code == _OK else OTHER)
            elif response.status_code == _BAD_REQUEST or response.is_redirect:
                # An error code may stand in it, or it is read to use the connection again. The status says enough.
                with suppress(FailedError, requests.RequestException):
                    body = _body(response, attempts, watch, OTHER)
                attempts.stop.check()
        return Received(response.status_code, response.headers, body, _cookies(response), received)


def _body(response: requests.Response, attempts: Attempts, watch: Watch, limit: Limit) -> bytes:
    body = io.BytesIO()
    for part in response.iter_content(_PART):
        _check(watch, attempts)
        body.write(part)
        if body.tell() > limit.size:
            raise FailedError(limit.reason, response.status_code, response.headers)
    # A socket that was shut looks like the end of the body.
    _check(watch, attempts)
    return body.getvalue()


def _check(watch: Watch, attempts: Attempts) -> None:
    attempts.stop.check()
    if watch.is_shut or attempts.remaining <= 0:
        raise FailedError(TIMEOUT)


def _cookies(response: requests.Response) -> list[Cookie]:
    # One by one: to ask the jar for a name fails where two have it.
    return [Cookie(each.name, each.value, each.path) for each in response.cookies if each.value is not None]


def _describe(failure: Exception) -> str:
    """Return what failed, without the address and the parts of it that a user may have typed a secret into."""
    cause: Any = failure.args[0] if failure.args else None
    if isinstance(failure, requests.Timeout) or isinstance(cause, urllib3.exceptions.ReadTimeoutError):
        return TIMEOUT
    if isinstance(failure, requests.exceptions.SSLError):
        return _UNTRUSTED
    if isinstance(failure, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        return _BROKEN
    if isinstance(failure, OSError) and not isinstance(failure, requests.RequestException):
        return _UNTRUSTED  # the bundle of certificates that the environment names cannot be read
    return _UNREADABLE
