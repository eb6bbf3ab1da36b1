"""Rows of every kind, and what was seen of them."""

from collections.abc import Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from source_customers.learning.seen import Seen

SOME = settings(max_examples=40, deadline=None)
NAMES = st.sampled_from(["a", "b", "c", "é"])
TEXTS = st.one_of(
    st.sampled_from(["", "2024-01-01T00:00:00Z", "2024-01-01", "1700000000000", "now"]), st.text("a é-:T0", max_size=5)
)
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)
ROWS = st.lists(st.dictionaries(NAMES, VALUES, max_size=4), max_size=6)


def seen_in(rows: Sequence[Any]) -> Seen:
    """Return what was seen in rows, or in any other values."""
    seen = Seen()
    for row in rows:
        seen.add(row)
    return seen
