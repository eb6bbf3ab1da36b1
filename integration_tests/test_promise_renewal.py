"""A session, or a token, is renewed when it was refused: an outage in between uses no renewal up."""

from collections.abc import Callable

import pytest

from integration_tests.connector import configured_catalog, read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import RequestRecord, Sandbox


def from_request(number: int, act: Callable[[], None]) -> Callable[[RequestRecord], bool]:
    """Return the condition of an outage that begins with a request, and does something to the API."""
    seen = 0

    def is_out(_request: RequestRecord) -> bool:
        nonlocal seen
        seen += 1
        if seen == number:
            act()
        return seen >= number

    return is_out


@pytest.mark.parametrize("status", [301, 302, 401])
def test_a_session_that_ends_again_after_an_outage(sandbox: Sandbox, status: int) -> None:
    api = sandbox.valomnia
    api.expired_session_status = status

    # The second page: refused; then the servers are restarted, and have forgotten the new session.
    api.fault("status_401", on=2)
    api.fault("html_502", times=2, admitted=False, when=from_request(3, api.expire_sessions))

    outcome = read(sandbox.config("valomnia", concurrency=1))

    assert outcome.is_complete, outcome.stream_errors
    assert delivered(outcome, "valomnia") == listed(sandbox, "valomnia")
    logins = [request for request in api.requests.of(kind="login") if request.method == "POST"]
    assert len(logins) == 3


def test_an_outage_alone_needs_no_login(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("html_502", on=2, times=3, admitted=False)

    outcome = read(sandbox.config("valomnia", concurrency=1))

    assert outcome.is_complete
    assert len([request for request in sandbox.valomnia.requests if request.method == "POST"]) == 1


def test_a_new_session_that_is_refused_at_once_is_an_error(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("status_401", on=2, forever=True)

    outcome = read(sandbox.config("valomnia", concurrency=1))

    assert outcome.stream_errors[0][0] == "config_error"
    assert len([request for request in sandbox.valomnia.requests if request.method == "POST"]) == 2


def test_a_session_that_lasts_for_a_few_requests_is_renewed_again_and_again(sandbox: Sandbox) -> None:
    sandbox.valomnia.session_requests = 4

    outcome = read(sandbox.config("valomnia", page_size=10, concurrency=1))

    assert outcome.is_complete, outcome.stream_errors
    assert delivered(outcome, "valomnia") == listed(sandbox, "valomnia")


def test_a_token_that_is_revoked_again_after_an_outage(sandbox: Sandbox) -> None:
    api = sandbox.mijnklantportaal

    api.fault("status_401", on=3)
    api.fault("html_502", times=1, admitted=False, when=from_request(4, api.revoke_access_tokens))

    outcome = read(
        sandbox.config("mijnklantportaal", oauth=True, concurrency=1),
        catalog=configured_catalog(sync_mode="full_refresh"),
    )

    assert outcome.is_complete, outcome.stream_errors
    assert len(api.requests.of(kind="token")) == 3
