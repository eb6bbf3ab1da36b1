"""The rows of a sync that changed shortly before it or during it, which are read twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from source_customers.components.answers import Page, Row
from source_customers.components.cursor import PageCursor

MARGIN = timedelta(seconds=1)
"""How far two reads of what changed overlap, since filters know whole seconds at best."""


@dataclass
class Recent:
    """Remembers recent rows as they were delivered, so that only what differs is delivered again.

    A destination that merges by key, such as PyAirbyte's, expects a key once in a sync.

    Attributes:
        key: field that identifies a row.
        cursor: the stream's cursor.
    """

    key: str
    cursor: PageCursor
    _rows: dict[Any, Row] = field(default_factory=dict)

    @property
    def since(self) -> datetime:
        """The moment from which on rows are read again, by the API's clock as far as it is known."""
        return self.cursor.settled - MARGIN

    def note(self, rows: list[Row], moments: Sequence[datetime | None]) -> None:
        """Remember those of the rows delivered, with their change times, that will be read again."""
        since = self.since
        for row, moment in zip(rows, moments, strict=True):
            if moment and moment >= since:
                self._rows[row[self.key]] = row

    def without_known(self, page: Page) -> Page:
        """Return a page without the rows that were delivered just as they are, and remember the others."""
        new = [row for row in page.rows if self._rows.get(row[self.key]) != row]
        self._rows.update((row[self.key], row) for row in new)
        return replace(page, rows=new)
