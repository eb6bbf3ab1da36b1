"""How far a sync came within a list that is read in the order of its key."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from source_customers.moments import EPOCH, moment_or_none
from source_customers.reading.api_list import ApiList
from source_customers.reading.cursor import Cursor
from source_customers.reading.listing import Listing

_FIELD = "partial"
_LARGEST = 1 << 62


@dataclass(frozen=True)
class Partial:
    """A part of a list, and where in it the next sync goes on.

    Rows that are added or removed meanwhile do not matter: the list is in the order of its key, so everything after
    the last key delivered is still to come. Rows that changed have left the part, and are read at the end.

    Attributes:
        since: first moment of the part; None for all history.
        until: last moment of the part.
        position: offset of the last page that was delivered.
        last_key: key of the last row delivered; None where nothing was.
        rows: rows delivered.
        highest: latest change time delivered.
    """

    since: datetime | None
    until: datetime
    position: int = 0
    last_key: Any = None
    rows: int = 0
    highest: datetime | None = None

    @classmethod
    def of(cls, state: Mapping[str, Any], api: ApiList) -> "Partial | None":
        """Return the part that a state tells; None where it tells none, or one of another list."""
        told = state.get(_FIELD)
        if not isinstance(told, Mapping) or told.get("list") != _mark(api):
            return None
        since, until, highest = (moment_or_none(told.get(name)) for name in ("since", "until", "highest"))
        position, rows = _count(told.get("offset")), _count(told.get("rows"))
        if until is None or until < EPOCH or (since and since > until) or position is None or rows is None:
            return None
        return cls(since, until, position, told.get("after"), rows, highest)

    def resume(self, listing: Listing) -> None:
        """Have a pass go on where the part was left."""
        if self.last_key is not None:
            listing.resume(self.position, self.last_key, self.rows)

    def at(self, listing: Listing, cursor: Cursor) -> "Partial":
        """Return the part as it is after a pass that has come so far."""
        return replace(
            self,
            position=listing.position,
            last_key=listing.last_key,
            rows=listing.rows_read,
            highest=cursor.highest,
        )

    def told(self, api: ApiList) -> dict[str, Any]:
        """Return what a state says of the part."""
        return {
            _FIELD: {
                "list": _mark(api),
                "since": self.since.isoformat() if self.since else None,
                "until": self.until.isoformat(),
                "offset": self.position,
                "after": self.last_key,
                "rows": self.rows,
                "highest": self.highest.isoformat() if self.highest else None,
            }
        }


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _LARGEST else None


def _mark(api: ApiList) -> str:
    """Return a mark of the list and its filters, without their values: under other filters it is another list."""
    return blake2b(repr([api.settings.path, *api.query]).encode(), digest_size=8).hexdigest()
