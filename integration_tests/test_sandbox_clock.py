"""The clocks of the APIs, which the header ``Date`` tells."""

import pytest
import requests

from integration_tests.sandbox import FAULTS, Sandbox
from integration_tests.sandbox.client import LISTS, TIMEOUT, ask, log_in

NOON = 1_780_315_200.75


@pytest.fixture
def noon(sandbox: Sandbox) -> None:
    sandbox.clock = lambda: NOON


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("name", LISTS)
def test_every_answer_tells_the_time_of_the_sandbox(sandbox: Sandbox, name: str) -> None:
    right = ask(sandbox, name)
    refused = ask(sandbox, name, headers={"authorization": "", "api-key": "", "cookie": ""})
    unknown = requests.get(f"{sandbox.url}/unknown", timeout=TIMEOUT)
    control = requests.get(f"{sandbox.url}/_sandbox/configs", timeout=TIMEOUT)

    assert {answer.headers["date"] for answer in (right, refused, unknown, control)} == {
        "Mon, 01 Jun 2026 12:00:00 GMT"
    }


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(
    ("skew", "date"), [(3600, "Mon, 01 Jun 2026 13:00:00 GMT"), (-90, "Mon, 01 Jun 2026 11:58:30 GMT")]
)
def test_a_wrong_clock_is_wrong_in_all(sandbox: Sandbox, skew: float, date: str) -> None:
    sandbox.valomnia.clock_skew = skew
    sandbox.valomnia.touch(300)
    [added] = sandbox.valomnia.insert()

    answer = ask(sandbox, "valomnia", "sort=lastUpdated&order=desc&max=2")

    assert answer.headers["date"] == date
    assert {row["id"] for row in answer.json()["data"]} == {300, added}
    assert {sandbox.valomnia.changed_at(key).timestamp() for key in (300, added)} == {int(NOON + skew)}
    assert sandbox.requests[-1].received_at == NOON + skew
    assert log_in(sandbox).headers["date"] == date
    assert ask(sandbox, "caoloon").headers["date"] == "Mon, 01 Jun 2026 12:00:00 GMT"


def test_tokens_live_by_the_clock_of_their_api(sandbox: Sandbox) -> None:
    api = sandbox.mijnklantportaal
    asked = {"grant_type": "refresh_token", "client_id": api.client_id, "client_secret": api.client_secret}
    token = requests.post(
        f"{sandbox.url}/oauth/tokens", json={**asked, "refresh_token": api.refresh_token}, timeout=TIMEOUT
    ).json()["access_token"]

    api.clock_skew = 3601

    assert ask(sandbox, "mijnklantportaal", headers={"authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("name", LISTS)
def test_an_answer_can_come_without_a_date(sandbox: Sandbox, name: str) -> None:
    sandbox.providers[name].date_header = False

    assert "date" not in ask(sandbox, name).headers


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"connection_reset", "cut_body", "slow"}))
def test_wrong_answers_tell_the_time_too(sandbox: Sandbox, fault: str) -> None:
    name = FAULTS[fault].providers[-1]
    sandbox.providers[name].fault(fault)

    assert ask(sandbox, name).headers["date"] == "Mon, 01 Jun 2026 12:00:00 GMT"
