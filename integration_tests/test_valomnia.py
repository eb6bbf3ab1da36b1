"""Valomnia: a login form, a session cookie, pages by offset in the order of their change time."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from integration_tests.connector import check, read
from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.recording import RequestRecord


def queries(sandbox: Sandbox) -> list[dict[str, str]]:
    return [dict(request.query) for request in sandbox.requests.of("valomnia", kind="list")]


def logins(sandbox: Sandbox) -> list[RequestRecord]:
    return [request for request in sandbox.requests if request.path == "/j_spring_security_check"]


def test_reads_in_the_order_of_the_change_time(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("valomnia", concurrency=1))

    assert outcome.is_complete
    assert {row["id"]: row for row in outcome.rows()} == sandbox.valomnia.rows
    assert len(outcome.rows()) == 250
    changed = [row["lastUpdated"] for row in outcome.rows()]
    assert changed == sorted(changed)
    assert queries(sandbox) == [
        {"sort": "lastUpdated", "order": "asc", "max": "100", "offset": offset} for offset in ("0", "99", "198")
    ]


def test_logs_in_once_with_the_documented_form(sandbox: Sandbox) -> None:
    sandbox.valomnia.password = "p&ss wörd=12_34%"

    assert read(sandbox.config("valomnia")).is_complete

    [login] = logins(sandbox)
    assert login.query == []
    assert parse_qsl(login.body) == [
        ("j_username", sandbox.valomnia.username),
        ("j_password", "p&ss wörd=12_34%"),
        ("ajax", "true"),
    ]
    cookies = {request.headers["cookie"] for request in sandbox.requests.of("valomnia", kind="list")}
    assert len(cookies) == 1
    assert cookies.pop().startswith("JSESSIONID=")


@pytest.mark.parametrize("expired_status", [302, 401])
def test_a_session_that_ends_is_renewed(sandbox: Sandbox, expired_status: int) -> None:
    sandbox.valomnia.expired_session_status = expired_status

    def expire(request: object) -> None:  # noqa: ARG001  # a hook gets the request
        if len(queries(sandbox)) == 1:
            sandbox.valomnia.expire_sessions()

    sandbox.valomnia.before_answer = expire

    outcome = read(sandbox.config("valomnia", concurrency=1))

    assert outcome.is_complete
    assert {row["id"] for row in outcome.rows()} == set(sandbox.valomnia.rows)
    assert len(logins(sandbox)) == 2


@pytest.mark.parametrize("failed_status", [200, 401])
def test_a_refused_login_is_named(sandbox: Sandbox, failed_status: int) -> None:
    sandbox.valomnia.failed_login_status = failed_status

    outcome = check(sandbox.config("valomnia", password="wrong-password"))

    assert outcome.status == ("FAILED", "The login was refused. Check `username` and `password`.")
    assert "wrong-password" not in outcome.output


@pytest.mark.parametrize(
    ("option", "sent"),
    [
        ({"active_only": True}, ("isActive", "true")),
        ({"customer_name": "Mar*"}, ("name", "Mar*")),
        ({"reference": "1e5"}, ("reference", "1e5")),
        ({"category_reference": "12_34"}, ("categoryReference", "12_34")),
    ],
)
def test_filters_are_sent_as_documented(sandbox: Sandbox, option: dict[str, Any], sent: tuple[str, str]) -> None:
    assert read(sandbox.config("valomnia", **option)).is_complete

    lists = sandbox.requests.of("valomnia", kind="list")
    assert lists
    assert all(sent in request.query for request in lists)


def test_only_active_customers_when_asked_for(sandbox: Sandbox) -> None:
    everyone = read(sandbox.config("valomnia", active_only=False))
    assert all("isActive" not in query for query in queries(sandbox))
    active = read(sandbox.config("valomnia", active_only=True))

    assert {row["isActive"] for row in everyone.rows()} == {True, False}
    assert {row["isActive"] for row in active.rows()} == {True}


def test_the_second_sync_asks_from_the_state_less_the_lookback(sandbox: Sandbox) -> None:
    first = read(sandbox.config("valomnia"))
    newest = max(row["lastUpdated"] for row in first.rows())
    assert first.states[-1] == {"lastUpdated": newest}
    sandbox.clear_requests()

    second = read(sandbox.config("valomnia", lookback_window="PT0S"), first.last_state)

    assert [query["lastUpdated_gte"] for query in queries(sandbox)] == [newest]
    assert {row["lastUpdated"] for row in second.rows()} == {newest}


def test_a_long_read_leaves_checkpoints_on_its_way(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("valomnia", page_size=11))

    kinds = [message["type"] for message in outcome.messages if message["type"] in {"RECORD", "STATE"}]
    first_state = kinds.index("STATE")
    assert 100 <= first_state <= 110
    delivered = [row["lastUpdated"] for row in outcome.rows()][:first_state]
    assert outcome.states[0] == {"lastUpdated": max(delivered)}


def test_a_read_goes_on_from_a_checkpoint(sandbox: Sandbox) -> None:
    whole = read(sandbox.config("valomnia", page_size=11))
    checkpoint = whole.of_type("STATE")[0]
    delivered = whole.messages.index({"type": "STATE", "state": checkpoint})
    before = {m["record"]["data"]["id"] for m in whole.messages[:delivered] if m["type"] == "RECORD"}

    rest = read(sandbox.config("valomnia", page_size=11, lookback_window="PT0S"), [checkpoint])

    assert before | {row["id"] for row in rest.rows()} == set(sandbox.valomnia.rows)
    assert len(rest.rows()) < 200


def test_a_server_that_caps_its_pages_loses_nothing(sandbox: Sandbox) -> None:
    sandbox.valomnia.max_page_size = 40

    outcome = read(sandbox.config("valomnia"))

    assert {row["id"] for row in outcome.rows()} == set(sandbox.valomnia.rows)


@pytest.mark.parametrize("page_size", [1, 2, 249, 250, 251])
def test_every_page_size_reads_everything(sandbox: Sandbox, page_size: int) -> None:
    outcome = read(sandbox.config("valomnia", page_size=page_size))

    assert outcome.is_complete
    assert {row["id"] for row in outcome.rows()} == set(sandbox.valomnia.rows)
