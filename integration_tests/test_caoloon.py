"""CAO Loon: page numbers from the envelope, filters by unix seconds, a configurable header."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from integration_tests.connector import check, configured_catalog, read
from integration_tests.sandbox import Sandbox


def queries(sandbox: Sandbox) -> list[dict[str, str]]:
    return [dict(request.query) for request in sandbox.requests.of("caoloon", kind="list")]


def shown_guids(sandbox: Sandbox) -> set[str]:
    return {str(key) for key, flags in sandbox.caoloon.flags.items() if "archived" not in flags}


def test_reads_every_page_by_its_number_and_then_what_changed_meanwhile(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("caoloon", concurrency=1))

    assert outcome.is_complete
    guids = [row["guid"] for row in outcome.rows()]
    assert sorted(guids) == sorted(shown_guids(sandbox))
    opening, *pages, tail = queries(sandbox)
    assert opening == {"pageSize": "100", "page": "1"}
    until = pages[0]["updatedTo"]
    assert pages == [{"pageSize": "100", "page": page, "updatedTo": until} for page in ("1", "2", "3")]
    since = tail["updatedFrom"]
    assert tail == {"pageSize": "100", "page": "1", "updatedFrom": since}
    # Both are rounded outwards, and moved by a second more, because it is not documented that they are inclusive.
    assert 2 <= int(until) - int(since) <= 3
    # The API told its clock in whole seconds, somewhere between the two.
    first = sandbox.requests[0]
    assert first.ended_at is not None
    assert first.ended_at - int(until) >= 8
    assert first.received_at - int(until) <= 10


def test_a_list_of_one_page_is_read_in_one_request(sandbox: Sandbox) -> None:
    assert read(sandbox.config("caoloon", page_size=250)).is_complete

    assert queries(sandbox) == [{"pageSize": "250", "page": "1"}]


def test_delivers_rows_as_they_came_with_unknown_fields(sandbox: Sandbox) -> None:
    guid = next(iter(shown_guids(sandbox)))
    sandbox.caoloon.update(guid, nieuwVeld={"a": [1, None]}, coc=None)

    rows = {row["guid"]: row for row in read(sandbox.config("caoloon")).rows()}

    assert rows[guid] == sandbox.caoloon.rows[guid]


def test_the_second_sync_asks_from_the_state_less_the_lookback(sandbox: Sandbox) -> None:
    first = read(sandbox.config("caoloon"))
    newest = max(row["updatedAt"] for row in first.rows())
    sandbox.clear_requests()

    second = read(sandbox.config("caoloon", lookback_window="PT1H"), first.last_state)

    assert [row["updatedAt"] for row in second.rows()] == [newest]
    state = first.states[-1]["updatedAt"]
    [query] = queries(sandbox)
    # A second more, because it is not documented that the bound is inclusive.
    assert query == {"pageSize": "100", "page": "1", "updatedFrom": str(_unix(state) - 3600 - 1)}
    assert second.states[-1] == first.states[-1]


def test_a_whole_second_filter_finds_rows_within_the_second(sandbox: Sandbox) -> None:
    first = read(sandbox.config("caoloon", lookback_window="PT0S"))
    newest = max(sandbox.caoloon.rows.values(), key=lambda row: str(row["updatedAt"]))
    late = datetime.fromisoformat(str(newest["updatedAt"])).replace(microsecond=0)
    key = sandbox.caoloon.insert()[0]
    sandbox.caoloon.touch(key, at=late)

    second = read(sandbox.config("caoloon", lookback_window="PT0S"), first.last_state)

    assert key in {row["guid"] for row in second.rows()}


def test_a_change_is_read_once_it_happened(sandbox: Sandbox) -> None:
    first = read(sandbox.config("caoloon"))
    guid = next(iter(shown_guids(sandbox)))
    sandbox.caoloon.update(guid, status="Actief")

    second = read(sandbox.config("caoloon"), first.last_state)

    assert {"Actief"} == {row["status"] for row in second.rows() if row["guid"] == guid}
    assert _unix(second.states[-1]["updatedAt"]) > _unix(first.states[-1]["updatedAt"])


@pytest.mark.parametrize(
    ("option", "sent"),
    [
        ({"statuses": ["Uitgenodigd", "A&B c"]}, [("status", "Uitgenodigd"), ("status", "A&B c")]),
        ({"archived": True}, [("archived", "true")]),
        ({"archived": False}, [("archived", "false")]),
        ({"only_helped": True}, [("onlyHelped", "true")]),
        ({"only_favorites": True}, [("onlyFavorites", "true")]),
        ({"contains": "12_34"}, [("contains", "12_34")]),
        ({"contains": "1e5"}, [("contains", "1e5")]),
    ],
)
def test_filters_are_sent_as_documented(sandbox: Sandbox, option: dict[str, Any], sent: list[tuple[str, str]]) -> None:
    assert read(sandbox.config("caoloon", customers=option)).is_complete

    names = {name for name, _ in sent}
    for request in sandbox.requests.of("caoloon", kind="list"):
        assert [pair for pair in request.query if pair[0] in names] == sent


def test_filters_decide_which_rows_come(sandbox: Sandbox) -> None:
    rows = read(sandbox.config("caoloon", customers={"statuses": ["Uitgenodigd"]})).rows()

    expected = {guid for guid in shown_guids(sandbox) if sandbox.caoloon.rows[guid]["status"] == "Uitgenodigd"}
    assert {row["guid"] for row in rows} == expected
    assert 0 < len(expected) < len(shown_guids(sandbox))


@pytest.mark.parametrize("token", ["12_34", "1e5", "0x10", "True", "{{ 1 + 1 }}", 'a"b\\c', "né"])
def test_the_token_is_sent_byte_for_byte(sandbox: Sandbox, token: str) -> None:
    sandbox.caoloon.token = token

    check(sandbox.config("caoloon"))

    assert sandbox.requests[0].headers["authorization"].encode("latin-1") == f"Token {token}".encode("latin-1")


@pytest.mark.parametrize(("scheme", "header"), [("Bearer", "Bearer secret-1"), ("", "secret-1")])
def test_the_authorization_scheme_can_be_changed(sandbox: Sandbox, scheme: str, header: str) -> None:
    sandbox.caoloon.token, sandbox.caoloon.authorization_scheme = "secret-1", scheme

    outcome = check(sandbox.config("caoloon", authorization_scheme=scheme))

    assert sandbox.requests[0].headers["authorization"] == header
    assert outcome.status == ("SUCCEEDED", None)


def test_the_version_is_pinned_in_the_accept_header(sandbox: Sandbox) -> None:
    read(sandbox.config("caoloon"))
    read(sandbox.config("caoloon", api_version="4.0.0"))

    accepted = {request.headers["accept"] for request in sandbox.requests}
    assert accepted == {"application/json; version=5.0.0", "application/json; version=4.0.0"}


def test_start_date_leaves_out_what_is_older(sandbox: Sandbox) -> None:
    changed = {
        guid: datetime.fromisoformat(str(sandbox.caoloon.rows[guid]["updatedAt"])) for guid in shown_guids(sandbox)
    }
    start = sorted(changed.values())[125].astimezone(timezone.utc).replace(microsecond=0)

    rows = read(sandbox.config("caoloon", start_date=start.strftime("%Y-%m-%dT%H:%M:%SZ"))).rows()

    # A second more is asked for, because it is not documented that the bound is inclusive.
    expected = {guid for guid, moment in changed.items() if moment >= start - timedelta(seconds=1)}
    assert {row["guid"] for row in rows} == expected
    opening, *others = queries(sandbox)
    assert opening == {"pageSize": "100", "page": "1", "updatedFrom": str(int(start.timestamp()) - 1)}
    assert all(query["updatedFrom"] == opening["updatedFrom"] for query in others[:-1])


def test_a_full_refresh_reads_everything_whatever_was_read_before(sandbox: Sandbox) -> None:
    before = read(sandbox.config("caoloon")).last_state
    sandbox.clear_requests()

    outcome = read(sandbox.config("caoloon"), before, configured_catalog(sync_mode="full_refresh"))

    assert {row["guid"] for row in outcome.rows()} == shown_guids(sandbox)
    assert queries(sandbox)[0] == {"pageSize": "100", "page": "1"}


@pytest.mark.parametrize("order", ["newest", "oldest", "guid"])
def test_every_row_comes_whatever_the_order(sandbox: Sandbox, order: str) -> None:
    sandbox.caoloon.list_order = order  # type: ignore[assignment]  # one of its literals

    outcome = read(sandbox.config("caoloon", page_size=7))

    assert {row["guid"] for row in outcome.rows()} == shown_guids(sandbox)


def test_a_server_that_caps_its_pages_loses_nothing(sandbox: Sandbox) -> None:
    sandbox.caoloon.max_page_size = 40

    outcome = read(sandbox.config("caoloon"))

    assert {row["guid"] for row in outcome.rows()} == shown_guids(sandbox)


def test_a_wrong_token_is_named(sandbox: Sandbox) -> None:
    outcome = check(sandbox.config("caoloon", api_token="wrong-token"))

    message = "Stream customers: The token was refused. Check `api_token` and `authorization_scheme`."
    assert outcome.status == ("FAILED", message)
    assert "wrong-token" not in outcome.output
    assert len(sandbox.requests) == 1


def _unix(state: str) -> int:
    return int(datetime.strptime(state, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp())
