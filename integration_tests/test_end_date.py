"""An end date: what changed after it is left out, the state is not later, and a later end goes on from there."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Json, configured_catalog, discover, read
from integration_tests.sandbox import Sandbox, serve
from integration_tests.streams import delivered, expected, latest_states, statuses

END = datetime(2025, 3, 1, tzinfo=timezone.utc)
LATER = datetime(2025, 9, 1, tzinfo=timezone.utc)
PARAMETERS = {"valomnia": "lastUpdated_lte", "caoloon": "updatedTo"}
# CAO Loon does not say whether its bound is inclusive.
SENT = {"valomnia": "2025-03-01T00:00:00Z", "caoloon": str(int(END.timestamp()) + 1)}
FIELDS = {"valomnia": "lastUpdated", "caoloon": "updatedAt"}
PROVIDERS = pytest.mark.parametrize("provider", ["valomnia", "caoloon"])
PAGE_SIZES = pytest.mark.parametrize("page_size", [7, 1000])


@pytest.fixture(scope="module")
def small_sandbox() -> Iterator[Sandbox]:
    with serve(Sandbox(60, rows=20, seed=6)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(small_sandbox: Sandbox, time: Time) -> Sandbox:
    small_sandbox.reset()
    small_sandbox.clock = lambda: time.now().timestamp()
    return small_sandbox


def config(sandbox: Sandbox, provider: str, end: datetime, **fields: Any) -> Json:
    return sandbox.config(provider, end_date=f"{end:%Y-%m-%dT%H:%M:%SZ}", lookback_window="PT0S", **fields)


def until(sandbox: Sandbox, provider: str, stream: str, end: datetime) -> dict[Any, Json]:
    table = sandbox.providers[provider].tables[stream.replace("customer_details", "customers")]
    rows = expected(sandbox, provider, stream)
    return {key: row for key, row in rows.items() if table.changed_at(key) <= end}


@PROVIDERS
@PAGE_SIZES
def test_every_request_has_the_bound_and_nothing_later_comes(sandbox: Sandbox, provider: str, page_size: int) -> None:
    api = sandbox.providers[provider]
    first, second, third = list(expected(sandbox, provider, "customers"))[:3]
    api.touch(first, at=END)
    api.touch(second, at=END + timedelta(microseconds=1_000_000 if provider == "valomnia" else 1))
    api.touch(third, at=END + timedelta(seconds=1))

    outcome = read(config(sandbox, provider, END, page_size=page_size))

    rows = delivered(outcome, provider, "customers")
    assert outcome.is_complete
    assert rows == until(sandbox, provider, "customers", END)
    assert first in rows
    assert {second, third}.isdisjoint(rows)
    assert 5 < len(rows) < 55
    assert {request.value(PARAMETERS[provider]) for request in api.requests.of(kind="list")} == {SENT[provider]}
    assert datetime.fromisoformat(_utc(latest_states(outcome)["customers"][FIELDS[provider]])) == END


@PROVIDERS
@PAGE_SIZES
def test_a_later_end_goes_on_from_the_state(sandbox: Sandbox, provider: str, page_size: int) -> None:
    first = read(config(sandbox, provider, END, page_size=page_size))

    second = read(config(sandbox, provider, LATER, page_size=page_size), first.last_state)

    assert second.is_complete
    both = delivered(first, provider, "customers") | delivered(second, provider, "customers")
    assert both == until(sandbox, provider, "customers", LATER)
    # The row that the state is of comes again.
    assert len(second.rows()) <= len(both) - len(first.rows()) + 1


@pytest.mark.parametrize("end", [END, LATER, datetime(2024, 9, 1, tzinfo=timezone.utc)])
def test_a_sync_that_was_cut_off_goes_on_under_another_end(sandbox: Sandbox, time: Time, end: datetime) -> None:
    whole = read(config(sandbox, "valomnia", END, page_size=3))
    cut = next(n for n, message in enumerate(whole.messages) if message["type"] == "STATE")
    state = whole.messages[cut]["state"]
    came = {m["record"]["data"]["id"]: m["record"]["data"] for m in whole.messages[:cut] if m["type"] == "RECORD"}
    time.sleep(60)

    resumed = read(config(sandbox, "valomnia", end, page_size=3), [state])

    assert "partial" in state["stream"]["stream_state"]
    assert resumed.is_complete
    both = came | delivered(resumed, "valomnia", "customers")
    wanted = until(sandbox, "valomnia", "customers", end)
    assert {key: both.get(key) for key in wanted} == wanted


@PROVIDERS
def test_an_earlier_end_brings_nothing_and_keeps_the_state(sandbox: Sandbox, provider: str) -> None:
    first = read(config(sandbox, provider, LATER))

    second = read(config(sandbox, provider, END), first.last_state)

    assert second.is_complete
    assert second.rows() == []
    assert second.states == first.states


@PROVIDERS
def test_an_end_that_is_to_come_leaves_out_nothing(sandbox: Sandbox, time: Time, provider: str) -> None:
    changed: list[Any] = []

    def others_work(_: object) -> None:
        if len(changed) < 3:
            changed.extend(sandbox.providers[provider].change(len(changed), update=1).updated)
            time.sleep(3)

    sandbox.providers[provider].before_answer = others_work

    outcome = read(config(sandbox, provider, time.now() + timedelta(days=9), page_size=7))

    assert outcome.is_complete
    assert delivered(outcome, provider, "customers") == expected(sandbox, provider, "customers")


def test_every_stream_of_valomnia_has_it_and_what_hangs_on_its_rows(sandbox: Sandbox) -> None:
    asked = config(sandbox, "valomnia", END)
    [catalog] = discover(asked).of_type("CATALOG")
    streams = [stream["name"] for stream in catalog["streams"] if stream["name"] != "full_reads"]
    sandbox.clear_requests()

    outcome = read(asked, catalog=configured_catalog(streams))

    assert outcome.exit_code == 0
    for stream in streams:
        assert delivered(outcome, "valomnia", stream) == until(sandbox, "valomnia", stream, END), stream
    assert {request.value("lastUpdated_lte") for request in sandbox.requests.of(kind="list")} == {SENT["valomnia"]}
    details = sandbox.requests.of(stream="customer_details")
    assert len(details) == len(until(sandbox, "valomnia", "customers", END))


def test_other_lists_of_caoloon_do_not_have_it(sandbox: Sandbox) -> None:
    streams = ["collective_labour_agreements", "inquiries_pay_equity", "invitations"]

    outcome = read(config(sandbox, "caoloon", END), catalog=configured_catalog(streams))

    assert {ended[-1] for ended in statuses(outcome).values()} == {"COMPLETE"}
    for stream in streams:
        assert delivered(outcome, "caoloon", stream).keys() == expected(sandbox, "caoloon", stream).keys()
    assert {name for request in sandbox.requests for name, _ in request.query} == {"pageSize", "page"}


def _utc(text: str) -> str:
    return text.replace("Z", "+00:00").replace("+0000", "+00:00")
