"""An answer to a request for a list, read without refusing it: what is odd about it is what the probe looks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from source_customers.config.fields import value_at
from source_customers.connection.answers import Received, UnexpectedAnswerError
from source_customers.manifest.settings import EnvelopeSettings
from source_customers.reading.envelope import parsed
from source_customers.reading.page import Row

OK = 200
NO_CONTENT = 204


@dataclass(frozen=True)
class Problem:
    """What is odd about an envelope.

    Attributes:
        message: what is odd, as a sentence.
        setting: the manifest's setting that says otherwise.
    """

    message: str
    setting: str


@dataclass(frozen=True)
class Answer:
    """An answer.

    Attributes:
        status: its status.
        rows: its rows, as they would be delivered. None where it has no list of rows.
        problems: what of its envelope is not as the manifest says.
        total: rows in the whole list, by its word. None where it does not say.
        following: what names the next page. None where nothing does.
        headers: its headers, read whatever their case.
        skew: how far the API's clock is ahead of this machine's. None where it does not tell its time.
    """

    status: int
    rows: list[Row] | None = None
    problems: Sequence[Problem] = ()
    total: int | None = None
    following: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    skew: timedelta | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether it was not refused."""
        return self.status in {OK, NO_CONTENT}

    @property
    def is_empty(self) -> bool:
        """Whether it has a list of rows, and none in it."""
        return self.rows == []


def read_answer(
    received: Received, settings: EnvelopeSettings, position: int, no_content: str, added: Mapping[str, Any]
) -> Answer:
    """Return what an answer holds.

    Args:
        received: the answer.
        settings: where the manifest says that everything stands.
        position: the page number or offset that was asked for.
        no_content: the body that an answer 204 stands for.
        added: fields that are added to a row that comes without them.
    """
    status, headers = received.status, received.headers
    body = no_content.encode() if status == NO_CONTENT and no_content else received.body
    if status not in {OK, NO_CONTENT}:
        return Answer(status, headers=headers)
    try:
        document = parsed(body)
    except UnexpectedAnswerError:
        return Answer(status, problems=[Problem("The answer is no JSON.", "envelope")], headers=headers)
    rows = _rows(document, settings)
    if rows is None:
        where = f"at `{settings.rows}`" if settings.rows else "at the top"
        what = "The answer is no object." if settings.single else f"There is no list of objects {where} of the answer."
        return Answer(status, problems=[Problem(what, "envelope.rows")], headers=headers)
    return Answer(
        status,
        [{**added, **row} for row in rows],
        _problems(document, settings, position, len(rows)),
        _number(document, settings.total),
        value_at(document, settings.next) if settings.next else None,
        headers,
    )


def _rows(document: Any, settings: EnvelopeSettings) -> list[Row] | None:
    rows = value_at(document, settings.rows) if settings.rows else document
    if settings.single:
        rows = [rows]
    return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else None


def _problems(document: Any, settings: EnvelopeSettings, position: int, count: int) -> list[Problem]:
    found = [
        Problem(f"There is no whole number at `{getattr(settings, name)}` of the answer.", f"envelope.{name}")
        for name in ("total", "page", "size")
        if getattr(settings, name) and _number(document, getattr(settings, name)) is None
    ]
    page = _number(document, settings.page)
    if page is not None and page != position:
        found.append(Problem(f"`{settings.page}` does not name the page that was asked for.", "envelope.page"))
    first, last = _number(document, settings.first), _number(document, settings.last)
    if first is not None and last is not None and last - first + 1 != count:
        found.append(
            Problem(f"`{settings.first}` and `{settings.last}` do not count the rows of the page.", "envelope.first")
        )
    return found


def _number(document: Any, path: str) -> int | None:
    value = value_at(document, path) if path else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
