"""However many keys there are, each is counted once."""

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_customers.reading import census as module
from source_customers.reading.census import Census

keys = st.lists(st.one_of(st.integers(-5, 40), st.text("ab", max_size=3), st.integers()), max_size=60)


def census_of(*given_keys: object, earlier: Census | None = None) -> Census:
    census = Census(earlier)
    census.add(given_keys)
    return census


@given(brought=keys, at_once=st.integers(0, 70))
def test_counts_different_keys_whether_at_once_or_in_shares(brought: list[object], at_once: int) -> None:
    with mock.patch.object(module, "_COUNTED_AT_ONCE", at_once):
        census = census_of(*brought)
        # A text and a number may share a hash only by a chance that no run of this test meets.
        assert census.distinct == len({hash(key) for key in brought})
        assert len(census) == len(brought)


def test_counts_more_keys_than_fit_at_once() -> None:
    census = census_of(*range(150_000), *range(1000))
    assert census.distinct == 150_000
    assert len(census) == 151_000


@given(first=keys, second=keys)
def test_passes_over_a_list_of_the_same_length_count_together(first: list[object], second: list[object]) -> None:
    before = census_of(*first)
    before.counted(7)
    assert census_of(*second, earlier=before).counted(7) == len({hash(key) for key in [*first, *second]})


@pytest.mark.parametrize("total", [6, 8, None])
def test_a_pass_over_a_list_of_another_length_counts_alone(total: int | None) -> None:
    before = census_of(1, 2, 3)
    before.counted(7)
    assert census_of(3, 4, earlier=before).counted(total) == 2


def test_three_passes_count_together() -> None:
    census: Census | None = None
    for brought in ((1, 2), (2, 3), (3, 4)):
        census = census_of(*brought, earlier=census)
        counted = census.counted(4)
    assert counted == 4


def test_a_pass_that_begins_again_forgets_its_own_keys_alone() -> None:
    before = census_of(1, 2)
    before.counted(3)
    census = census_of(5, 6, earlier=before)
    census.clear()
    census.add([3])
    assert len(census) == 1
    assert census.counted(3) == 3
