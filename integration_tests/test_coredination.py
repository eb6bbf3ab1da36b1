"""Coredination: a root array without a total, overlapping pages, two headers, a flag, two spellings of a time."""

from datetime import datetime, timedelta, timezone

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import check, read
from integration_tests.sandbox import Sandbox


def queries(sandbox: Sandbox) -> list[dict[str, str]]:
    return [dict(request.query) for request in sandbox.requests.of("coredination", kind="list")]


def first_day(moment: float) -> str:
    """The day on which a moment is where the day is the earliest: 14 hours behind UTC."""
    return (datetime.fromtimestamp(moment, timezone.utc) - timedelta(hours=14)).strftime("%Y-%m-%d")


def test_reads_on_until_nothing_follows(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("coredination", concurrency=1))

    assert outcome.is_complete
    assert sorted(row["id"] for row in outcome.rows()) == sorted(sandbox.coredination.rows)
    *pages, tail = queries(sandbox)
    # Each page repeats the last row of the one before; the last request finds that row and nothing after it.
    assert [query["offset"] for query in pages] == ["0", "99", "198", "249"]
    assert {query["limit"] for query in pages} == {"100"}
    assert all(set(query) == {"inactive", "limit", "offset"} for query in pages)
    assert set(tail) == {"inactive", "limit", "offset", "modified"}


def test_delivers_rows_as_they_came(sandbox: Sandbox) -> None:
    rows = read(sandbox.config("coredination")).rows()

    assert {row["id"]: row for row in rows} == sandbox.coredination.rows


def test_advances_by_what_was_received(sandbox: Sandbox) -> None:
    sandbox.coredination.max_page_size = 40

    outcome = read(sandbox.config("coredination", concurrency=1))

    assert len(outcome.rows()) == 250
    assert [query["offset"] for query in queries(sandbox)][:3] == ["0", "39", "78"]


@pytest.mark.parametrize("page_size", [1, 2, 3, 249, 250, 251])
def test_every_page_size_reads_everything(sandbox: Sandbox, page_size: int) -> None:
    outcome = read(sandbox.config("coredination", page_size=page_size))

    assert {row["id"] for row in outcome.rows()} == set(sandbox.coredination.rows)


@pytest.mark.parametrize(("include_inactive", "sent"), [(True, True), (False, False), (None, True)])
def test_inactive_is_a_flag_that_is_there_or_not(sandbox: Sandbox, include_inactive: bool | None, sent: bool) -> None:
    option = {} if include_inactive is None else {"include_inactive": include_inactive}

    outcome = read(sandbox.config("coredination", **option))

    assert {("inactive", "") in request.query for request in sandbox.requests} == {sent}
    inactive = {key for key, flags in sandbox.coredination.flags.items() if "inactive" in flags}
    assert inactive
    assert {row["id"] for row in outcome.rows()} == set(sandbox.coredination.rows) - (set() if sent else inactive)


def test_sends_the_key_and_when_given_the_token(sandbox: Sandbox) -> None:
    check(sandbox.config("coredination"))
    check(sandbox.config("coredination", api_token="12_34"))

    first, second = sandbox.requests
    assert first.headers["api-key"] == sandbox.config("coredination")["provider"]["api_key"]
    assert "api-token" not in first.headers
    assert second.headers["api-token"] == "12_34"
    assert first.query == [("inactive", ""), ("limit", "1"), ("offset", "0")]


def test_the_second_sync_asks_in_milliseconds_less_the_lookback(sandbox: Sandbox) -> None:
    first = read(sandbox.config("coredination"))
    newest = max(row["lastModified"] for row in first.rows())
    assert first.states[-1] == {"lastModified": str(newest)}
    sandbox.clear_requests()

    second = read(sandbox.config("coredination"), first.last_state)

    *pages, tail = queries(sandbox)
    # A millisecond more, because it is not documented that the bound is inclusive.
    assert {query["modified"] for query in pages} == {str(newest - 600_000 - 1)}
    assert 9 <= sandbox.requests[0].received_at - int(tail["modified"]) / 1000 <= 11.1
    assert newest in {row["lastModified"] for row in second.rows()}
    assert len(second.rows()) < 20


def test_the_filter_can_be_a_date(sandbox: Sandbox) -> None:
    first = read(sandbox.config("coredination"))
    sandbox.clear_requests()

    second = read(sandbox.config("coredination", modified_format="date"), first.last_state)

    newest = max(row["lastModified"] for row in first.rows())
    *pages, tail = queries(sandbox)
    assert {query["modified"] for query in pages} == {first_day((newest - 600_000) / 1000)}
    now = sandbox.requests[0].received_at
    assert first_day(now - 11) <= tail["modified"] <= first_day(now)
    assert newest in {row["lastModified"] for row in second.rows()}


def test_a_filter_of_whole_days_delivers_no_row_twice(sandbox: Sandbox) -> None:
    first = read(sandbox.config("coredination"))
    sandbox.coredination.touch(*list(sandbox.coredination.rows)[:150])

    second = read(sandbox.config("coredination", modified_format="date"), first.last_state)

    ids = [row["id"] for row in second.rows()]
    assert len(ids) >= 150
    assert len(ids) == len(set(ids))


def test_without_a_change_time_the_state_is_the_moment_the_sync_began(sandbox: Sandbox, time: Time) -> None:
    sandbox.coredination.last_modified = "none"
    before = time.now().timestamp()

    outcome = read(sandbox.config("coredination"))

    # By the API's clock, which tells whole seconds and may be a little behind.
    state = int(outcome.states[-1]["lastModified"]) / 1000
    assert before - 3 <= state <= time.now().timestamp()
    assert len(outcome.rows()) == 250


def test_changes_without_a_change_time_in_the_rows_are_found(sandbox: Sandbox) -> None:
    sandbox.coredination.last_modified = "none"
    first = read(sandbox.config("coredination"))
    key = next(iter(sandbox.coredination.rows))
    sandbox.coredination.update(key, name="New name")

    second = read(sandbox.config("coredination"), first.last_state)

    assert "New name" in {row["name"] for row in second.rows()}


def test_an_answer_without_content_is_an_empty_list(sandbox: Sandbox) -> None:
    sandbox.coredination.empty_as_204 = True
    sandbox.coredination.delete(*sandbox.coredination.rows)

    outcome = read(sandbox.config("coredination"))

    assert outcome.is_complete
    assert outcome.rows() == []


def test_a_refused_key_is_named(sandbox: Sandbox) -> None:
    status, message = check(sandbox.config("coredination", api_key="wrong-key")).status

    assert status == "FAILED"
    assert message is not None
    assert message.startswith("Stream customers: The key or token was refused. Check `api_key` and `api_token`;")


def test_a_row_that_changed_just_before_the_sync_comes_once(sandbox: Sandbox) -> None:
    new = sandbox.coredination.insert()[0]
    changed = next(iter(sandbox.coredination.rows))
    sandbox.coredination.update(changed, name="New name")

    ids = [row["id"] for row in read(sandbox.config("coredination")).rows()]

    assert sorted(ids) == sorted(sandbox.coredination.rows)
    assert {new, changed} <= set(ids)
