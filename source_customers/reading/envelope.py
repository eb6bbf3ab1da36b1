"""What an API answered: checked against what its documents promise before any of it becomes a row."""

import json
import math
from collections.abc import Mapping
from typing import Any

import orjson

from source_customers.connection.answers import UnexpectedAnswerError
from source_customers.manifest.settings import EnvelopeSettings
from source_customers.reading.page import Page, Row

# Finding a run of digits in a page takes a regular expression fifty times as long as this.
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19


class Envelope:
    """Finds the rows in an answer, and what the server says about the pages around them.

    YAML's extractors take whatever is there: an error object becomes a row, a missing list the end of the stream. This
    one takes only what the manifest says the API documents:

        {"models": [...], "nextPage": 2, "total": 63, "pageSize": 2, "page": 1}

    is `rows: models`, `total: total`, `next: nextPage`, `page: page`, `size: pageSize`.
    """

    def __init__(self, settings: EnvelopeSettings, key: str, parent: Mapping[str, Any] | None = None) -> None:
        """Take what the manifest says, and the field that identifies a row.

        Args:
            settings: what the manifest says.
            key: the field that identifies a row.
            parent: the key of the parent's row, by the field that takes it in rows that come without it.
        """
        self._settings = settings
        self._key = key
        self._parent = parent or {}
        names = ("rows", "total", "next", "page", "first", "last", "size")
        self._paths = {name: getattr(settings, name).split(".") for name in names if getattr(settings, name)}

    def read(self, body: bytes, position: int) -> Page:
        """Return the page that an answer's body holds.

        Args:
            body: the body as it came, JSON in UTF-8.
            position: what was asked for: a page number from 1, or an offset from 0.

        Raises:
            UnexpectedAnswerError: the body is not what the API documents.
        """
        answer = parsed(body)
        rows = self._rows(answer)
        if self._settings.page and self._promised(answer, "page") != position:
            raise UnexpectedAnswerError("another page than the one asked for")
        return Page(
            rows,
            total=self._promised(answer, "total") if self._settings.total else None,
            more=self._more(answer, position, rows) if self._settings.next else None,
            first=self._first(answer, rows) if self._settings.first else None,
            size=self._promised(answer, "size") if self._settings.size else None,
            weight=len(body),
        )

    def _rows(self, answer: Any) -> list[Row]:
        path = self._settings.rows
        if path and not isinstance(answer, dict):
            raise UnexpectedAnswerError("no object at the top")
        rows = self._find(answer, "rows") if path else answer
        if self._settings.single:
            rows = [self._own(rows)]
        if not isinstance(rows, list):
            raise UnexpectedAnswerError(f"no list at {f'`{path}`' if path else 'the top'}")
        # By types, for a whole page at once: asking each row takes three times as long.
        if not {*map(type, rows)} <= {dict}:
            raise UnexpectedAnswerError("a row that is not an object")
        if self._parent:
            rows = [{**self._parent, **row} for row in rows]
        key = self._key
        kinds = {type(row.get(key)) for row in rows}
        if not kinds <= {str, int}:
            what = "a row without its key" if type(None) in kinds else "a key that is no text or number:"
            raise UnexpectedAnswerError(f"{what} `{key}`")
        return rows

    def _own(self, row: Any) -> Any:
        """Return the one row of an answer, which has to be the one that was asked for."""
        if isinstance(row, dict) and self._key in self._parent:
            if self._key not in row and not (self._settings.keyless and row):
                raise UnexpectedAnswerError(f"a row without its key `{self._key}`")
            if row.get(self._key, self._parent[self._key]) != self._parent[self._key]:
                raise UnexpectedAnswerError("another row than the one asked for")
        return row

    def _more(self, answer: Any, position: int, rows: list[Row]) -> bool:
        following, name = self._find(answer, "next"), self._settings.next
        if self._settings.next_is_page and following and following != position + 1:
            raise UnexpectedAnswerError(f"`{name}` does not name the page after this one")
        if following and not rows:
            raise UnexpectedAnswerError("an empty page that promises another")
        return bool(following)

    def _first(self, answer: Any, rows: list[Row]) -> int | None:
        """Return the number of the first row; both numbers may be null where there are no rows."""
        first, last = self._find(answer, "first"), self._find(answer, "last")
        if not (isinstance(first, int) and isinstance(last, int)):
            return None
        if last - first + 1 != len(rows):
            raise UnexpectedAnswerError("another number of rows than its envelope says")
        return first

    def _promised(self, answer: Any, name: str) -> int:
        value = self._find(answer, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise UnexpectedAnswerError(f"no number at `{getattr(self._settings, name)}`")
        return value

    def _find(self, answer: Any, name: str) -> Any:
        for step in self._paths.get(name, [""]):
            answer = answer.get(step) if isinstance(answer, dict) else None
        return answer


def parsed(body: bytes) -> Any:
    """Return what a body holds.

    Raises:
        UnexpectedAnswerError: it is no JSON.
    """
    # orjson turns integers past 64 bits into floats and refuses lone surrogates: the standard library keeps both.
    if _LONG_NUMBER not in body.translate(_DIGITS):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass
    try:
        return json.loads(body.decode(), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise UnexpectedAnswerError("not JSON") from None


def _refuse(constant: str) -> None:
    """Refuse NaN and the infinities, which the standard library takes and JSON does not have."""
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number
