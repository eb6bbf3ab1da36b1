"""Rows in the order of change are looked up by their change time, and those are the rows that the filter keeps."""

from hypothesis import given
from hypothesis import strategies as st

from integration_tests.sandbox.resource import Changed, Entry, change_time

MOMENTS = st.integers(min_value=0, max_value=9)
BOUNDS = st.none() | st.integers(min_value=-1, max_value=10)


@given(st.lists(MOMENTS, max_size=12), BOUNDS, BOUNDS, st.booleans())
def test_looking_up_keeps_what_the_filter_keeps(
    moments: list[int], since: int | None, until: int | None, descending: bool
) -> None:
    entries = [Entry({"number": number}, frozenset(), moment) for number, moment in enumerate(moments)]
    entries.sort(key=change_time, reverse=descending)
    changed = Changed(since, until)

    assert changed.of_sorted(entries, descending=descending) == list(filter(changed, entries))
