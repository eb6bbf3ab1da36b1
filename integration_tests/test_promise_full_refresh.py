"""The sync mode decides how much is read, never the presence of a state."""

import pytest

from integration_tests.connector import configured_catalog, read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import Sandbox

PROVIDERS = pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia"])
LOWER_BOUNDS = {"caoloon": "updatedFrom", "coredination": "modified", "valomnia": "lastUpdated_gte"}


@PROVIDERS
def test_a_full_refresh_with_a_state_reads_everything(sandbox: Sandbox, provider: str) -> None:
    state = read(sandbox.config(provider)).last_state
    sandbox.clear_requests()

    outcome = read(sandbox.config(provider), state, configured_catalog(sync_mode="full_refresh"))

    assert outcome.is_complete
    assert delivered(outcome, provider) == listed(sandbox, provider)
    assert sandbox.providers[provider].requests.of(kind="list")[0].value(LOWER_BOUNDS[provider]) is None


@PROVIDERS
def test_a_full_refresh_with_a_start_date_reads_from_there(sandbox: Sandbox, provider: str) -> None:
    config = sandbox.config(provider, start_date="2025-01-01T00:00:00Z")
    whole = delivered(read(config), provider)

    outcome = read(config, read(config).last_state, configured_catalog(sync_mode="full_refresh"))

    assert 0 < len(whole) < len(listed(sandbox, provider))
    assert delivered(outcome, provider) == whole


def test_a_full_refresh_does_not_go_on_in_the_middle(sandbox: Sandbox) -> None:
    first = read(sandbox.config("valomnia", page_size=5))
    partial = next(state for state in first.of_type("STATE") if "partial" in state["stream"]["stream_state"])

    outcome = read(sandbox.config("valomnia"), [partial], configured_catalog(sync_mode="full_refresh"))

    assert delivered(outcome, "valomnia") == listed(sandbox, "valomnia")
