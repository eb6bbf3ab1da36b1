"""MijnKlantportaal's rate limit, on a clock that the test moves."""

import pytest
import requests

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import ask


def at(sandbox: Sandbox, moment: float) -> requests.Response:
    sandbox.clock = lambda: moment
    return ask(sandbox, "mijnklantportaal")


def test_every_answer_tells_the_limit_and_what_is_left(sandbox: Sandbox) -> None:
    left = [at(sandbox, 1000.0).headers["X-RateLimit-Remaining"] for _ in range(3)]
    missing = ask(sandbox, "mijnklantportaal", path="/v1/customers/cst_none")
    refused = ask(sandbox, "mijnklantportaal", headers={"authorization": "Bearer wrong"})

    assert left == ["59", "58", "57"]
    assert (missing.headers["x-ratelimit-limit"], missing.headers["x-ratelimit-remaining"]) == ("60", "56")
    assert refused.headers["x-ratelimit-limit"] == "60"


def test_one_request_too_many_is_told_how_long_to_wait(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = 2
    assert [at(sandbox, moment).status_code for moment in (1000.0, 1010.5)] == [200, 200]

    refused = at(sandbox, 1020.25)

    assert refused.status_code == 429
    assert refused.json() == {"code": 429, "message": "Too many requests."}
    assert refused.headers["retry-after"] == "40"
    assert refused.headers["x-ratelimit-reset"] == "1060"
    assert refused.headers["x-ratelimit-remaining"] == "0"


def test_a_fixed_window_opens_again_a_minute_after_its_first_request(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = 2

    statuses = [at(sandbox, moment).status_code for moment in (1000, 1059, 1059.9, 1060, 1060, 1060)]

    assert statuses == [200, 200, 429, 200, 200, 429]


def test_a_sliding_window_admits_as_single_requests_grow_old(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit, sandbox.mijnklantportaal.rate_window = 2, "sliding"

    statuses = [at(sandbox, moment).status_code for moment in (1000, 1059, 1059.9, 1060, 1060, 1119)]

    assert statuses == [200, 200, 429, 200, 429, 200]


def test_refused_requests_do_not_count(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit, sandbox.mijnklantportaal.rate_window = 1, "sliding"

    assert [at(sandbox, moment).status_code for moment in (1000, 1030, 1061)] == [200, 429, 200]


def test_each_credential_has_its_own_count(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = 1
    assert [at(sandbox, 1000).status_code for _ in range(2)] == [200, 429]

    sandbox.mijnklantportaal.api_key = "another-key"

    assert at(sandbox, 1000).status_code == 200


@pytest.mark.parametrize("name", ["caoloon", "coredination", "valomnia"])
def test_the_others_have_no_limit(sandbox: Sandbox, name: str) -> None:
    assert "x-ratelimit-limit" not in ask(sandbox, name).headers


def test_the_limit_can_be_lifted(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = None

    answers = [at(sandbox, 1000.0) for _ in range(61)]

    assert {answer.status_code for answer in answers} == {200}
    assert "x-ratelimit-limit" not in answers[0].headers
