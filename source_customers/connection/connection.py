"""The one connection that all streams of a sync share."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from requests import PreparedRequest, Request

from source_customers import waiting
from source_customers.config.fields import count_of, header_text, value_at
from source_customers.connection.answers import FailedError, GoneError, Received, UnexpectedAnswerError
from source_customers.connection.attempts import PATIENCE, Attempts, GaveUpError, Patience
from source_customers.connection.clock import ServerClock
from source_customers.connection.credentials import make_credentials
from source_customers.connection.credentials.base import LoginRefusedError
from source_customers.connection.origins import check_base_url, same_origin
from source_customers.connection.pace import Pace
from source_customers.connection.refusals import raise_for_outage, raise_for_refusal
from source_customers.connection.renewals import Renewals
from source_customers.connection.stop import Stop
from source_customers.connection.transport import LIST, OTHER, Limit, Transport
from source_customers.connection.waits import named_wait
from source_customers.connection.workers import Workers
from source_customers.failures import config_error, credentials_error, transient_error
from source_customers.manifest.settings import ConnectionSettings

_MOST_REDIRECTS = 2
_LAST_LOGIN = 5.0  # seconds
_NO_CONTENT = 204
_GONE = frozenset({404, 410})
# What reading an odd body may raise besides UnexpectedAnswerError.
_ODD_BODY = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Call:
    """A GET request of a stream.

    Attributes:
        stream: name of the stream, for messages.
        path: path of the resource, quoted.
        query: query parameters, in the order to send them.
        has_filters: whether filters from the config are among them.
        messages: what to tell the user, by status, in place of the connection's own messages.
        shown_path: path to show in messages, where `path` holds the key of a row.
        may_be_gone: whether the resource may have been removed since its key was seen.
    """

    stream: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    has_filters: bool = False
    messages: Mapping[str, str] = field(default_factory=dict)
    shown_path: str = ""
    may_be_gone: bool = False


class SpentError(Exception):
    """As many requests were sent as may be."""


class Connection:
    """Sends requests to one origin, and again until each answer is what the API documents or the failure is plain.

    Nothing that an API or a user said is logged, and no credential leaves the origin.

    Attributes:
        clock: the API's clock.
        concurrency: how many tasks run at once.
        is_paced: whether requests wait for their turn, since the provider limits their rate.
        lists: how many lists are being read, which share the memory for answers that wait.
        updates: config path and new value of credentials that the provider has replaced.
        most_requests: how many requests may be sent, logins and repetitions included; None for any number.

    Args:
        settings: how the provider is reached.
        config: the user's config, with defaults.
        patience: how long one request may take.

    Raises:
        AirbyteTracedException: the config is wrong (config_error).
    """

    def __init__(self, settings: ConnectionSettings, config: Mapping[str, Any], patience: Patience = PATIENCE) -> None:
        origin = str(config.get("base_url") or settings.origin)
        try:
            check_base_url(origin)
        except ValueError as mistake:  # a manifest that runs alone gets its config unchecked
            raise config_error(f"`base_url` {mistake}.") from None
        self.clock = ServerClock()
        self.concurrency = count_of(config, settings.concurrency)
        self.updates: SimpleQueue[tuple[str, str]] = SimpleQueue()
        self.lists = 0
        self.most_requests: int | None = None
        self._lists_lock = threading.Lock()
        self._settings = settings
        self._patience = patience
        has_page_size = value_at(config, "page_size") is not None
        self._limit = Limit(LIST.size, f"{LIST.reason}. Lower `page_size`") if has_page_size else LIST
        self._stop = Stop()
        self._workers = Workers(self.concurrency)
        self._transport = Transport(origin, self.concurrency, settings.connect_timeout, settings.read_timeout)
        self._credentials = make_credentials(
            settings.authentication,
            config,
            origin.rstrip("/"),
            self.updates,
            is_elsewhere=not same_origin(origin, settings.origin),
        )
        self._pace = (
            Pace(count_of(config, settings.pace.requests), settings.pace.seconds, settings.pace.remaining_header)
            if settings.pace
            else None
        )
        self.is_paced = self._pace is not None
        headers = {name: header_text(config, template) for name, template in settings.headers.items()}
        # Without credentials, path and query; preparing all of a request anew is a quarter of its work.
        try:
            self._blank = self._transport.prepare(Request("GET", origin, headers))
        except FailedError:  # a name such as *.example, which is none of a host
            raise config_error("`base_url` must name a host.") from None
        self._origin = str(self._blank.url).rstrip("/")

    @property
    def requests(self) -> int:
        """Requests sent so far; logins, redirects and repetitions included."""
        return self._transport.requests

    def fetch(self, call: Call, read: Callable[[bytes], Answer], stop: Stop) -> Answer:
        """Return what `read` makes of the answer to a request. It blocks, and sends the request again while it fails.

        Args:
            call: the request.
            read: reads the body of an answer, or raises UnexpectedAnswerError. It may be called several times.
            stop: ends the work.

        Raises:
            AirbyteTracedException: the request was refused (config_error), kept failing (transient_error) or was
                not understood (system_error).
            GoneError: the resource is not there, and may be gone.
            Stopped: `stop` was set, or the connection is closed.
        """
        return self._patiently(
            call, stop, lambda attempts, renewals: self._read(call, self._answer(call, attempts, renewals), read)
        )

    def ask(self, call: Call, stop: Stop) -> Received:
        """Return the answer to a request, whatever it says: refusals too. It is sent again only in an outage.

        Args:
            call: the request.
            stop: ends the work.

        Raises:
            AirbyteTracedException: the login was refused (config_error), or there was no answer (transient_error).
            SpentError: `most_requests` were sent.
            Stopped: `stop` was set, or the connection is closed.
        """
        return self._patiently(
            call, stop, lambda attempts, renewals: self._learned(self._answer(call, attempts, renewals))
        )

    def ask_as_stranger(self, call: Call, stop: Stop) -> Received:
        """Return the same as `ask`, without a login and with a credential that names no account."""
        request = self._request(call, self._credentials.made_up())
        return self._patiently(call, stop, lambda attempts, _: self._send(request, attempts, self._limit))

    def refuses(self, received: Received) -> bool:
        """Return whether an answer is taken for one to a credential that is wrong or has run out."""
        return self._credentials.refuses(received)

    def submit(self, task: Callable[[], Answer]) -> "Future[Answer]":
        """Have a task run in one of the connection's threads. After `close` its future raises Stopped."""
        return self._workers.submit(task)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count one list more as being read."""
        with self._lists_lock:
            self.lists += 1
        try:
            yield
        finally:
            with self._lists_lock:
                self.lists -= 1

    def close(self) -> None:
        """End everything: requests and waits raise Stopped, threads end. A login has a moment to come to its end."""
        self._credentials.finish(_LAST_LOGIN)
        self._stop.set()
        self._workers.close()
        self._transport.close()

    def _patiently(self, call: Call, stop: Stop, attempt: Callable[[Attempts, Renewals], Answer]) -> Answer:
        """Return what an attempt at a call returns, or raise the error that the user sees."""
        attempts, renewals = Attempts(self._patience, Stop(stop, self._stop), call.stream), Renewals()
        try:
            return self._repeat(lambda: attempt(attempts, renewals), attempts)
        except LoginRefusedError as refused:
            raise credentials_error(str(refused)) from None
        except GaveUpError as gave_up:
            raise transient_error(
                f"Stream {call.stream} could not be read. {gave_up}. Try the sync again later."
            ) from None

    def _repeat(self, attempt: Callable[[], Answer], attempts: Attempts) -> Answer:
        """Return what an attempt returns, and try again while it fails in passing."""
        while True:
            try:
                return attempt()
            except FailedError as failure:
                named = named_wait(failure.status, failure.headers, self.clock.now() or waiting.now())
                reason = str(failure)
            attempts.wait(reason, named)

    def _answer(self, call: Call, attempts: Attempts, renewals: Renewals) -> Received:
        """Return the answer to a call, after a new login where it needs one."""
        while True:
            grant = self._credentials.grant(self._post, attempts)
            try:
                received = self._follow(call, self._request(call, grant.headers_for(call.path)), attempts)
                raise_for_outage(received, "The API answered")
            except FailedError:
                renewals.forget()
                raise
            if not (self._credentials.refuses(received) and renewals.renew(self._credentials, grant)):
                return received

    def _read(self, call: Call, received: Received, read: Callable[[bytes], Answer]) -> Answer:
        body = received.body
        if call.may_be_gone and received.status in _GONE:
            raise GoneError
        try:
            if received.status == _NO_CONTENT and self._settings.no_content:
                body = self._settings.no_content.encode()
            else:
                messages = {**self._settings.messages, **call.messages}
                path = call.shown_path or call.path
                raise_for_refusal(received, call.stream, path, messages, has_filters=call.has_filters)
            answer = _reading(read, body)
        except UnexpectedAnswerError as unexpected:
            raise _unexpected(unexpected, received) from None
        self._learned(received)
        return answer

    def _learned(self, received: Received) -> Received:
        self.clock.learn(received.headers, received.received)
        return received

    def _post(self, make: Callable[[], Request], read: Callable[[Received], Answer], attempts: Attempts) -> Answer:
        """Send a request of the credentials' own. See `credentials.base.Post`.

        It goes on when the page is not wanted any more that it is for: its answer may bring a credential that takes the
        place of the old one.
        """

        def attempt() -> Answer:
            received = self._send(self._transport.prepare(make()), attempts, OTHER, any_body=True)
            raise_for_outage(received, "The login was answered")
            try:
                return read(received)
            except UnexpectedAnswerError as unexpected:
                raise _unexpected(unexpected, received) from None

        with attempts.ended_by(self._stop):
            return self._repeat(attempt, attempts)

    def _request(self, call: Call, credentials: Mapping[str, str]) -> PreparedRequest:
        request = self._blank.copy()
        request.headers.update(credentials)
        request.url = f"{self._origin}{call.path}{'?' if call.query else ''}{urlencode(call.query)}"
        return request

    def _follow(self, call: Call, request: PreparedRequest, attempts: Attempts) -> Received:
        """Send a request, and again where it is sent on to, as long as that is the same origin."""
        received = self._send(request, attempts, self._limit)
        for _ in range(_MOST_REDIRECTS):
            if not received.is_redirect or self._credentials.refuses(received):
                break
            target = _target(str(request.url), received)
            if not same_origin(target, self._origin):
                raise config_error(
                    f"Stream {call.stream}: the API sent the request on to another host, which was refused to keep the "
                    "credentials safe. Check `base_url`."
                )
            request = self._transport.prepare(Request("GET", target, request.headers))
            received = self._send(request, attempts, self._limit)
        return received

    def _send(self, request: PreparedRequest, attempts: Attempts, limit: Limit, *, any_body: bool = False) -> Received:
        if self.most_requests is not None and self.requests >= self.most_requests:
            raise SpentError
        if not self._pace:
            return self._transport.send(request, attempts, limit, any_body=any_body)
        with attempts.excused():
            self._pace.take(attempts.stop)
        headers = None
        try:
            received = self._transport.send(request, attempts, limit, any_body=any_body)
            headers = received.headers
        finally:
            self._pace.give_back(headers)
        return received


def _reading(read: Callable[[bytes], Answer], body: bytes) -> Answer:
    try:
        return read(body)
    except _ODD_BODY:
        raise UnexpectedAnswerError("it could not be read") from None


def _unexpected(unexpected: UnexpectedAnswerError, received: Received) -> FailedError:
    reason = f"The answer was not what the API documents: {unexpected}"
    return FailedError(reason, received.status, received.headers)


def _target(url: str, received: Received) -> str:
    """Return the address that a redirect leads to."""
    try:
        target = urljoin(url, received.headers["Location"])
        urlsplit(target).port  # noqa: B018  # raises where it is none
    except ValueError:
        raise FailedError(
            "The answer was not what the API documents: a redirect to no address", received.status, received.headers
        ) from None
    return target
