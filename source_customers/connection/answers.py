"""What came of a request: an answer as it was received, or a failure that may pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class UnexpectedAnswerError(Exception):
    """The answer is not what the API documents. The message says what was wrong, without the answer's text."""


class GoneError(Exception):
    """What was asked for is not there any more."""


class FailedError(Exception):
    """A request failed in a way that may pass. The message says how, without the address and the answer's text.

    Attributes:
        status: status of the answer; 0 where there was none.
        headers: headers of the answer, read whatever their case.
    """

    def __init__(self, reason: str, status: int = 0, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers or {}


@dataclass(frozen=True)
class Cookie:
    """A cookie that an answer sets: its name, its value and the path it is for."""

    name: str
    value: str
    path: str


@dataclass(frozen=True)
class Received:
    """An answer.

    Attributes:
        status: its status.
        headers: its headers, read whatever their case.
        body: its body; empty where the status makes it useless.
        cookies: the cookies that it sets, in their order.
        received: when its headers were there, in seconds of `waiting.monotonic`.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    cookies: Sequence[Cookie] = field(default_factory=tuple)
    received: float = 0.0

    @property
    def is_redirect(self) -> bool:
        """Whether it sends the request on to another address."""
        return self.status in _REDIRECTS and "Location" in self.headers

    @property
    def is_html(self) -> bool:
        """Whether its body is a page for people."""
        return "html" in self.headers.get("Content-Type", "").lower()
