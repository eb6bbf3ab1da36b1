"""MijnKlantportaal: bearer tokens, the refresh grant, details."""

from typing import Any

import pytest
import requests

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import TIMEOUT, ask


def refresh(sandbox: Sandbox, **fields: Any) -> requests.Response:
    provider = sandbox.mijnklantportaal
    body = {
        "grant_type": "refresh_token",
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "refresh_token": provider.refresh_token,
        **fields,
    }
    return requests.post(f"{sandbox.url}/oauth/tokens", json=body, timeout=TIMEOUT)


def status_with(sandbox: Sandbox, header: str) -> int:
    return ask(sandbox, "mijnklantportaal", headers={"authorization": header}).status_code


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Token key-1", "key-1", "bearer key-1"])
def test_a_wrong_api_key_is_refused(sandbox: Sandbox, header: str) -> None:
    sandbox.mijnklantportaal.api_key = "key-1"

    answer = ask(sandbox, "mijnklantportaal", headers={"authorization": header})

    assert (answer.status_code, answer.json()["code"]) == (401, 401)
    assert status_with(sandbox, "Bearer key-1") == 200


def test_the_header_of_the_authentication_page_does_not_count(sandbox: Sandbox) -> None:
    key = sandbox.mijnklantportaal.api_key

    answer = ask(sandbox, "mijnklantportaal", headers={"authorization": "", "authentication": f"Bearer {key}"})

    assert answer.status_code == 401


def test_a_refresh_token_gives_an_access_token_and_no_new_refresh_token(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.expires_in = 900

    granted = refresh(sandbox).json()

    assert set(granted) == {"access_token", "expires_in"}
    assert granted["expires_in"] == 900
    assert status_with(sandbox, f"Bearer {granted['access_token']}") == 200
    assert refresh(sandbox).json()["access_token"] != granted["access_token"]


def test_access_tokens_expire(sandbox: Sandbox) -> None:
    sandbox.clock = lambda: 1000.0
    token = refresh(sandbox).json()["access_token"]

    sandbox.clock = lambda: 4599.0
    assert status_with(sandbox, f"Bearer {token}") == 200
    sandbox.clock = lambda: 4600.0
    assert status_with(sandbox, f"Bearer {token}") == 401


def test_access_tokens_can_be_revoked(sandbox: Sandbox) -> None:
    token = refresh(sandbox).json()["access_token"]

    sandbox.mijnklantportaal.revoke_access_tokens()

    assert status_with(sandbox, f"Bearer {token}") == 401
    assert status_with(sandbox, f"Bearer {sandbox.mijnklantportaal.api_key}") == 200


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"refresh_token": "wrong"}, 400, "invalid_grant"),
        ({"refresh_token": None}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 400, "invalid_grant"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_wrong_grant_is_refused(sandbox: Sandbox, fields: dict[str, Any], status: int, error: str) -> None:
    answer = refresh(sandbox, **fields)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


@pytest.mark.parametrize("body", ["", "grant_type=refresh_token", "[]"])
def test_a_grant_that_is_no_json_object_is_refused(sandbox: Sandbox, body: str) -> None:
    answer = requests.post(f"{sandbox.url}/oauth/tokens", data=body, timeout=TIMEOUT)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("fields", "without"),
    [
        ({"expires_in": 1e300}, []),
        ({"expires_in": -5}, []),
        ({"expires_in": "an hour"}, []),
        ({"expires_in": None}, []),
        ({}, ["expires_in"]),
        ({"access_token": 42}, []),
        ({"access_token": {"value": "x"}}, []),
        ({}, ["access_token"]),
    ],
)
def test_the_answer_of_a_grant_can_be_odd(sandbox: Sandbox, fields: dict[str, Any], without: list[str]) -> None:
    sandbox.mijnklantportaal.grant_fields, sandbox.mijnklantportaal.grant_without = fields, without

    granted = refresh(sandbox).json()

    assert set(granted) == {"access_token", "expires_in"} - set(without)
    assert {name: granted[name] for name in fields} == fields
    if "access_token" in granted and "access_token" not in fields:
        assert status_with(sandbox, f"Bearer {granted['access_token']}") == 200


@pytest.mark.parametrize("status", [400, 401])
def test_a_refresh_token_can_be_good_for_one_use(sandbox: Sandbox, status: int) -> None:
    sandbox.mijnklantportaal.rotate_refresh_token, sandbox.mijnklantportaal.refused_grant_status = True, status
    first = sandbox.mijnklantportaal.refresh_token

    second = refresh(sandbox, refresh_token=first).json()["refresh_token"]
    again = refresh(sandbox, refresh_token=first)
    third = refresh(sandbox, refresh_token=second).json()

    assert (again.status_code, again.json()["error"]) == (status, "invalid_grant")
    assert len({first, second, third["refresh_token"]}) == 3
    assert status_with(sandbox, f"Bearer {third['access_token']}") == 200
    config = sandbox.config("mijnklantportaal", oauth=True)
    assert config["provider"]["credentials"]["refresh_token"] == third["refresh_token"]
    sandbox.reset()
    assert sandbox.mijnklantportaal.refresh_token == first


def test_detail_is_the_record_of_the_list(sandbox: Sandbox) -> None:
    key, row = list(sandbox.mijnklantportaal.listed().items())[3]

    assert ask(sandbox, "mijnklantportaal", path=f"/v1/customers/{key}").json() == row


def test_an_unknown_customer_is_not_found(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "mijnklantportaal", path="/v1/customers/cst_none")

    assert (answer.status_code, answer.json()["code"]) == (404, 404)


def test_newer_records_have_a_country_code(sandbox: Sandbox) -> None:
    assert "countryCode" not in ask(sandbox, "mijnklantportaal").json()["data"][0]

    sandbox.mijnklantportaal.country_code = True

    assert ask(sandbox, "mijnklantportaal").json()["data"][0]["countryCode"] == "NL"
