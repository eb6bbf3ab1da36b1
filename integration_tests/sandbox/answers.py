"""What the sandbox sends back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from math import inf
from typing import Any, Literal

import orjson

JSON_TYPE = "application/json"

Headers = Mapping[str, str | list[str]]
"""By name in any case; a list sends the header several times."""


@dataclass(frozen=True)
class Stretched:
    """The body goes out in pieces, with spaces before its last byte until it has ``size`` bytes.

    A body of infinite size never ends. Between two pieces, so many bytes each, it pauses so many seconds.
    """

    size: float = inf
    piece: int = 64 * 1024
    pause: float = 0.0


@dataclass(frozen=True)
class DrippingHead:
    """Status line and headers go out byte by byte, with so many seconds between; the last header never ends."""

    pause: float


Delivery = Literal["whole", "cut", "reset", "raw"] | Stretched | DrippingHead
"""What the connection does: sends the answer whole, closes after half of the body it announced, is reset before a
single byte, sends headers that no server library lets pass and closes, or sends the answer in pieces.
"""


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, and how it reaches the client."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=dict)
    delay: float = 0.0
    delivery: Delivery = "whole"

    def has_header(self, name: str) -> bool:
        return name.lower() in {given.lower() for given in self.headers}

    def with_headers(self, headers: Headers) -> "Answer":
        """Add the headers that the answer does not have yet."""
        missing = {name: value for name, value in headers.items() if not self.has_header(name)}
        return replace(self, headers={**self.headers, **missing})


class Refusal(Exception):  # noqa: N818 - an answer, not an error of the sandbox
    """Raised where a request cannot be answered as asked; carries the answer it gets instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def as_json(document: Any, status: int = 200, headers: Headers | None = None) -> Answer:
    return Answer(status, orjson.dumps(document), {"content-type": JSON_TYPE, **(headers or {})})


def as_html(text: str, status: int = 200) -> Answer:
    return Answer(status, text.encode(), {"content-type": "text/html; charset=utf-8"})


def as_text(text: str, status: int = 200) -> Answer:
    return Answer(status, text.encode(), {"content-type": "text/plain; charset=utf-8"})


def redirect(location: str, status: int = 302, headers: Headers | None = None) -> Answer:
    return Answer(status, headers={"location": location, **(headers or {})})


def http_date(seconds: float) -> dict[str, str]:
    """The ``Date`` header for a moment in seconds since the epoch."""
    return {"date": formatdate(seconds, usegmt=True)}
