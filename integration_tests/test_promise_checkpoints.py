"""A sync that was killed within a stream goes on where it was, whatever was changed since."""

from datetime import timedelta
from typing import Any

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Json, Outcome, read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import Sandbox
from source_customers.reading import ranges


@pytest.fixture(autouse=True)
def _on_the_clock_of_the_tests(sandbox: Sandbox, time: Time) -> None:
    sandbox.clock = lambda: time.now().timestamp()


def read_later(config: Json, state: list[Json], time: Time) -> Outcome:
    """Read a minute after the sync that was killed."""
    time.sleep(60)
    return read(config, state)


def config(sandbox: Sandbox, provider: str = "valomnia", **fields: Any) -> Json:
    return sandbox.config(provider, page_size=5, lookback_window="PT0S", **fields)


def killed_after(outcome: Outcome, states: int) -> tuple[dict[Any, Json], list[Json]]:
    """Return the rows that a sync printed before its so many-th state, and this state."""
    rows, seen = {}, 0
    for message in outcome.messages:
        if message["type"] == "RECORD":
            rows[message["record"]["data"]["id"]] = message["record"]["data"]
        if message["type"] == "STATE":
            seen += 1
            if seen == states:
                return rows, [message["state"]]
    raise AssertionError("there are fewer states")


@pytest.mark.parametrize("states", [1, 2, 4])
def test_goes_on_within_a_list(sandbox: Sandbox, time: Time, states: int) -> None:
    whole = read(config(sandbox))
    rows, state = killed_after(whole, states)
    sandbox.clear_requests()

    resumed = read_later(config(sandbox), state, time)

    assert resumed.is_complete
    assert "partial" in state[0]["stream"]["stream_state"]
    assert "partial" not in resumed.states[-1]
    assert resumed.states[-1] == whole.states[-1]
    assert rows | delivered(resumed, "valomnia") == listed(sandbox, "valomnia")
    # Fifty pages of four new rows each are the whole.
    assert len(resumed.rows()) < 250 - 30 * states


def test_a_row_that_appeared_late_in_between_comes(sandbox: Sandbox, time: Time) -> None:
    """It was changed before the bound of the sync that was killed, and its key had been passed by then."""
    api, late = sandbox.valomnia, sorted(sandbox.valomnia.rows)[3]
    given = sandbox.config("valomnia", page_size=5, lookback_window="PT10M")
    rows, state = killed_after(read(given), 2)
    assert late in rows
    time.sleep(60)
    changed = api.now() - timedelta(seconds=120)
    api.update(late, name="Late", lastUpdated=f"{changed:%Y-%m-%dT%H:%M:%SZ}")
    time.sleep(3600)

    resumed = read(given, state)

    assert resumed.is_complete
    assert delivered(resumed, "valomnia")[late]["name"] == "Late"


def test_a_state_that_was_set_back_is_read_from_there(sandbox: Sandbox, time: Time) -> None:
    whole = read(config(sandbox))
    time.sleep(3600)
    sandbox.valomnia.change(1, update=120)
    time.sleep(60)
    _, [state] = killed_after(read(config(sandbox), whole.last_state), 1)
    assert "partial" in state["stream"]["stream_state"]
    state["stream"]["stream_state"]["lastUpdated"] = "2010-01-01T00:00:00Z"

    resumed = read_later(config(sandbox), [state], time)

    assert delivered(resumed, "valomnia") == listed(sandbox, "valomnia")


@pytest.mark.parametrize("concurrency", [1, 8])
def test_rows_that_came_and_went_in_between_hide_none(sandbox: Sandbox, time: Time, concurrency: int) -> None:
    api = sandbox.valomnia
    rows, state = killed_after(read(config(sandbox)), 2)
    keys = sorted(api.rows)
    api.delete(*keys[:30], *keys[100:104])
    api.touch(*keys[40:50], *keys[150:160])
    added = api.insert(7)

    resumed = read_later(config(sandbox, concurrency=concurrency), state, time)

    assert resumed.is_complete
    both = rows | delivered(resumed, "valomnia")
    now = listed(sandbox, "valomnia")
    assert {key: both.get(key) for key in now} == now
    assert set(added) <= set(delivered(resumed, "valomnia"))


def test_more_rows_deleted_than_are_left_before_the_checkpoint(sandbox: Sandbox, time: Time) -> None:
    api = sandbox.valomnia
    rows, state = killed_after(read(config(sandbox)), 4)
    api.delete(*sorted(api.rows)[:200])

    resumed = read_later(config(sandbox), state, time)

    assert resumed.is_complete
    both = rows | delivered(resumed, "valomnia")
    assert set(listed(sandbox, "valomnia")) <= set(both)


def test_a_checkpoint_of_other_filters_is_left_alone(sandbox: Sandbox, time: Time) -> None:
    _, state = killed_after(read(config(sandbox)), 2)
    everyone = set(sandbox.valomnia.listed(isActive="true"))

    resumed = read_later(config(sandbox, customers={"is_active": "active"}), state, time)

    assert resumed.is_complete
    assert set(delivered(resumed, "valomnia")) == everyone


@pytest.mark.parametrize(
    "damage",
    [
        {"partial": None},
        {"partial": "hush"},
        {"partial": {}},
        {"until": "hush"},
        {"offset": "5"},
        {"rows": None},
        {"after": {"id": 1}},
        {"after": "hush"},
        {"offset": 10**9},
        {"until": "2999-01-01T00:00:00+00:00"},
    ],
)
def test_a_checkpoint_that_makes_no_sense_loses_nothing(sandbox: Sandbox, time: Time, damage: Json) -> None:
    _, [state] = killed_after(read(config(sandbox)), 2)
    told = state["stream"]["stream_state"]
    if "partial" in damage:
        told.update(damage)
    else:
        told["partial"].update(damage)
    lost = set(listed(sandbox, "valomnia"))

    resumed = read_later(config(sandbox), [state], time)

    got = set(delivered(resumed, "valomnia"))
    if {"offset", "until"} & set(damage) and got != lost:
        # What was delivered before the checkpoint need not come again.
        assert min(lost - got) < max(lost - got) <= told["partial"]["after"]
    else:
        assert got == lost
    assert resumed.is_complete


def test_caoloon_has_a_checkpoint_after_each_part_of_a_list(
    sandbox: Sandbox, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "MOST_ROWS", 60)
    whole = read(config(sandbox, "caoloon"))
    assert whole.is_complete
    moments = [state["updatedAt"] for state in whole.states]
    assert len(moments) > 3
    assert moments == sorted(moments)
    rows, states = {}, []
    for message in whole.messages:
        if message["type"] == "RECORD":
            rows[message["record"]["data"]["guid"]] = message["record"]["data"]
        if message["type"] == "STATE":
            states.append(message["state"])
            if len(states) == 3:
                break

    resumed = read_later(config(sandbox, "caoloon"), states[-1:], time)

    assert resumed.is_complete
    assert rows | delivered(resumed, "caoloon") == listed(sandbox, "caoloon")
    assert len(resumed.rows()) < 240 - len(rows) + 10
