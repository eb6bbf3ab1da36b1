"""What the sandbox sends back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import orjson

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, and how it reaches the client.

    ``delivery`` says what the connection does: sends the answer whole, closes after half of the body it
    announced, or is reset before a single byte.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    delivery: Literal["whole", "cut", "reset"] = "whole"

    def with_headers(self, headers: Mapping[str, str]) -> "Answer":
        return replace(self, headers={**self.headers, **headers})


class Refusal(Exception):  # noqa: N818 - an answer, not an error of the sandbox
    """Raised where a request cannot be answered as asked; carries the answer it gets instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def as_json(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, orjson.dumps(document), {"content-type": JSON_TYPE, **(headers or {})})


def as_html(text: str, status: int = 200) -> Answer:
    return Answer(status, text.encode(), {"content-type": "text/html; charset=utf-8"})


def as_text(text: str, status: int = 200) -> Answer:
    return Answer(status, text.encode(), {"content-type": "text/plain; charset=utf-8"})


def redirect(location: str, status: int = 302, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, headers={"location": location, **(headers or {})})
