"""Valomnia: a login form, a session cookie, pages by offset in the order of the key."""

from datetime import datetime, timedelta, timezone
from math import ceil
from typing import Any
from urllib.parse import parse_qsl

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import check, read
from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.recording import RequestRecord
from source_customers.moments import parse_moment


def queries(sandbox: Sandbox) -> list[dict[str, str]]:
    return [dict(request.query) for request in sandbox.requests.of("valomnia", kind="list")]


def logins(sandbox: Sandbox) -> list[RequestRecord]:
    return [request for request in sandbox.requests if request.path == "/j_spring_security_check"]


def test_reads_in_the_order_of_the_key_and_then_what_changed_meanwhile(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("valomnia", concurrency=1))

    assert outcome.is_complete
    assert [row["id"] for row in outcome.rows()] == sorted(sandbox.valomnia.rows)
    assert {row["id"]: row for row in outcome.rows()} == sandbox.valomnia.rows
    opening, *pages, tail = queries(sandbox)
    order = {"sort": "id", "order": "asc", "max": "100"}
    assert opening == {**order, "offset": "0"}
    until = pages[0]["lastUpdated_lte"]
    # The first page is the opening one: by its total, nothing that changed after the bound is in it.
    assert pages == [{**order, "offset": offset, "lastUpdated_lte": until} for offset in ("99", "198")]
    assert tail == {**order, "offset": "0", "lastUpdated_gte": tail["lastUpdated_gte"]}
    # The one is rounded up, the other down, to what the filters can express.
    assert timedelta(0) <= parse_moment(until) - parse_moment(tail["lastUpdated_gte"]) <= timedelta(seconds=1)
    before = sandbox.requests.of("valomnia", kind="list")[0].received_at - parse_moment(until).timestamp()
    assert 9 <= before <= 11


@pytest.mark.parametrize("concurrency", [1, 8])
def test_rows_that_have_just_changed_cost_a_first_page_of_its_own(sandbox: Sandbox, concurrency: int) -> None:
    keys = sorted(sandbox.valomnia.rows)
    changed = [keys[50], keys[220]]
    for key in changed:
        sandbox.valomnia.update(key)

    outcome = read(sandbox.config("valomnia", concurrency=concurrency))

    assert outcome.is_complete
    assert sorted(row["id"] for row in outcome.rows()) == keys
    offsets = [(query["offset"], "lastUpdated_lte" in query) for query in queries(sandbox)]
    assert sorted(offsets) == sorted([("0", False), ("99", True), ("0", True), ("198", True), ("0", False)])


def test_a_list_of_one_page_is_read_in_one_request(sandbox: Sandbox) -> None:
    assert read(sandbox.config("valomnia", page_size=250)).is_complete

    assert queries(sandbox) == [{"sort": "id", "order": "asc", "max": "250", "offset": "0"}]


@pytest.mark.parametrize(
    ("sort", "sent"), [("dateCreated", {"sort": "dateCreated", "order": "asc"}), ("none", {"order": "asc"})]
)
def test_another_order_can_be_asked_for(sandbox: Sandbox, sort: str, sent: dict[str, str]) -> None:
    sandbox.valomnia.refused_sorts = ["id"]

    outcome = read(sandbox.config("valomnia", sort=sort))

    assert outcome.is_complete
    assert {row["id"]: row for row in outcome.rows()} == sandbox.valomnia.rows
    assert all({k: v for k, v in query.items() if k in {"sort", "order"}} == sent for query in queries(sandbox))


def test_an_order_that_is_ignored_loses_nothing(sandbox: Sandbox) -> None:
    sandbox.valomnia.ignored_sorts = ["id"]

    outcome = read(sandbox.config("valomnia"))

    assert outcome.is_complete
    assert {row["id"]: row for row in outcome.rows()} == sandbox.valomnia.rows


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
        ({"is_active": "active"}, ("isActive", "true")),
        ({"is_active": "inactive"}, ("isActive", "false")),
        ({"created_from": "2024-01-01T00:00:00Z"}, ("dateCreated_gte", "2024-01-01T00:00:00Z")),
        ({"created_to": "2024-12-31T23:59:59Z"}, ("dateCreated_lte", "2024-12-31T23:59:59Z")),
        ({"name": "Mar*"}, ("name", "Mar*")),
        ({"reference": "1e5"}, ("reference", "1e5")),
        ({"category_reference": "12_34"}, ("categoryReference", "12_34")),
    ],
)
def test_filters_are_sent_as_documented(sandbox: Sandbox, option: dict[str, Any], sent: tuple[str, str]) -> None:
    assert read(sandbox.config("valomnia", customers=option)).is_complete

    lists = sandbox.requests.of("valomnia", kind="list")
    assert lists
    assert all(sent in request.query for request in lists)


def test_only_active_or_only_inactive_customers_when_asked_for(sandbox: Sandbox) -> None:
    everyone = read(sandbox.config("valomnia", customers={"is_active": "any"}))
    assert all("isActive" not in query for query in queries(sandbox))
    active = read(sandbox.config("valomnia", customers={"is_active": "active"}))
    inactive = read(sandbox.config("valomnia", customers={"is_active": "inactive"}))

    assert {row["isActive"] for row in everyone.rows()} == {True, False}
    assert {row["isActive"] for row in active.rows()} == {True}
    assert {row["isActive"] for row in inactive.rows()} == {False}


