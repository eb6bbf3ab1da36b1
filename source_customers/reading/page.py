"""One page of a list, as the server gave it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import compress
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """One page of a list.

    Attributes:
        rows: the rows, in the server's order.
        total: rows in the whole list at the moment of the answer. None where the API does not say.
        more: whether a page follows, by the server's word. None where it does not say.
        first: number of the first row in the whole list, from 1. None where the API does not say.
        size: rows on a full page, by the server's word. None where it does not say.
        weight: length of the answer in bytes.
        moments: change time of each row, in UTC. None for a row without one. Empty for a stream without a cursor.
    """

    rows: list[Row]
    total: int | None = None
    more: bool | None = None
    first: int | None = None
    size: int | None = None
    weight: int = 0
    moments: Sequence[datetime | None] = field(default=())

    def after(self, count: int) -> "Page":
        """Return the page without its first rows."""
        return replace(self, rows=self.rows[count:], moments=self.moments[count:])

    def only(self, chosen: Iterable[bool]) -> "Page":
        """Return the page with the chosen rows only."""
        kept = list(chosen)
        return replace(self, rows=list(compress(self.rows, kept)), moments=list(compress(self.moments, kept)))
