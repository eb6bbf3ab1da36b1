"""Somebody waits for a check: it answers within a minute, whatever the API does."""

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import check
from integration_tests.sandbox import FAULTS, Sandbox

CASES = [
    pytest.param(provider, name, endpoint, id=f"{provider}-{endpoint}-{name}")
    for name, fault in FAULTS.items()
    for provider in fault.providers
    for endpoint in ("list", *{"valomnia": ["login"], "mijnklantportaal": ["token"]}.get(provider, []))
    if name != "slow" and (endpoint == "list" or fault.anywhere)
]


@pytest.mark.parametrize(("provider", "fault", "endpoint"), CASES)
def test_a_lasting_fault(sandbox: Sandbox, time: Time, provider: str, fault: str, endpoint: str) -> None:
    api = sandbox.providers[provider]
    api.fault(fault, forever=True, endpoint=endpoint)

    outcome = check(sandbox.config(provider, oauth=endpoint == "token", concurrency=8))

    assert outcome.status[0] in {"SUCCEEDED", "FAILED"}
    assert sum(time.slept) < 50
    assert len(api.requests) < 40