def test_only_customers_of_the_span_in_which_they_were_created(sandbox: Sandbox) -> None:
    created = sorted(row["dateCreated"] for row in sandbox.valomnia.rows.values())
    span = {"created_from": created[50], "created_to": created[100]}

    outcome = read(sandbox.config("valomnia", customers=span))

    assert outcome.is_complete
    assert sorted(row["dateCreated"] for row in outcome.rows()) == [
        moment for moment in created if created[50] <= moment <= created[100]
    ]


def test_the_second_sync_asks_from_the_state_less_the_lookback(sandbox: Sandbox) -> None:
    first = read(sandbox.config("valomnia"))
    newest = max(row["lastUpdated"] for row in first.rows())
    assert first.states[-1] == {"lastUpdated": newest}
    sandbox.clear_requests()

    second = read(sandbox.config("valomnia", lookback_window="PT0S"), first.last_state)

    assert [query["lastUpdated_gte"] for query in queries(sandbox)] == [newest]
    assert {row["lastUpdated"] for row in second.rows()} == {newest}


def test_a_long_read_leaves_checkpoints_on_its_way(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("valomnia", page_size=11, concurrency=1))

    kinds = [message["type"] for message in outcome.messages if message["type"] in {"RECORD", "STATE"}]
    # Ten pages of eleven rows, of which all but the first repeat one.
    assert kinds[:102] == ["RECORD"] * 101 + ["STATE"]
    delivered = outcome.rows()[:101]
    partial = outcome.states[0]["partial"]
    assert outcome.states[0] == {"lastUpdated": "1970-01-01T00:00:00Z", "partial": partial}
    until = parse_moment(partial["until"])
    assert partial == {
        "list": partial["list"],
        "since": None,
        "until": until.isoformat(),
        "offset": 90,
        "after": delivered[-1]["id"],
        "rows": 101,
        "highest": max(parse_moment(row["lastUpdated"]) for row in delivered).isoformat(),
    }
    assert 0 <= parse_moment(queries(sandbox)[1]["lastUpdated_lte"]).timestamp() - until.timestamp() < 1
    assert [set(state) for state in outcome.states] == [{"lastUpdated", "partial"}] * 2 + [{"lastUpdated"}]
    assert outcome.states[-1] == {"lastUpdated": max(row["lastUpdated"] for row in outcome.rows())}


def test_a_read_goes_on_from_a_checkpoint(sandbox: Sandbox, time: Time) -> None:
    sandbox.clock = lambda: time.now().timestamp()
    whole = read(sandbox.config("valomnia", page_size=11, concurrency=1))
    checkpoint = whole.of_type("STATE")[0]
    partial = checkpoint["stream"]["stream_state"]["partial"]
    changed = whole.rows()[0]["id"]
    time.sleep(60)
    sandbox.valomnia.update(changed, name="New name")
    time.sleep(2)  # the API tells the time in whole seconds, and a state is not later than that
    sandbox.clear_requests()

    rest = read(sandbox.config("valomnia", page_size=11, concurrency=1), [checkpoint])

    assert rest.is_complete
    first_101 = [row["id"] for row in whole.rows()[:101]]
    assert [row["id"] for row in rest.rows()] == [*sorted(set(sandbox.valomnia.rows) - set(first_101)), changed]
    opening, *pages, tail = queries(sandbox)
    assert opening == {"sort": "id", "order": "asc", "max": "11", "offset": "0"}
    assert [query["offset"] for query in pages] == [str(offset) for offset in range(90, 250, 10)]
    assert {parse_moment(query["lastUpdated_lte"]) for query in pages} == {_up(partial["until"])}
    assert parse_moment(tail["lastUpdated_gte"]) <= parse_moment(partial["until"])
    assert rest.states[-1] == {"lastUpdated": sandbox.valomnia.rows[changed]["lastUpdated"]}


def test_a_checkpoint_of_other_filters_is_left_alone(sandbox: Sandbox, time: Time) -> None:
    sandbox.clock = lambda: time.now().timestamp()
    checkpoint = read(sandbox.config("valomnia", page_size=11)).of_type("STATE")[0]
    time.sleep(60)

    rest = read(sandbox.config("valomnia", customers={"is_active": "active"}), [checkpoint])

    active = {key for key, row in sandbox.valomnia.rows.items() if row["isActive"]}
    assert {row["id"] for row in rest.rows()} == active


def test_a_read_that_fails_keeps_its_last_checkpoint(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("status_403", offset=150)

    outcome = read(sandbox.config("valomnia", page_size=11, concurrency=1))

    assert outcome.statuses[-1] == "INCOMPLETE"
    assert len(outcome.rows()) == 151
    assert outcome.states[-1]["partial"]["rows"] == 101


def test_a_server_that_caps_its_pages_loses_nothing(sandbox: Sandbox) -> None:
    sandbox.valomnia.max_page_size = 40

    outcome = read(sandbox.config("valomnia"))

    assert {row["id"] for row in outcome.rows()} == set(sandbox.valomnia.rows)


@pytest.mark.parametrize("page_size", [1, 2, 249, 250, 251])
def test_every_page_size_reads_everything(sandbox: Sandbox, page_size: int) -> None:
    outcome = read(sandbox.config("valomnia", page_size=page_size))

    assert outcome.is_complete
    assert {row["id"] for row in outcome.rows()} == set(sandbox.valomnia.rows)


def _up(moment: str) -> datetime:
    """The first whole second that is not before a moment."""
    return datetime.fromtimestamp(ceil(parse_moment(moment).timestamp()), timezone.utc)
