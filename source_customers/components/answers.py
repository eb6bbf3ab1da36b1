"""What an API answered: checked against what its documents promise before any of it becomes a row."""

import json
import math
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from typing import Any

import orjson

# Finding a run of digits in a page takes a regular expression fifty times as long as this.
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19

Row = dict[str, Any]


class UnexpectedAnswerError(Exception):
    """The answer is not what the API documents. The message says what was wrong, without the answer's text."""


@dataclass(frozen=True)
class Page:
    """One page of a list, as the server gave it.

    Attributes:
        rows: the rows, in the server's order.
        total: rows in the whole list at the moment of the answer; None where the API does not say.
        more: whether a page follows, by the server's word; None where it does not say.
        first: number of the first row in the whole list, from 1; None where the API does not say.
        size: rows on a full page, by the server's word; None where it does not say.
    """

    rows: list[Row]
    total: int | None = None
    more: bool | None = None
    first: int | None = None
    size: int | None = None


@dataclass
class Envelope:
    """Finds the rows in an answer, and what the server says about the pages around them.

    YAML's extractors take whatever is there: an error object becomes a row, a missing list the end of the
    stream. This one takes only what the manifest says the API documents:

        {"models": [...], "nextPage": 2, "total": 63, "pageSize": 2, "page": 1}

    is `rows: models`, `total: total`, `next: nextPage`, `page: page`, `size: pageSize`; a path into nested objects is
    written with dots, and no `rows` means that the list is the answer itself.

    Attributes:
        key: field that identifies a row; a row without it is refused.
        rows: path of the list.
        total: path of the number of rows in the whole list.
        next: path of what names the next page; null, absent or empty on the last one.
        page: path of this page's number or offset, which must be the one asked for.
        next_is_page: whether `next` holds a page number, which must then be the page after this one.
        first: path of the number of this page's first row, from 1.
        last: path of the number of this page's last row.
        size: path of the number of rows on a full page.
    """

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]] = None
    key: str = ""
    rows: str = ""
    total: str = ""
    next: str = ""
    page: str = ""
    next_is_page: bool = False
    first: str = ""
    last: str = ""
    size: str = ""
    _paths: dict[str, list[str]] = field(init=False, repr=False)

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        names = ("rows", "total", "next", "page", "first", "last", "size")
        self._paths = {name: getattr(self, name).split(".") for name in names if getattr(self, name)}

    def read(self, body: bytes, position: int) -> Page:
        """Return the page that an answer's body holds.

        Args:
            body: the body as it came, JSON in UTF-8.
            position: what was asked for: a page number from 1, or an offset from 0.

        Raises:
            UnexpectedAnswerError: the body is not what the API documents.
        """
        answer = _json(body)
        rows = self._rows(answer)
        if self.page and self._promised(answer, "page") != position:
            raise UnexpectedAnswerError("another page than the one asked for")
        return Page(
            rows,
            total=self._promised(answer, "total") if self.total else None,
            more=self._more(answer, position, rows) if self.next else None,
            first=self._first(answer, rows) if self.first else None,
            size=self._promised(answer, "size") if self.size else None,
        )

    def _rows(self, answer: Any) -> list[Row]:
        if self.rows and not isinstance(answer, dict):
            raise UnexpectedAnswerError("no object at the top")
        rows = self._find(answer, "rows") if self.rows else answer
        if not isinstance(rows, list):
            where = f"`{self.rows}`" if self.rows else "the top"
            raise UnexpectedAnswerError(f"no list at {where}")
        for row in rows:
            if not isinstance(row, dict):
                raise UnexpectedAnswerError("a row that is not an object")
            if row.get(self.key) is None:
                raise UnexpectedAnswerError(f"a row without its key `{self.key}`")
        return rows

    def _more(self, answer: Any, position: int, rows: list[Row]) -> bool:
        following = self._find(answer, "next")
        if self.next_is_page and following and following != position + 1:
            raise UnexpectedAnswerError(f"`{self.next}` does not name the page after this one")
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
            raise UnexpectedAnswerError(f"no number at `{getattr(self, name)}`")
        return value

    def _find(self, answer: Any, name: str) -> Any:
        for step in self._paths.get(name, [""]):
            answer = answer.get(step) if isinstance(answer, dict) else None
        return answer


def _json(body: bytes) -> Any:
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
