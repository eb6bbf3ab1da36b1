"""Every fault on the customers of every API: all rows, or an error of the right type that a healthy sync makes good."""

from typing import Any

import pytest

from integration_tests.connector import Outcome, configured_catalog, read, secrets_of, written_forms
from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.faults.registry import FAULTS

KEYS = {"caoloon": "guid", "coredination": "id", "mijnklantportaal": "id", "valomnia": "id"}

# What the user has to mend; everything else passes, or is said to be worth another try.
MENDED_BY_THE_USER = {"status_401", "status_403", "status_404", "redirect_other_host"}
NAMED_BY_THE_MANIFEST = {("caoloon", "status_406"), ("coredination", "status_400"), ("valomnia", "status_400")}
OURS = {"status_400", "status_406"}
# Answers that differ from others but are true: the rows can be had.
HARMLESS = {"slow", "page_capped"}
# A total shows that rows are missing, and the parts that fit one page are whole.
HARMLESS_IN_PARTS = {("caoloon", "repeated_page"), ("valomnia", "repeated_page")}
# Without a total, a server that leaves out the last row of every page hides the last row of the list from everybody.
UNKNOWABLE = ("coredination", "short_page", True)
CASES = [
    pytest.param(provider, name, lasting, id=f"{provider}-{name}-{'lasting' if lasting else 'once'}")
    for name, fault in FAULTS.items()
    for provider in fault.providers
    for lasting in (False, True)
    if (provider, name, lasting) != UNKNOWABLE
]


def expected_once(provider: str, fault: str) -> str:
    """The verdict when the second request meets the fault, and no other."""
    if provider == "valomnia" and fault in {"status_401", "redirect_other_host"}:
        return "complete"  # the session is renewed once
    return _refusal(provider, fault) or "complete"


def expected_lasting(provider: str, fault: str) -> str:
    """The verdict when every request from the second on meets the fault."""
    if fault in HARMLESS or (provider, fault) in HARMLESS_IN_PARTS:
        return "complete"
    if fault in {"session_expired", "redirect_same_origin"}:
        return "config_error"
    return _refusal(provider, fault) or "transient_error"


def _refusal(provider: str, fault: str) -> str | None:
    if fault in MENDED_BY_THE_USER or (provider, fault) in NAMED_BY_THE_MANIFEST:
        return "config_error"
    return "system_error" if fault in OURS else None


def assert_nothing_leaks(outcome: Outcome, config: dict[str, Any]) -> None:
    """No credential stands anywhere, and no customer's data outside the records."""
    others = "\n".join(line for line in outcome.output.splitlines() if not line.startswith('{"type":"RECORD"'))
    names = [row.get("companyName") or row.get("name") or "" for row in outcome.rows()]
    assert not [name for name in names if len(name) > 3 and name in others]
    assert not [secret for secret in written_forms(secrets_of(config)) if secret in outcome.output]


@pytest.mark.parametrize(("provider", "fault", "lasting"), CASES)
def test_all_rows_or_an_error(sandbox: Sandbox, provider: str, fault: str, lasting: bool) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    api = sandbox.providers[provider]
    listed = {"archived": "false"} if provider == "caoloon" else {"inactive": ""} if provider == "coredination" else {}
    everyone = set(api.listed(**listed))
    catalog = configured_catalog(sync_mode="full_refresh" if provider == "mijnklantportaal" else "incremental")
    options = {"seconds": 0.01} if fault == "slow" else {}
    api.fault(fault, on=2, **({"forever": True} if lasting else {"times": 1}), **options)

    # One at a time where ten minutes of the tests' clock pass at once, also for requests that are in flight then, and
    # where a refusal could hit a page that was fetched ahead in vain.
    expected = (expected_lasting if lasting else expected_once)(provider, fault)
    alone = fault == "status_429_absurd" or (not lasting and expected != "complete")
    config = sandbox.config(provider, **({"concurrency": 1} if alone else {}))  # type: ignore[arg-type]
    outcome = read(config, catalog=catalog)

    delivered = {row[KEYS[provider]] for row in outcome.rows()}
    assert_nothing_leaks(outcome, sandbox.config(provider))
    verdict = "complete" if outcome.is_complete else outcome.stream_errors[0][0]
    assert verdict == expected
    if verdict == "complete":
        assert delivered == everyone
        return
    assert outcome.exit_code == 1
    assert outcome.statuses[-1] == "INCOMPLETE"
    [(_, message)] = outcome.stream_errors
    assert message.startswith("Stream customers")
    api.clear_faults()
    healed = read(sandbox.config(provider), outcome.last_state or None, catalog)
    assert healed.is_complete
    assert delivered | {row[KEYS[provider]] for row in healed.rows()} == everyone
