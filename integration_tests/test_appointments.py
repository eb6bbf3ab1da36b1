"""Appointments of MijnKlantportaal are read by their own time, so many days at a time."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from integration_tests.connector import Json, Outcome, configured_catalog, read
from integration_tests.sandbox import Sandbox, serve
from integration_tests.streams import delivered, expected, latest_states

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=timezone.utc)
CATALOG = configured_catalog(["appointments"])
A_DAY = timedelta(days=1)
TOO_MANY_DAYS = (
    "config_error",
    (
        "Stream appointments could not be read: the API gives fewer days at a time than it was asked for. "
        "Lower `appointments.days`."
    ),
)


@pytest.fixture(scope="module")
def small_sandbox() -> Iterator[Sandbox]:
    with serve(Sandbox(5, rows=25, seed=3, rate_limit=None, clock=NOW.timestamp)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(small_sandbox: Sandbox) -> Sandbox:
    small_sandbox.reset()
    return small_sandbox


def config(sandbox: Sandbox, days: int = 60, **fields: Any) -> Json:
    given = {"start_date": "2023-12-01T00:00:00Z", "appointments": {"days": days}, **fields}
    return sandbox.config("mijnklantportaal", **given)


def asked(sandbox: Sandbox) -> list[tuple[str, str]]:
    """The day and the number of days of each request but the first, which tells the API's clock."""
    queries = [dict(request.query) for request in sandbox.requests.of(stream="appointments")]
    assert all(query.keys() == {"start_at", "days"} for query in queries)
    return [(query["start_at"], query["days"]) for query in queries[1:]]


def windows(first: datetime, last: datetime, days: int) -> list[tuple[str, str]]:
    """Windows of so many days from a day on, the last of which begins by another day."""
    found = []
    while first <= last:
        found.append((f"{first:%Y-%m-%d} 00:00", str(days)))
        first += (days - 1) * A_DAY
    return found


def day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0)


def starting(sandbox: Sandbox, since: datetime) -> set[Any]:
    rows = sandbox.mijnklantportaal.tables["appointments"].rows
    return {key for key, row in rows.items() if datetime.fromisoformat(row["startsAt"]) >= since}


def came(outcome: Outcome) -> dict[Any, Json]:
    return delivered(outcome, "mijnklantportaal", "appointments")


def everything(sandbox: Sandbox) -> dict[Any, Json]:
    return expected(sandbox, "mijnklantportaal", "appointments")


def test_windows_overlap_by_a_day_from_a_year_back_to_a_year_ahead(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.tables["appointments"].delete(*starting(sandbox, NOW - 3000 * A_DAY))

    outcome = read(sandbox.config("mijnklantportaal", concurrency=1), catalog=CATALOG)

    assert outcome.exit_code == 0
    # A day more at either end: no document says in which time zone a day is counted.
    assert asked(sandbox) == windows(day(NOW) - 366 * A_DAY, day(NOW) + 366 * A_DAY, 7)
    assert latest_states(outcome) == {"appointments": {"startsAt": "2026-03-01T10:30:00+0000"}}


@pytest.mark.parametrize("days", [2, 7, 60, 366])
def test_start_date_and_days_say_what_is_asked_for(sandbox: Sandbox, days: int) -> None:
    start = {"start_date": "2025-11-15T12:00:00Z"}

    outcome = read(config(sandbox, days, **start, concurrency=1), catalog=CATALOG)

    assert outcome.exit_code == 0
    more = asked(sandbox)
    for window in windows(datetime(2025, 11, 14, tzinfo=timezone.utc), day(NOW) + 366 * A_DAY, days):
        more.remove(window)
    # One more proves that the API gives so many days.
    assert len(more) <= 1
    since = datetime(2025, 11, 15, 12, tzinfo=timezone.utc)
    assert starting(sandbox, since) <= came(outcome).keys() <= starting(sandbox, since - 2 * A_DAY)


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("days", [7, 31])
def test_every_appointment_comes_once_wherever_the_day_begins(sandbox: Sandbox, zone: str, days: int) -> None:
    sandbox.mijnklantportaal.appointments_zone = zone

    outcome = read(config(sandbox, days, concurrency=8), catalog=CATALOG)

    assert outcome.exit_code == 0
    assert came(outcome) == everything(sandbox)
    assert len(outcome.rows("appointments")) == 25


def test_the_second_sync_reads_what_is_to_come_and_a_month_back(sandbox: Sandbox) -> None:
    first = read(config(sandbox), catalog=CATALOG)
    later = NOW + 10 * A_DAY
    sandbox.clock = later.timestamp
    table = sandbox.mijnklantportaal.tables["appointments"]
    [to_come, *_] = starting(sandbox, later)
    table.update(to_come, status="canceled")
    [added] = table.insert({"startsAt": f"{later + 40 * A_DAY:%Y-%m-%dT%H:%M:%S}+00:00"})
    sandbox.clear_requests()

    second = read(config(sandbox, concurrency=1), first.last_state, CATALOG)

    assert second.exit_code == 0
    rows = came(second)
    assert rows[to_come]["status"] == "canceled"
    assert added in rows
    assert starting(sandbox, NOW - 30 * A_DAY) <= rows.keys() <= starting(sandbox, NOW - 32 * A_DAY)
    assert asked(sandbox)[0] == (f"{NOW - 31 * A_DAY:%Y-%m-%d} 00:00", "60")
    assert latest_states(second) == {"appointments": {"startsAt": "2026-03-11T10:30:00+0000"}}


def test_a_sync_that_is_cut_off_goes_on_where_it_was(sandbox: Sandbox) -> None:
    whole = read(config(sandbox, 14), catalog=CATALOG)
    states = [n for n, message in enumerate(whole.messages) if message["type"] == "STATE"]
    assert len(states) > 20

    for cut in states[::8]:
        before = Outcome("\n".join(whole.output.splitlines()[: cut + 1]), 0)
        resumed = read(config(sandbox, 14), before.last_state, CATALOG)
        assert came(before) | came(resumed) == everything(sandbox)


@pytest.mark.parametrize("most", [3, 7, 20, 28])
def test_an_api_that_gives_fewer_days_is_noticed_and_leaves_no_state(sandbox: Sandbox, most: int) -> None:
    """A few appointments in three years are enough."""
    sandbox.mijnklantportaal.appointments_max_days = most

    failed = read(config(sandbox, 30), catalog=CATALOG)
    healthy = read(config(sandbox, most), catalog=CATALOG)

    assert failed.exit_code == 1
    assert failed.stream_errors == [TOO_MANY_DAYS]
    assert failed.states == []
    assert healthy.exit_code == 0
    assert came(healthy) == everything(sandbox)


def test_an_appointment_that_goes_meanwhile_is_no_sign_of_fewer_days(sandbox: Sandbox) -> None:
    table = sandbox.mijnklantportaal.tables["appointments"]
    count = iter(range(1000))

    def delete_one(_: object) -> None:
        if next(count) % 2 and table.rows:
            table.delete(next(iter(table.rows)))

    sandbox.mijnklantportaal.before_answer = delete_one

    outcome = read(config(sandbox, 14), catalog=CATALOG)

    assert outcome.exit_code == 0
    assert not sandbox.errors
