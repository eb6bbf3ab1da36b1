"""The state that a sync goes on from: other versions', other sources', unreadable, or in the future."""

import time as real_time
from datetime import timedelta
from typing import Any

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import command_files, configured_catalog, read, run_here
from integration_tests.sandbox import Sandbox
from source_customers.moments import parse_moment


def state(**fields: Any) -> list[dict[str, Any]]:
    return [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "customers"}, "stream_state": fields}}]


def lower_bound(sandbox: Sandbox) -> str | None:
    return sandbox.caoloon.requests[0].value("updatedFrom")


@pytest.mark.parametrize(
    "written",
    [
        "2025-06-01T12:00:00.000000+0000",
        "2025-06-01T12:00:00Z",
        "2025-06-01T14:00:00.0000000+02:00",
        "2025-06-01T12:00:00",
        "2025-06-02T02:00:00.5+14:00",
        1748779200000,
    ],
)
def test_reads_a_moment_however_it_was_written(sandbox: Sandbox, written: object) -> None:
    outcome = read(sandbox.config("caoloon", lookback_window="PT0S"), state(updatedAt=written))

    assert outcome.is_complete
    # Noon, and a second earlier, because it is not documented that the bound is inclusive.
    assert lower_bound(sandbox) == "1748779199"


@pytest.mark.parametrize("empty", [None, [], state()])
def test_without_a_moment_everything_is_read(sandbox: Sandbox, empty: list[Any] | None) -> None:
    outcome = read(sandbox.config("caoloon"), empty)

    assert outcome.is_complete
    assert lower_bound(sandbox) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (state(updatedAt="hush"), "The state of stream customers cannot be read: `updatedAt` is not a moment"),
        (state(updatedAt=True), "The state of stream customers cannot be read"),
        (state(updatedAt={"hush": 1}), "The state of stream customers cannot be read"),
        (state(lastUpdated="2025-06-01T12:00:00Z"), "is of another source: it has no `updatedAt`"),
        ([{"type": "GLOBAL", "global": {"stream_states": []}}], "not of the type STREAM"),
        ({"customers": {"updatedAt": "2025-06-01T12:00:00Z"}}, "The state must be a list"),
        (["hush"], "The state must be a list"),
        ([{"stream": {"stream_descriptor": {"name": "customers"}}}], "The state must be a list"),
    ],
)
def test_a_state_that_cannot_be_gone_on_from_is_refused(sandbox: Sandbox, given: Any, said: str) -> None:
    outcome = read(sandbox.config("caoloon"), given)

    assert outcome.exit_code == 1
    [(kind, message)] = outcome.errors
    assert kind == "config_error"
    assert said in message
    assert "hush" not in outcome.output
    assert len(sandbox.requests) == 0


def test_a_state_of_another_stream_is_left_alone(sandbox: Sandbox) -> None:
    other = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "gone"}, "stream_state": {"x": 1}}}]

    assert read(sandbox.config("caoloon"), other).is_complete


@pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia"])
def test_a_state_from_the_future_hides_nothing(sandbox: Sandbox, time: Time, provider: str) -> None:
    api = sandbox.providers[provider]
    new = api.insert()[0]
    cursor_field = str(api.customers.resource.cursor)

    outcome = read(sandbox.config(provider), state(**{cursor_field: "2099-01-01T00:00:00Z"}))

    assert new in {row[api.customers.resource.key] for row in outcome.rows()}
    assert parse_moment(outcome.states[-1][cursor_field]) < time.now() + timedelta(minutes=1)


@pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia"])
def test_a_row_from_the_future_is_delivered_and_hides_no_later_change(
    sandbox: Sandbox, time: Time, provider: str
) -> None:
    api = sandbox.providers[provider]
    future, other = list(api.listed())[:2]
    api.touch(future, at=time.now() + timedelta(days=1000))
    key = api.customers.resource.key

    first = read(sandbox.config(provider))
    assert future in {row[key] for row in first.rows()}
    api.update(other, name="changed", companyName="changed")
    second = read(sandbox.config(provider), first.last_state)

    assert {future, other} <= {row[key] for row in second.rows()}


def test_many_rows_from_the_future_do_not_keep_a_sync_from_ending(sandbox: Sandbox, time: Time) -> None:
    guids = list(sandbox.caoloon.listed())[:30]
    sandbox.caoloon.touch(*guids, at=time.now() + timedelta(days=1000))

    outcome = read(sandbox.config("caoloon", page_size=10))

    assert outcome.is_complete
    assert set(guids) <= {row["guid"] for row in outcome.rows()}


def test_a_change_time_in_another_unit_is_said_once_and_does_not_move_the_state(sandbox: Sandbox) -> None:
    api = sandbox.coredination
    newest = max(api.rows, key=api.changed_at)
    in_seconds = [key for key in api.rows if key != newest][:120]
    for key in in_seconds:
        api.update(key, touch=False, lastModified=int(real_time.time()))

    outcome = read(sandbox.config("coredination"))

    assert outcome.is_complete
    assert {row["id"] for row in outcome.rows()} == set(api.rows)
    assert outcome.states[-1] == {"lastModified": str(api.rows[newest]["lastModified"])}
    assert len([log for log in outcome.logs if "are no moments in the documented unit" in log]) == 1


def test_a_row_that_arrives_late_is_found(sandbox: Sandbox) -> None:
    newest = sandbox.valomnia.insert()[0]
    first = read(sandbox.config("valomnia"))
    late = sandbox.valomnia.insert()[0]
    sandbox.valomnia.touch(late, at=sandbox.valomnia.changed_at(newest) - timedelta(minutes=5))

    second = read(sandbox.config("valomnia"), first.last_state)

    assert late in {row["id"] for row in second.rows()}


@pytest.mark.parametrize("name", ["config", "catalog", "state"])
@pytest.mark.parametrize(
    ("content", "said"),
    [("{cut", "is not JSON in UTF-8"), ("[" * 100_000, "is not JSON in UTF-8"), (None, "cannot be read")],
    ids=["cut", "nested", "not there"],
)
def test_a_file_that_cannot_be_read_is_named(
    sandbox: Sandbox, tmp_path: Any, name: str, content: Any, said: str
) -> None:
    path = tmp_path / f"{name}.json"
    if content is not None:
        path.write_text(content)
    with command_files(config=sandbox.config("caoloon"), catalog=configured_catalog(), state=[]) as files:
        files[files.index(f"--{name}") + 1] = str(path)
        outcome = run_here(["read", *files])

    [(kind, message)] = outcome.errors
    assert kind == "config_error"
    assert message.startswith(f"The {name} file ")
    assert said in message
