"""What all ways to prove who asks have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import requests

from source_customers.connection.answers import Received
from source_customers.connection.attempts import Attempts

_UNAUTHORIZED = 401
_NOT_THERE = frozenset({404, 405})

Answer = TypeVar("Answer")


class LoginRefusedError(Exception):
    """The provider does not take the credentials of the config. The message tells the user what to do."""


def check_is_there(received: Received) -> None:
    """Refuse the answer of somebody who knows no login at this address.

    Raises:
        LoginRefusedError: the status says so.
    """
    if received.status in _NOT_THERE:
        raise LoginRefusedError("There is no login at this address. Check `base_url`.")


class Post(Protocol):
    """Sends a request of the credentials' own, such as a login, and again while that fails in passing."""

    def __call__(
        self, make: Callable[[], requests.Request], read: Callable[[Received], Answer], attempts: Attempts
    ) -> Answer:
        """Return what `read` makes of the answer; it raises UnexpectedAnswerError for one that makes no sense.

        `make` is called for each repetition: what an odd answer brought may belong into the next request.

        Raises:
            GaveUpError: it failed for as long as it may.
            Stopped: the work is not wanted any more.
        """


@dataclass(frozen=True)
class Grant:
    """What proves who asks, until it runs out.

    Attributes:
        number: counts the logins of a connection, from 1; 0 for what is never renewed.
        headers: the headers for a request, by the path that they are for. An empty path stands for all.
    """

    number: int
    headers: Sequence[tuple[str, Mapping[str, str]]] = field(default_factory=tuple, repr=False)

    def headers_for(self, path: str) -> Mapping[str, str]:
        """Return the headers for a request: those whose path fits best, or else the last."""
        fitting = [(len(prefix), index) for index, (prefix, _) in enumerate(self.headers) if _fits(prefix, path)]
        return self.headers[max(fitting)[1] if fitting else -1][1]


def _fits(prefix: str, path: str) -> bool:
    """Return whether a cookie's path covers the path of a request (RFC 6265, 5.1.4)."""
    return path.startswith(prefix) and (prefix.endswith("/") or path[len(prefix) :][:1] in {"", "/"} or not prefix)


class Credentials(ABC):
    """Gives what a request needs, and renews what has run out. One object serves all requests, several at once."""

    latest = 0
    """Number of the latest grant."""

    @abstractmethod
    def grant(self, post: Post, attempts: Attempts) -> Grant:
        """Return what a request needs, after a login where that is necessary.

        Raises:
            AirbyteTracedException: a credential cannot be sent (config_error).
            GaveUpError: the login failed for as long as it may.
            LoginRefusedError: the login was refused.
            Stopped: the work is not wanted any more.
        """

    def renew(self, grant: Grant) -> bool:  # noqa: ARG002  # fixed credentials have nothing to forget
        """Forget a grant that was refused, unless that was done already; return False when that is no use."""
        return False

    def finish(self, seconds: float) -> None:  # noqa: B027  # fixed credentials have no login
        """Wait for a login that is on its way, for so many seconds at most."""

    @abstractmethod
    def made_up(self) -> Mapping[str, str]:
        """Return headers with a credential that names no account, so that no account can be locked by it."""

    def refuses(self, received: Received) -> bool:
        """Return whether an answer means that the grant has run out."""
        return received.status == _UNAUTHORIZED
