"""The rows near the border between two reads, which both of them bring."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import compress
from typing import Any

import orjson

from source_customers.reading.page import Page, Row

_MOST_ROWS = 100_000


class Recent:
    """Remembers rows that will be read again, so that only what differs is delivered again.

    A destination that merges by key, such as PyAirbyte's, expects a key once in a sync. A row takes about 150 bytes
    here, whatever its length. Past the bound rows are delivered again, which loses nothing.
    """

    def __init__(self, key: str) -> None:
        """Take the field that identifies a row."""
        self._key = key
        self._digests: dict[Any, int] = {}
        self.since: datetime | None = None

    def new(self, page: Page) -> Page:
        """Return a page without the rows that were delivered just as they are.

        Those of the others that changed since `since` are remembered.
        """
        if self._digests and any(row[self._key] in self._digests for row in page.rows):
            page = page.only(self._digests.get(row[self._key]) != digest(row) for row in page.rows)
        if self.since is not None:
            self._note(page.rows, page.moments)
        return page

    def _note(self, rows: Sequence[Row], moments: Sequence[datetime | None]) -> None:
        since = self.since
        late: Iterable[bool] = [moment is not None and moment >= since for moment in moments]  # type: ignore[operator]
        for row in compress(rows, late):
            if len(self._digests) < _MOST_ROWS:
                self._digests[row[self._key]] = digest(row)


def digest(row: Row) -> int:
    """Return a number that another row has with a chance of one in 2**64."""
    try:
        return hash(orjson.dumps(row))
    except TypeError:  # integers past 64 bits, lone surrogates, deep nesting
        return hash(json.dumps(row))
