"""A large account in which others work all the time: a sync ends, within a bound of requests, and with every row."""

from collections.abc import Iterator

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import Sandbox, serve


@pytest.fixture(scope="module")
def large_sandbox() -> Iterator[Sandbox]:
    with serve(Sandbox(customers=3500, seed=11)) as sandbox:
        yield sandbox


@pytest.fixture
def large(large_sandbox: Sandbox, time: Time) -> Sandbox:
    """A sandbox with 3,500 customers, on the tests' clock. Each answer takes half a second of it."""
    large_sandbox.reset()
    large_sandbox.clock = lambda: time.now().timestamp()
    for api in large_sandbox.providers.values():
        api.before_answer = lambda _request: time.sleep(0.5)
    return large_sandbox


@pytest.mark.parametrize("busy_every", [2, 5])
def test_caoloon_is_read_to_its_end(large: Sandbox, busy_every: int) -> None:
    there = set(listed(large, "caoloon"))
    large.caoloon.busy_every = busy_every

    outcome = read(large.config("caoloon", page_size=50))

    assert outcome.is_complete
    assert there & set(listed(large, "caoloon")) <= set(delivered(outcome, "caoloon"))
    # 70 pages, were nobody there.
    assert len(large.caoloon.requests) < 6 * 70


@pytest.mark.parametrize("busy_every", [5, 20])
def test_valomnia_is_read_to_its_end(large: Sandbox, busy_every: int) -> None:
    there = set(listed(large, "valomnia"))
    large.valomnia.busy_every = busy_every

    outcome = read(large.config("valomnia", page_size=50))

    assert outcome.is_complete
    assert there & set(listed(large, "valomnia")) <= set(delivered(outcome, "valomnia"))
    assert len(large.valomnia.requests.of(kind="list")) < 6 * 70


@pytest.mark.parametrize("busy_every", [10, 20])
def test_coredination_is_read_to_its_end(large: Sandbox, busy_every: int) -> None:
    there = set(listed(large, "coredination"))
    large.coredination.busy_every = busy_every

    outcome = read(large.config("coredination", page_size=50))

    assert outcome.is_complete
    assert there & set(listed(large, "coredination")) <= set(delivered(outcome, "coredination"))
    assert len(large.coredination.requests) < 6 * 70


@pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia"])
def test_what_was_changed_meanwhile_comes_by_this_or_the_next_sync(large: Sandbox, provider: str) -> None:
    api = large.providers[provider]
    api.busy_every = 10 if provider == "coredination" else 3
    first = read(large.config(provider, lookback_window="PT0S"))
    api.busy_every = None

    second = read(large.config(provider, lookback_window="PT0S"), first.last_state)

    assert first.is_complete
    assert second.is_complete
    both = delivered(first, provider) | delivered(second, provider)
    now = listed(large, provider)
    assert {key: both.get(key) for key in now} == now
    assert len(second.rows()) < 200
