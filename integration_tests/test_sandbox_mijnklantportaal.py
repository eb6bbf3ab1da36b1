"""MijnKlantportaal: bearer tokens, the refresh grant, details."""

from datetime import datetime
from typing import Any

import pytest
import requests

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import TIMEOUT, ask
from integration_tests.sandbox.data.samples import samples

SCOPES = {
    "customers": "customers.read",
    "customer_groups": "customers.read",
    "customer_invoices": "invoices.read",
    "customer_offers": "offers.read",
    "customer_subscriptions": "subscription.read",
    "customer_subscription_packages": "subscription.read",
    "appointments": "appointments.read",
    "agreements": "agreements.read",
    "payment_links": "paymentlinks.read",
    "payment_link_payments": "paymentlinks.read",
    "tickets": "tickets.read",
    "ticket_messages": "tickets.read",
    "file_requests": "filerequest.read",
    "file_shares": "fileshare.read",
    "mijnklantportaal_invoices": "businessoperations.read",
    "webhooks": "webhooks.read",
}
PARENTS = {
    "payment_link_payments": "payment_links",
    "issued_punch_cards": "punch_cards",
    "ticket_messages": "tickets",
}


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


def path_of(sandbox: Sandbox, stream: str) -> str:
    """The path of a stream, or that of its first parent's rows."""
    path = samples("mijnklantportaal")[stream].path
    if stream in PARENTS:
        path = path.replace("{key}", str(next(iter(sandbox.mijnklantportaal.tables[PARENTS[stream]].rows))))
    return path


def get(sandbox: Sandbox, path: str, query: str = "") -> requests.Response:
    return ask(sandbox, "mijnklantportaal", query, path=path)


