"""The documented rate: never more requests than allowed, whatever they are for."""

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import configured_catalog, read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import RequestRecord, Requests, Sandbox
from source_customers import provider
from source_customers.connection.attempts import Patience
from source_customers.connection.connection import Connection

LIMIT = 6


def most_in_a_minute(requests: Requests) -> int:
    """Return how many requests were received in the busiest minute."""
    received = sorted(request.received_at for request in requests)
    return max(sum(begin <= each < begin + 60 for each in received) for begin in received)


@pytest.fixture
def paced(sandbox: Sandbox, time: Time, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox on the tests' clock whose rate nobody but the connector keeps.

    Several minutes of that clock may pass at once, also for requests that are in flight: they are not given up.
    """
    monkeypatch.setattr(
        provider, "Connection", lambda settings, config, _patience: Connection(settings, config, Patience(failing=1e6))
    )
    sandbox.clock = lambda: time.now().timestamp()
    sandbox.mijnklantportaal.rate_limit = None
    return sandbox


def assert_paced(sandbox: Sandbox, **fields: object) -> Requests:
    oauth = bool(fields.pop("oauth", False))
    config = sandbox.config("mijnklantportaal", oauth=oauth, **{**fields, "requests_per_minute": LIMIT})

    outcome = read(config, catalog=configured_catalog(sync_mode="full_refresh"))

    assert outcome.is_complete, outcome.stream_errors
    assert delivered(outcome, "mijnklantportaal") == listed(sandbox, "mijnklantportaal")
    requests = sandbox.mijnklantportaal.requests
    assert most_in_a_minute(requests) <= LIMIT
    return requests


@pytest.mark.parametrize("concurrency", [1, 4])
def test_lists_count(paced: Sandbox, concurrency: int) -> None:
    assert len(assert_paced(paced, concurrency=concurrency)) >= 17


@pytest.mark.parametrize("concurrency", [1, 4])
def test_token_requests_count(paced: Sandbox, concurrency: int) -> None:
    left = {"4", "15"}

    def before_answer(request: RequestRecord) -> None:
        if request.value("page") in left:
            left.discard(str(request.value("page")))
            paced.mijnklantportaal.revoke_access_tokens()

    paced.mijnklantportaal.before_answer = before_answer

    requests = assert_paced(paced, concurrency=concurrency, oauth=True)

    assert len(requests.of(kind="token")) >= 3


@pytest.mark.parametrize("concurrency", [1, 4])
def test_requests_that_fail_count(paced: Sandbox, concurrency: int) -> None:
    paced.mijnklantportaal.fault("connection_reset", on=2)
    paced.mijnklantportaal.fault("status_503", on=4, times=3)

    assert_paced(paced, concurrency=concurrency)


def test_redirects_count(paced: Sandbox) -> None:
    paced.mijnklantportaal.fault("redirect_same_origin", on=2, times=1)
    paced.mijnklantportaal.fault("redirect_same_origin", on=7, times=1)

    requests = assert_paced(paced, concurrency=1)

    assert [request.status for request in requests].count(302) + [r.status for r in requests].count(301) == 2


@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_api_never_has_to_refuse(paced: Sandbox, concurrency: int) -> None:
    paced.mijnklantportaal.rate_limit = LIMIT
    paced.mijnklantportaal.rate_window = "sliding"
    config = paced.config("mijnklantportaal", concurrency=concurrency, requests_per_minute=LIMIT)

    outcome = read(config, catalog=configured_catalog(sync_mode="full_refresh"))

    assert outcome.is_complete
    assert 429 not in [request.status for request in paced.mijnklantportaal.requests]
