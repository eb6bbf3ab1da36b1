"""What is gone at a provider is seen: everything is read again now and then, and `full_reads` says of what and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Json, Outcome, configured_catalog, discover, read
from integration_tests.rows import KEYS
from integration_tests.sandbox import Sandbox

DAY = 86_400.0
INCREMENTAL = ("caoloon", "coredination", "valomnia")


@pytest.fixture(autouse=True)
def _on_the_clock_of_the_tests(sandbox: Sandbox, time: Time) -> None:
    sandbox.clock = lambda: time.now().timestamp()


def catalog(*streams: str, sync_mode: str = "incremental") -> Json:
    return configured_catalog([*streams, "full_reads"], sync_mode)


def sync(
    sandbox: Sandbox, provider: str, state: Sequence[Json] = (), streams: Sequence[str] = ("customers",), **fields: Any
) -> Outcome:
    sandbox.clear_requests()
    return read(sandbox.config(provider, **fields), state, catalog(*streams))


def last_emitted(*outcomes: Outcome, provider: str) -> dict[Any, int]:
    """Return when each row was last delivered, as a destination that keeps the latest row of a key has it."""
    return {
        record["data"][KEYS[provider]]: record["emitted_at"]
        for outcome in outcomes
        for record in outcome.of_type("RECORD")
        if record["stream"] == "customers"
    }


def milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() * 1000)


@pytest.mark.parametrize("provider", KEYS)
def test_the_first_sync_reads_everything_and_says_so_after_the_rows(sandbox: Sandbox, provider: str) -> None:
    outcome = sync(sandbox, provider)

    [row] = outcome.rows("full_reads")
    emitted = last_emitted(outcome, provider=provider).values()
    assert (row["stream"], row["rows"]) == ("customers", len(outcome.rows()))
    assert milliseconds(row["began_at"]) <= min(emitted) <= max(emitted) <= milliseconds(row["ended_at"])
    order = [message["record"]["stream"] for message in outcome.messages if message["type"] == "RECORD"]
    assert order == sorted(order)  # customers, full_reads
    [state] = [each for each in outcome.last_state if each["stream"]["stream_descriptor"]["name"] == "full_reads"]
    assert state["stream"]["stream_state"] == {"ended_at": row["ended_at"]}


@pytest.mark.parametrize("provider", INCREMENTAL)
def test_a_sync_of_what_changed_is_no_full_read(sandbox: Sandbox, provider: str) -> None:
    first = sync(sandbox, provider)

    second = sync(sandbox, provider, first.last_state)

    assert second.is_complete
    assert second.rows("full_reads") == []
    assert all("full_read" not in state for state in second.states)


def test_a_stream_that_is_read_in_full_each_time_is_a_full_read_each_time(sandbox: Sandbox) -> None:
    first = sync(sandbox, "mijnklantportaal")

    second = sync(sandbox, "mijnklantportaal", first.last_state)

    assert [row["stream"] for row in second.rows("full_reads")] == ["customers"]


@pytest.mark.parametrize("provider", INCREMENTAL)
def test_everything_is_read_again_when_the_time_has_come_and_not_before(
    sandbox: Sandbox, time: Time, provider: str
) -> None:
    first = sync(sandbox, provider, full_read_every="P7D")
    time.sleep(6 * DAY)
    before = sync(sandbox, provider, first.last_state, full_read_every="P7D")
    time.sleep(1.5 * DAY)
    due = sync(sandbox, provider, before.last_state, full_read_every="P7D")
    after = sync(sandbox, provider, due.last_state, full_read_every="P7D")

    assert [len(each.rows("full_reads")) for each in (first, before, due, after)] == [1, 0, 1, 0]
    assert {row[KEYS[provider]] for row in due.rows()} == {row[KEYS[provider]] for row in first.rows()}
    assert len(after.rows()) < len(due.rows())
    assert any("everything is read again, as `full_read_every` asks for" in log for log in due.logs)


@pytest.mark.parametrize("provider", INCREMENTAL)
def test_a_full_read_keeps_the_state(sandbox: Sandbox, time: Time, provider: str) -> None:
    first = sync(sandbox, provider, full_read_every="P7D")
    time.sleep(8 * DAY)
    due = sync(sandbox, provider, first.last_state, full_read_every="P7D")

    def moments(outcome: Outcome) -> list[Any]:
        return [value for state in outcome.states for key, value in state.items() if key.startswith(("u", "l"))]

    assert min(map(str, moments(due))) >= str(moments(first)[-1])


def test_a_state_without_a_full_read_leads_to_one(sandbox: Sandbox) -> None:
    first = sync(sandbox, "valomnia")

    second = sync(sandbox, "valomnia", first.last_state, full_read_every="P7D")

    assert len(second.rows("full_reads")) == 1
    assert set(second.states[-2]) == {"lastUpdated", "full_read"}


@pytest.mark.parametrize("provider", KEYS)
def test_rows_that_are_gone_are_those_that_were_last_delivered_before_the_full_read(
    sandbox: Sandbox, time: Time, provider: str
) -> None:
    table = sandbox.providers[provider].tables["customers"]
    # What is read in full each time has no such field.
    fields: dict[str, Any] = {"full_read_every": "P1D"} if provider in INCREMENTAL else {}
    first = sync(sandbox, provider, **fields)
    gone = set(list(last_emitted(first, provider=provider))[3:60:7])
    table.delete(*gone)
    time.sleep(2 * DAY)
    second = sync(sandbox, provider, first.last_state, **fields)

    [full] = second.rows("full_reads")
    latest = last_emitted(first, second, provider=provider)
    assert {key for key, emitted in latest.items() if emitted < milliseconds(full["began_at"])} == gone


def test_a_stream_that_fails_writes_none_and_the_others_do(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("status_403", stream="contacts", forever=True)

    outcome = sync(sandbox, "valomnia", streams=("customers", "contacts"))

    assert outcome.exit_code == 1
    assert [row["stream"] for row in outcome.rows("full_reads")] == ["customers"]


def test_a_first_sync_that_was_interrupted_and_went_on_is_no_full_read(sandbox: Sandbox, time: Time) -> None:
    whole = sync(sandbox, "valomnia", page_size=5)
    partial = next(each for each in whole.of_type("STATE") if "partial" in each["stream"]["stream_state"])

    time.sleep(60)
    resumed = sync(sandbox, "valomnia", [partial], page_size=5)

    assert resumed.is_complete
    assert resumed.rows("full_reads") == []


def test_a_full_read_that_was_interrupted_begins_anew(sandbox: Sandbox, time: Time) -> None:
    first = sync(sandbox, "valomnia", page_size=5, full_read_every="P7D")
    time.sleep(8 * DAY)
    due = sync(sandbox, "valomnia", first.last_state, page_size=5, full_read_every="P7D")
    partial = next(each for each in due.of_type("STATE") if "partial" in each["stream"]["stream_state"])

    again = sync(sandbox, "valomnia", [partial], page_size=5, full_read_every="P7D")

    assert {row["id"] for row in again.rows()} == {row["id"] for row in due.rows()}
    assert len(again.rows("full_reads")) == 1


def test_what_hangs_on_a_list_was_read_in_full_with_it(sandbox: Sandbox) -> None:
    streams = ("customers", "customer_projects", "jobs", "job_details")

    outcome = sync(sandbox, "coredination", streams=streams)

    assert {row["stream"]: row["rows"] for row in outcome.rows("full_reads")} == {
        stream: len(outcome.rows(stream)) for stream in streams
    }


def test_a_read_up_to_a_past_end_is_never_all_that_there_is(sandbox: Sandbox) -> None:
    fields: dict[str, Any] = {"end_date": "2025-06-01T00:00:00Z", "full_read_every": "PT0S"}

    first = sync(sandbox, "valomnia", **fields)
    second = sync(sandbox, "valomnia", first.last_state, **fields)

    assert first.rows()
    assert [first.rows("full_reads"), second.rows("full_reads")] == [[], []]
    assert len(second.rows()) < len(first.rows())


def test_days_are_never_all_that_there_is(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = None

    outcome = sync(sandbox, "mijnklantportaal", streams=("appointments",), requests_per_minute=1_000_000)

    assert outcome.is_complete
    assert outcome.rows("full_reads") == []


@pytest.mark.parametrize("provider", KEYS)
def test_discover_lists_the_stream(sandbox: Sandbox, provider: str) -> None:
    [catalog] = discover(sandbox.config(provider)).of_type("CATALOG")

    [stream] = [each for each in catalog["streams"] if each["name"] == "full_reads"]
    assert stream["source_defined_primary_key"] == [["stream"], ["began_at"]]
    assert stream["default_cursor_field"] == ["ended_at"]
    assert stream["supported_sync_modes"] == ["full_refresh", "incremental"]


def test_duration_that_is_none_is_refused(sandbox: Sandbox) -> None:
    outcome = sync(sandbox, "caoloon", full_read_every="weekly")

    [(kind, message)] = outcome.errors
    assert kind == "config_error"
    assert "`provider.full_read_every`" in message