@pytest.mark.parametrize("stream", [s for s in SCOPES if s not in {"appointments", *PARENTS}])
def test_every_list_has_the_page_envelope(sandbox: Sandbox, stream: str) -> None:
    path = path_of(sandbox, stream)
    sandbox.mijnklantportaal.tables[stream].insert(20)
    total = len(sandbox.mijnklantportaal.tables[stream].rows)

    pages = [get(sandbox, path, f"page={number}").json() for number in range(1, -(-total // 15) + 1)]

    assert [page["current_page"] for page in pages] == list(range(1, len(pages) + 1))
    assert pages[0]["next_page_url"] == f"{sandbox.url}{path}?page=2,"
    assert pages[-1]["next_page_url"] is None
    assert len({row["id"] for page in pages for row in page["data"]}) == total


@pytest.mark.parametrize(
    ("stream", "field"), [("payment_link_payments", "paymentLinkId"), ("issued_punch_cards", "punchCardId")]
)
def test_children_have_it_too_and_are_those_of_their_parent(sandbox: Sandbox, stream: str, field: str) -> None:
    tables, path = sandbox.mijnklantportaal.tables, path_of(sandbox, stream)
    parent = path.split("/")[3]
    added = [key for _ in range(20) for key in tables[stream].insert({field: parent})]
    rows = {key: row for key, row in tables[stream].rows.items() if row[field] == parent}

    first, second = (get(sandbox, path, f"page={number}").json() for number in (1, 2))

    assert {row["id"]: row for row in first["data"] + second["data"]} == rows
    assert set(added) <= set(rows) < set(tables[stream].rows)
    assert (len(first["data"]), first["path"]) == (15, f"{sandbox.url}{path}")
    assert first["next_page_url"] == f"{sandbox.url}{path}?page=2,"
    assert second["next_page_url"] is None


@pytest.mark.parametrize(
    "path", ["/v1/payment-links/plk_none/payments", "/v1/punch-cards/pcd_none/issued", "/v1/tickets/tic_none"]
)
def test_children_of_nobody_are_not_found(sandbox: Sandbox, path: str) -> None:
    assert get(sandbox, path).json() == {"code": 404, "message": "Not found."}
    assert sandbox.requests[-1].status == 404


def test_a_parent_may_have_no_children(sandbox: Sandbox) -> None:
    tables = sandbox.mijnklantportaal.tables
    [link], [ticket] = tables["payment_links"].insert(1), tables["tickets"].insert(1)

    payments = get(sandbox, f"/v1/payment-links/{link}/payments").json()

    assert (payments["data"], payments["from"], payments["next_page_url"]) == ([], None, None)
    assert get(sandbox, f"/v1/tickets/{ticket}").json()["messages"] == []


def test_a_ticket_has_its_messages_in_its_detail_only(sandbox: Sandbox) -> None:
    tables = sandbox.mijnklantportaal.tables
    key, row = next(iter(tables["tickets"].rows.items()))
    [message] = tables["ticket_messages"].insert({"ticketId": key, "message": "<p>Hello</p>"})

    detail = get(sandbox, f"/v1/tickets/{key}").json()

    messages = detail.pop("messages")
    assert detail == row
    assert messages[-1]["id"] == message
    assert list(messages[-1]) == list(samples("mijnklantportaal")["ticket_messages"].sample)
    others = {found["id"] for found in messages}
    assert others == {k for k, found in tables["ticket_messages"].rows.items() if found["ticketId"] == key}
    assert not [listed for listed in get(sandbox, "/v1/tickets").json()["data"] if "messages" in listed]


def test_webhooks_have_a_secret_and_agreements_their_signatures(sandbox: Sandbox) -> None:
    webhook, agreement = (get(sandbox, path).json()["data"][0] for path in ("/v1/webhooks", "/v1/agreements"))

    assert webhook["secret"]
    assert agreement["signerSignature"].startswith("data:image/png;base64,")
    assert agreement["signers"][0]["signature"].startswith("data:image/png;base64,")
    assert get(sandbox, f"/v1/agreements/{agreement['id']}").json() == agreement


def test_children_count_for_the_rate(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = 2

    paths = [path_of(sandbox, stream) for stream in PARENTS]

    assert [get(sandbox, path).status_code for path in paths] == [200, 200, 429]


@pytest.mark.parametrize(("stream", "scope"), SCOPES.items())
def test_every_list_needs_its_scope(sandbox: Sandbox, stream: str, scope: str) -> None:
    path = path_of(sandbox, stream)
    assert get(sandbox, path).status_code == 200

    sandbox.mijnklantportaal.scopes = [other for other in SCOPES.values() if other != scope]
    refused = get(sandbox, path)
    sandbox.mijnklantportaal.scopes = [scope]

    assert (refused.status_code, refused.json()["code"]) == (403, 403)
    assert get(sandbox, path).status_code == 200


def test_of_punch_cards_no_scope_is_documented(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.scopes = []

    for stream in ("punch_cards", "issued_punch_cards"):
        assert get(sandbox, path_of(sandbox, stream)).status_code == 200
    assert get(sandbox, f"/v1/customers/{next(iter(sandbox.mijnklantportaal.rows))}").status_code == 403


def appointments(sandbox: Sandbox, query: str = "") -> set[str]:
    document = get(sandbox, "/v1/appointments", query).json()
    assert list(document) == ["data"]
    return {row["id"] for row in document["data"]}


def starting(sandbox: Sandbox, *moments: str) -> list[Any]:
    """Nothing but appointments that start at these moments."""
    table = sandbox.mijnklantportaal.tables["appointments"]
    table.delete(*table.rows)
    return [table.insert({"startsAt": moment})[0] for moment in moments]


def test_appointments_are_those_of_the_next_week(sandbox: Sandbox) -> None:
    sandbox.clock = datetime.fromisoformat("2026-06-01T12:00:00+02:00").timestamp
    _, now, late, _ = starting(
        sandbox,
        "2026-06-01T11:59:59+02:00",
        "2026-06-01T12:00:00+02:00",
        "2026-06-08T11:59:59+02:00",
        "2026-06-08T12:00:00+02:00",
    )

    assert appointments(sandbox) == {now, late}


def test_or_of_so_many_days_from_a_moment(sandbox: Sandbox) -> None:
    _, first, last, _ = starting(
        sandbox,
        "2025-03-05T15:59:59+01:00",
        "2025-03-05T16:00:00+01:00",
        "2025-03-07T15:59:00+01:00",
        "2025-03-07T16:00:00+01:00",
    )

    assert appointments(sandbox, "start_at=2025-03-05 16:00&days=2") == {first, last}
    assert appointments(sandbox, "start_at=2025-03-05%2016%3A00&days=1") == {first}
    assert appointments(sandbox, "start_at=2025-04-05 16:00") == set()


def test_a_day_may_be_an_hour_shorter(sandbox: Sandbox) -> None:
    inside, _ = starting(sandbox, "2026-03-29T11:59:59+02:00", "2026-03-29T12:00:00+02:00")

    assert appointments(sandbox, "start_at=2026-03-28 12:00&days=1") == {inside}


def test_appointments_have_no_pages(sandbox: Sandbox) -> None:
    keys = starting(sandbox, *["2025-03-05T16:00:00+01:00"] * 40)

    assert appointments(sandbox, "start_at=2025-03-05 00:00&days=1&page=2") == set(keys)


def test_the_server_may_honour_fewer_days_than_asked_for(sandbox: Sandbox) -> None:
    first, second = starting(sandbox, "2025-03-05T16:00:00+01:00", "2025-03-15T16:00:00+01:00")
    query = "start_at=2025-03-05 00:00&days=30"
    assert appointments(sandbox, query) == {first, second}

    sandbox.mijnklantportaal.appointments_max_days = 10

    assert appointments(sandbox, query) == {first}
    assert appointments(sandbox, "start_at=2025-03-15 00:00&days=3") == {second}


def test_the_time_zone_of_the_start_is_a_guess(sandbox: Sandbox) -> None:
    [key] = starting(sandbox, "2025-03-05T16:00:00+01:00")
    query = "start_at=2025-03-05 15:30&days=1"
    assert appointments(sandbox, query) == {key}

    sandbox.mijnklantportaal.appointments_zone = "UTC"

    assert appointments(sandbox, query) == set()


@pytest.mark.parametrize("query", ["start_at=2025-03-05", "start_at=now", "days=0", "days=x", "days=-1", "start_at="])
def test_a_window_in_another_spelling_is_refused(sandbox: Sandbox, query: str) -> None:
    assert get(sandbox, "/v1/appointments", query).status_code == 400


def test_appointments_lie_in_the_past_and_in_the_future(sandbox: Sandbox) -> None:
    rows = sandbox.mijnklantportaal.tables["appointments"].rows.values()

    starts = sorted(row["startsAt"] for row in rows)

    assert "2025-01" <= starts[0] < "2025-06"
    assert "2026-06" < starts[-1] < "2027-01-02"
    assert max(row["createdAt"] for row in rows) < "2026-01-02"
