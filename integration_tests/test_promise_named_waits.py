"""A wait that the server names is kept, whichever it is; no wait at all is no storm."""

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import Sandbox

PROVIDERS = pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia"])
SECONDS = pytest.mark.parametrize("seconds", [60, 120, 170, 171, 600])


@SECONDS
@pytest.mark.parametrize("kind", ["status_429", "status_503_retry_after"])
def test_an_outage_of_half_an_hour_is_waited_for(sandbox: Sandbox, time: Time, kind: str, seconds: int) -> None:
    outages = 1800 // seconds
    sandbox.caoloon.fault(kind, on=2, times=outages, seconds=seconds)

    outcome = read(sandbox.config("caoloon", concurrency=1))

    assert outcome.is_complete, outcome.stream_errors
    assert delivered(outcome, "caoloon") == listed(sandbox, "caoloon")
    assert len(time.slept) == outages
    assert all(seconds <= wait <= seconds + 31 for wait in time.slept)


@SECONDS
def test_an_outage_without_end_is_given_up_after_an_hour(sandbox: Sandbox, time: Time, seconds: int) -> None:
    sandbox.caoloon.fault("status_503_retry_after", forever=True, seconds=seconds)

    outcome = read(sandbox.config("caoloon", concurrency=1))

    assert outcome.stream_errors[0][0] == "transient_error"
    assert 3600 - seconds <= sum(time.slept) <= 3600 + 170
    assert len(sandbox.caoloon.requests) <= 3600 / seconds + 11


@PROVIDERS
@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_wait_of_nothing_is_no_storm(sandbox: Sandbox, time: Time, provider: str, concurrency: int) -> None:
    sandbox.providers[provider].fault("status_503_retry_after", on=2, forever=True, seconds=0)

    outcome = read(sandbox.config(provider, concurrency=concurrency, page_size=20))

    assert outcome.stream_errors[0][0] == "transient_error"
    # One request for each worker at once, and then after 1, 2, 4, 8, 16, 30, 30, 30 and 30 seconds.
    assert len(sandbox.providers[provider].requests.of(kind="list")) <= 1 + 11 * concurrency
    assert sum(time.slept) <= concurrency * 180


def test_the_wait_of_a_login_is_kept_as_well(sandbox: Sandbox, time: Time) -> None:
    sandbox.valomnia.fault("status_429", endpoint="login", times=5, seconds=120)

    outcome = read(sandbox.config("valomnia"))

    assert outcome.is_complete, outcome.stream_errors
    assert [120 <= wait <= 121 for wait in time.slept] == [True] * 5
    assert len(sandbox.valomnia.requests.of(kind="login")) == 6
