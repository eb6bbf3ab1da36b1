"""A refresh token that the provider rotates: used from then on, told to the platform, and kept secret."""

import json
import logging

import pytest

from integration_tests.connector import Json, Outcome, check, configured_catalog, discover, read, written_forms
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import RequestRecord, Sandbox

FULL = configured_catalog(sync_mode="full_refresh")


@pytest.fixture
def rotating(sandbox: Sandbox) -> Sandbox:
    sandbox.mijnklantportaal.rotate_refresh_token = True
    return sandbox


def sent(sandbox: Sandbox) -> list[str]:
    """Return the refresh tokens that were sent, in order."""
    return [json.loads(request.body)["refresh_token"] for request in sandbox.mijnklantportaal.requests.of(kind="token")]


def configs(outcome: Outcome) -> list[Json]:
    """Return the config of each CONTROL message."""
    return [control["connectorConfig"]["config"] for control in outcome.of_type("CONTROL")]


def with_token(config: Json, token: str) -> Json:
    provider = config["provider"]
    return {"provider": {**provider, "credentials": {**provider["credentials"], "refresh_token": token}}}


def assert_secret(outcome: Outcome, tokens: list[str]) -> None:
    others = [line for line in outcome.output.splitlines() if json.loads(line)["type"] != "CONTROL"]
    assert not [form for form in written_forms(tokens) if form in "\n".join(others)]


def revoke_at(sandbox: Sandbox, *pages: str) -> None:
    api, left = sandbox.mijnklantportaal, set(pages)

    def before_answer(request: RequestRecord) -> None:
        if request.value("page") in left:
            left.discard(str(request.value("page")))
            api.revoke_access_tokens()

    api.before_answer = before_answer


@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_new_one_is_used_and_the_whole_config_is_told(rotating: Sandbox, concurrency: int) -> None:
    revoke_at(rotating, "3", "9")
    config = rotating.config("mijnklantportaal", oauth=True, concurrency=concurrency)
    first = config["provider"]["credentials"]["refresh_token"]

    outcome = read(config, catalog=FULL)

    assert outcome.is_complete, outcome.stream_errors
    assert delivered(outcome, "mijnklantportaal") == listed(rotating, "mijnklantportaal")
    assert len(sent(rotating)) == 3
    told = configs(outcome)
    # Each token is used once, and told.
    last = rotating.mijnklantportaal.refresh_token
    expected = [*sent(rotating)[1:], last]
    assert sent(rotating)[0] == first
    assert told == [with_token(config, token) for token in expected]
    assert_secret(outcome, expected)


def test_the_next_sync_goes_on_with_it(rotating: Sandbox) -> None:
    config = rotating.config("mijnklantportaal", oauth=True)
    first = read(config, catalog=FULL)

    assert not read(config, catalog=FULL).is_complete
    assert read(configs(first)[-1], catalog=FULL).is_complete


def test_it_is_told_before_the_rows_after_it(rotating: Sandbox) -> None:
    outcome = read(rotating.config("mijnklantportaal", oauth=True, concurrency=1), catalog=FULL)

    kinds = [message["type"] for message in outcome.messages]
    # Killed after the first page, a sync has lost no token.
    assert kinds.index("CONTROL") <= kinds.index("RECORD") + 15


@pytest.mark.parametrize("fault", ["status_403", "html_200"])
def test_it_is_told_by_a_sync_that_fails(rotating: Sandbox, fault: str) -> None:
    rotating.mijnklantportaal.fault(fault, forever=True)
    config = rotating.config("mijnklantportaal", oauth=True)

    outcome = read(config, catalog=FULL)

    assert outcome.exit_code == 1
    assert configs(outcome) == [with_token(config, rotating.mijnklantportaal.refresh_token)]
    assert_secret(outcome, [rotating.mijnklantportaal.refresh_token])


@pytest.mark.parametrize("fault", [None, "status_403"])
def test_it_is_told_by_a_check(rotating: Sandbox, fault: str | None) -> None:
    if fault:
        rotating.mijnklantportaal.fault(fault, forever=True)
    config = rotating.config("mijnklantportaal", oauth=True)

    outcome = check(config)

    assert outcome.status[0] == ("FAILED" if fault else "SUCCEEDED")
    assert configs(outcome) == [with_token(config, rotating.mijnklantportaal.refresh_token)]
    assert_secret(outcome, [rotating.mijnklantportaal.refresh_token])


@pytest.mark.parametrize("fault", [None, "status_401"])
def test_it_is_told_by_a_discover(rotating: Sandbox, fault: str | None) -> None:
    if fault:
        rotating.mijnklantportaal.fault(fault, forever=True)
    config = rotating.config("mijnklantportaal", oauth=True)

    outcome = discover(config)

    assert outcome.exit_code == int(bool(fault))
    assert configs(outcome)[-1] == with_token(config, rotating.mijnklantportaal.refresh_token)


def test_a_log_that_quotes_it_does_not_show_it(rotating: Sandbox) -> None:
    def before_answer(_request: RequestRecord) -> None:
        logging.getLogger("airbyte").warning("quoted: %s", rotating.mijnklantportaal.refresh_token)

    rotating.mijnklantportaal.before_answer = before_answer

    outcome = read(rotating.config("mijnklantportaal", oauth=True), catalog=FULL)

    quoted = [log for log in outcome.logs if log.startswith("quoted: ")]
    assert quoted
    # The sandbox's new token is made of the old one and the access token.
    assert not [log for log in quoted if "token" in log]
    assert_secret(outcome, [rotating.mijnklantportaal.refresh_token])


@pytest.mark.parametrize("damage", ["access_token", "expires_in"])
def test_it_is_kept_even_if_the_rest_of_the_answer_is_of_no_use(rotating: Sandbox, damage: str) -> None:
    rotating.mijnklantportaal.grant_without = [damage]
    config = rotating.config("mijnklantportaal", oauth=True)

    outcome = read(config, catalog=FULL)

    assert outcome.is_complete == (damage == "expires_in")
    assert configs(outcome)[-1] == with_token(config, rotating.mijnklantportaal.refresh_token)
    assert len(set(sent(rotating))) == len(sent(rotating))


def test_nothing_is_told_where_nothing_is_rotated(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("mijnklantportaal", oauth=True), catalog=FULL)

    assert outcome.is_complete
    assert configs(outcome) == []
