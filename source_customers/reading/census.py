"""Counts the different keys of a list, in eight bytes a row."""

from array import array
from collections.abc import Iterable
from typing import Any

_SHARES = 16
_COUNTED_AT_ONCE = 100_000


class Census:
    """The keys of the rows that one pass over a list brought, and of passes before it over the same rows.

    Attributes:
        total: how many rows the list had by the server's word during the last pass.
    """

    def __init__(self, earlier: "Census | None" = None) -> None:
        """Begin a pass, after another one over the same rows if there was one."""
        self._keys = array("q")
        self._earlier = earlier.keys() if earlier else frozenset[int]()
        self._earlier_total = earlier.total if earlier else None
        self.total: int | None = None

    def add(self, keys: Iterable[Any]) -> None:
        """Note the keys of rows: texts or numbers."""
        self._keys.extend(map(hash, keys))

    def clear(self) -> None:
        """Forget the keys of this pass."""
        del self._keys[:]

    def __len__(self) -> int:
        """Return how many rows this pass brought."""
        return len(self._keys)

    @property
    def distinct(self) -> int:
        """How many different keys this pass brought."""
        if len(self._keys) <= _COUNTED_AT_ONCE:
            return len(set(self._keys))
        # A set of all of them would take ten times as much memory as the keys themselves.
        return sum(len({key for key in self._keys if key % _SHARES == share}) for share in range(_SHARES))

    def counted(self, total: int | None) -> int:
        """Return how many different keys were brought: by all passes, if the list was as long during the others."""
        self.total = total
        if self._earlier_total != total:
            self._earlier = frozenset()
        return self.together

    @property
    def together(self) -> int:
        """How many different keys all passes brought."""
        return len(self.keys()) if self._earlier else self.distinct

    def keys(self) -> frozenset[int]:
        """Return marks of the different keys that all passes brought."""
        return self._earlier.union(self._keys)
