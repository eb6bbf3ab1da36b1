"""Whatever changes, and however the servers misbehave, a sync that ends COMPLETE has left out no row.

`python -m unit_tests.model --sequences 10000` plays the same at length.
"""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit_tests.model.case import RATES, cases, draw, moderate_cases
from unit_tests.model.play import COMPLETE, KILLED, play
from unit_tests.model.shapes import SHAPES


@pytest.mark.parametrize("provider", SHAPES)
@settings(max_examples=60, deadline=None, derandomize=True)  # at random, and at length: unit_tests.model
@given(data=st.data())
def test_no_row_is_lost(provider: str, data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 2**32), label="seed")
    play(draw(provider, lambda options: data.draw(st.sampled_from(options)), seed))


@pytest.mark.parametrize("provider", SHAPES)
def test_a_list_in_which_little_changes_is_nearly_always_read(provider: str) -> None:
    endings: Counter[str] = Counter()
    for case in moderate_cases(provider, 60):
        endings.update(play(case).endings)
    read_to_the_end = endings.total() - endings[KILLED]
    assert endings[COMPLETE] >= 0.9 * read_to_the_end, endings


@pytest.mark.parametrize("provider", SHAPES)
def test_our_own_clock_decides_nothing(provider: str) -> None:
    for case in cases(provider, range(1000, 1030), RATES[:3]):
        assert play(replace(case, skew=-3600.0)) == play(replace(case, skew=3600.0))
