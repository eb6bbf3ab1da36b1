"""What a question is answered with."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["holds", "contradicted", "cannot_tell"]


@dataclass(frozen=True)
class Reply:
    """A verdict, in a sentence for people.

    Attributes:
        verdict: what was found.
        message: one plain sentence, without any value of a row.
        remedy: what to change, or what to do for an answer. Empty where there is nothing to do.
        is_news: whether the sentence says more than that it holds.
    """

    verdict: Verdict
    message: str
    remedy: str = ""
    is_news: bool = False


@dataclass(frozen=True)
class Finding:
    """A reply, and what it is about.

    Attributes:
        stream: name of the stream; `*` for what is so of all of them.
        id: the question's id.
        reply: what was found.
    """

    stream: str
    id: str
    reply: Reply


def holds(message: str, *, news: bool = False) -> Reply:
    """Return that the API does what its documents say, or what is assumed where they are silent."""
    return Reply("holds", message, is_news=news)


def contradicted(message: str, remedy: str) -> Reply:
    """Return that the API does something else, and what to change."""
    return Reply("contradicted", message, remedy)


def cannot_tell(message: str, remedy: str = "") -> Reply:
    """Return that it could not be seen, and why."""
    return Reply("cannot_tell", message, remedy)
