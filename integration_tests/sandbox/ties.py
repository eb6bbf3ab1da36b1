"""The order of rows that the order of a list leaves open: those with the same value."""

from collections.abc import Sequence
from random import Random
from typing import Literal

from integration_tests.sandbox.resource import Entry, Order

Equals = Literal["stable", "shuffled", "plan"]
"""``stable``: as they were added. ``shuffled``: anew for every request. ``plan``: by the last row asked for, as a
server has them that sorts no more than it needs (a top-N sort).
"""


def reordered(entries: Sequence[Entry], order: Order, seed: str) -> Sequence[Entry]:
    """The same order, with equals as the seed has them."""
    if order.sort_key is None:
        return entries
    mixed = list(entries)
    Random(seed).shuffle(mixed)
    return sorted(mixed, key=order.sort_key, reverse=order.descending)
