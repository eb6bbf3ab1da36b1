"""Says which fields of a stream's rows its catalog does not declare: destinations leave them out."""

from collections.abc import Mapping, Sequence
from logging import getLogger
from typing import Any

from source_customers.messages.names import listed
from source_customers.reading.page import Row

LOGGER = getLogger("airbyte.source-customers")


class Columns:
    """Compares the fields of rows with those that a catalog declares.

    A catalog that declares no field at all is taken for one that was written by hand. A field that is only ever null
    is not missed: it has nothing to lose, and `discover` does not declare it either.
    """

    def __init__(self, stream: str, schema: Mapping[str, Any]) -> None:
        """Take the stream's name and its schema in the configured catalog."""
        self._stream = stream
        properties = schema.get("properties")
        self._declared = frozenset(properties if isinstance(properties, Mapping) else ())
        self._missing: set[str] = set()

    def note(self, rows: Sequence[Row]) -> None:
        """Look at the fields of a page's rows."""
        if self._declared:
            # All rows at once: a page costs as much as a few rows one by one.
            others = set().union(*rows) - self._declared - self._missing
            self._missing.update(name for name in others if any(row.get(name) is not None for row in rows))

    def tell(self) -> None:
        """Say at the stream's end which fields the catalog lacks."""
        if self._missing:
            LOGGER.warning(
                "Stream %s: the catalog does not declare all fields of the rows, so the destination may leave out "
                "these (%d): %s. Refresh the schema (discover) to get them.",
                self._stream,
                len(self._missing),
                listed(sorted(self._missing)),
            )
