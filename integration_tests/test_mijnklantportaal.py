"""MijnKlantportaal: numbered pages without a total, a rate limit kept by pacing, keys and OAuth apps."""

import json

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import check, configured_catalog, discover, read
from integration_tests.sandbox import RequestRecord, Sandbox
from integration_tests.sandbox.answers import Answer, as_json

FULL_REFRESH = configured_catalog(sync_mode="full_refresh")


@pytest.fixture(autouse=True)
def _unlimited(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = None


def pages_asked(sandbox: Sandbox) -> list[str]:
    return [dict(request.query)["page"] for request in sandbox.requests.of("mijnklantportaal", kind="list")]


def test_reads_every_page_by_its_number(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("mijnklantportaal", concurrency=1), catalog=FULL_REFRESH)

    assert outcome.is_complete
    assert sorted(row["id"] for row in outcome.rows()) == sorted(map(str, sandbox.mijnklantportaal.rows))
    # 250 customers, 15 a page; the last page says by its null link that it is the last.
    assert pages_asked(sandbox) == [str(number) for number in range(1, 18)]
    assert all(request.query == [("page", dict(request.query)["page"])] for request in sandbox.requests)


@pytest.mark.parametrize("newer", [False, True])
def test_the_rows_are_those_of_the_api(sandbox: Sandbox, newer: bool) -> None:
    sandbox.mijnklantportaal.country_code = newer

    rows = read(sandbox.config("mijnklantportaal"), catalog=FULL_REFRESH).rows()

    assert {row["id"]: row for row in rows} == sandbox.mijnklantportaal.listed()


def test_is_full_refresh_only_because_nothing_tells_a_change(sandbox: Sandbox) -> None:
    [catalog] = discover(sandbox.config("mijnklantportaal")).of_type("CATALOG")

    incremental = [each["name"] for each in catalog["streams"] if each["supported_sync_modes"] != ["full_refresh"]]
    # Appointments are read by the day they start on; `full_reads` tells of the others.
    assert incremental == ["appointments", "full_reads"]


def test_an_incremental_read_is_a_full_one_and_says_so(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("mijnklantportaal"), catalog=configured_catalog())

    assert outcome.is_complete
    assert {row["id"]: row for row in outcome.rows()} == sandbox.mijnklantportaal.listed()
    assert "Stream customers cannot be read incrementally: all of it is read." in outcome.logs


def test_paces_itself_within_the_documented_rate(sandbox: Sandbox, time: Time) -> None:
    sandbox.clock = lambda: time.now().timestamp()
    sandbox.mijnklantportaal.rate_limit = 10

    outcome = read(sandbox.config("mijnklantportaal", requests_per_minute=10), catalog=FULL_REFRESH)

    assert outcome.is_complete
    assert {request.status for request in sandbox.requests} == {200}
    received = [request.received_at for request in sandbox.requests]
    assert all(later - earlier >= 59 for earlier, later in zip(received, received[10:], strict=False))


def test_counts_what_others_have_used_of_the_rate(sandbox: Sandbox, time: Time) -> None:
    sandbox.clock = lambda: time.now().timestamp()
    sandbox.mijnklantportaal.rate_limit = 10
    for _ in range(3):
        check(sandbox.config("mijnklantportaal", requests_per_minute=10))

    outcome = read(sandbox.config("mijnklantportaal", requests_per_minute=10), catalog=FULL_REFRESH)

    assert outcome.is_complete
    assert {request.status for request in sandbox.requests} == {200}


def test_sends_the_key_as_a_bearer_token(sandbox: Sandbox) -> None:
    outcome = check(sandbox.config("mijnklantportaal"))

    assert outcome.status == ("SUCCEEDED", None)
    [request] = sandbox.requests
    key = sandbox.config("mijnklantportaal")["provider"]["credentials"]["api_key"]
    assert request.headers["authorization"] == f"Bearer {key}"


def test_fetches_an_access_token_with_the_refresh_token(sandbox: Sandbox) -> None:
    config = sandbox.config("mijnklantportaal", oauth=True)

    outcome = read(config, catalog=FULL_REFRESH)

    assert outcome.is_complete
    [token_request] = [request for request in sandbox.requests if request.path == "/oauth/tokens"]
    credentials = {key: value for key, value in config["provider"]["credentials"].items() if key != "auth_type"}
    assert json.loads(token_request.body) == {"grant_type": "refresh_token", **credentials}


def test_refreshes_the_token_again_when_it_runs_out_during_a_sync(sandbox: Sandbox) -> None:
    def revoke(request: object) -> None:  # noqa: ARG001  # a hook gets the request
        if len(sandbox.requests.of("mijnklantportaal", kind="list")) == 3:
            sandbox.mijnklantportaal.revoke_access_tokens()

    sandbox.mijnklantportaal.before_answer = revoke

    outcome = read(sandbox.config("mijnklantportaal", oauth=True, concurrency=1), catalog=FULL_REFRESH)

    assert outcome.is_complete
    assert len(outcome.rows()) == 250
    assert len([request for request in sandbox.requests if request.path == "/oauth/tokens"]) == 2


@pytest.mark.parametrize("field", ["client_id", "client_secret", "refresh_token"])
def test_refused_oauth_credentials_are_named(sandbox: Sandbox, field: str) -> None:
    config = sandbox.config("mijnklantportaal", oauth=True)
    config["provider"]["credentials"][field] = "wrong-value"

    outcome = check(config)

    status, message = outcome.status
    assert status == "FAILED"
    assert f"credentials.{field}" in str(message)
    assert "wrong-value" not in outcome.output


def test_a_refused_key_is_named(sandbox: Sandbox) -> None:
    config = sandbox.config("mijnklantportaal", credentials={"auth_type": "api_key", "api_key": "wrong-key"})

    assert check(config).status == (
        "FAILED",
        "Stream customers: The credentials were refused. Check `credentials`.",
    )
    assert len(sandbox.requests) == 1


def test_a_page_that_is_empty_by_mistake_is_not_the_end(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    api = sandbox.mijnklantportaal
    emptied: list[RequestRecord] = []
    finish = api.finish

    def empty_once(answer: Answer, request: RequestRecord) -> Answer:
        if request.kind != "list" or request.value("page") != "2" or emptied:
            return finish(answer, request)
        emptied.append(request)
        document = json.loads(answer.body)
        return as_json({**document, "data": [], "from": None, "to": None, "next_page_url": None})

    monkeypatch.setattr(api, "finish", empty_once)
    outcome = read(sandbox.config("mijnklantportaal"), catalog=FULL_REFRESH)

    assert emptied
    assert outcome.is_complete
    assert {row["id"] for row in outcome.rows()} == api.listed().keys()


def test_an_empty_portal_is_complete(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.delete(*sandbox.mijnklantportaal.rows)

    outcome = read(sandbox.config("mijnklantportaal"), catalog=FULL_REFRESH)

    assert outcome.is_complete
    assert outcome.rows() == []
