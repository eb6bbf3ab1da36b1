"""Rows that change while the server runs, also between two pages, and the way back to the start."""

from datetime import datetime, timezone

import pytest

from integration_tests.sandbox import RequestRecord, Sandbox
from integration_tests.sandbox.client import ask

NOON = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def noon(sandbox: Sandbox) -> datetime:
    sandbox.clock = NOON.timestamp
    return NOON


def test_an_update_moves_the_change_time_to_now(sandbox: Sandbox, noon: datetime) -> None:
    guid = next(iter(sandbox.caoloon.listed()))

    sandbox.caoloon.update(guid, status="Actief")

    [row] = ask(sandbox, "caoloon", f"updatedFrom={int(noon.timestamp())}").json()["models"]
    assert (row["guid"], row["status"], row["updatedAt"]) == (guid, "Actief", "2026-06-01T14:00:00.000000+02:00")


def test_an_update_can_leave_the_change_time_or_set_it(sandbox: Sandbox) -> None:
    first, second = list(sandbox.valomnia.rows)[:2]
    before = sandbox.valomnia.rows[first]["lastUpdated"]

    sandbox.valomnia.update(first, name="Renamed", touch=False)
    sandbox.valomnia.update(second, lastUpdated="2020-01-01T00:00:00Z")

    assert (sandbox.valomnia.rows[first]["name"], sandbox.valomnia.rows[first]["lastUpdated"]) == ("Renamed", before)
    assert list(sandbox.valomnia.listed(lastUpdated_lt="2020-01-02T00:00:00Z")) == [second]


def test_a_touch_changes_nothing_but_the_time(sandbox: Sandbox, noon: datetime) -> None:
    keys = list(sandbox.coredination.rows)[:2]
    before = sandbox.coredination.rows

    sandbox.coredination.touch(*keys)

    for key in keys:
        assert sandbox.coredination.rows[key] == {**before[key], "lastModified": int(noon.timestamp() * 1000)}


def test_mijnklantportaal_keeps_no_change_time(sandbox: Sandbox) -> None:
    key = next(iter(sandbox.mijnklantportaal.rows))

    assert sandbox.mijnklantportaal.update(key, city="Venlo")["city"] == "Venlo"
    with pytest.raises(TypeError, match="no change time"):
        sandbox.mijnklantportaal.touch(key)
    with pytest.raises(TypeError, match="no change time"):
        sandbox.mijnklantportaal.changed_at(key)


def test_inserted_rows_are_listed_and_changed_now(sandbox: Sandbox, noon: datetime) -> None:
    keys = [*sandbox.caoloon.insert(2), *sandbox.caoloon.insert({"companyName": "Anker", "status": "Akkoord"})]

    assert set(keys) <= set(sandbox.caoloon.listed())
    assert {sandbox.caoloon.changed_at(key) for key in keys} == {noon}
    assert sandbox.caoloon.rows[keys[2]]["companyName"] == "Anker"


@pytest.mark.parametrize("name", ["caoloon", "mijnklantportaal", "coredination", "valomnia"])
def test_the_first_rows_that_are_inserted_are_different_ones(name: str) -> None:
    api = Sandbox(10).providers[name]

    assert len(set(api.insert(3))) == 3
    assert len(api.rows) == 13


def test_rows_can_have_flags(sandbox: Sandbox) -> None:
    [guid] = sandbox.caoloon.insert(flags={"archived"})
    assert guid not in sandbox.caoloon.listed()

    sandbox.caoloon.update(guid, flags=())

    assert guid in sandbox.caoloon.listed()
    with pytest.raises(ValueError, match="archivd"):
        sandbox.caoloon.insert(flags={"archivd"})


def test_deleted_rows_are_gone(sandbox: Sandbox) -> None:
    first, second, *others = sandbox.mijnklantportaal.rows

    sandbox.mijnklantportaal.delete(first, second)

    assert ask(sandbox, "mijnklantportaal").json()["data"][0]["id"] == others[0]
    with pytest.raises(KeyError):
        sandbox.mijnklantportaal.delete(first)


def test_a_hook_changes_rows_between_two_pages(sandbox: Sandbox) -> None:
    def delete_one_before_the_second_page(request: RequestRecord) -> None:
        if request.value("offset") == "10":
            sandbox.coredination.delete(next(iter(sandbox.coredination.listed())))

    expected = list(sandbox.coredination.listed())
    sandbox.coredination.before_answer = delete_one_before_the_second_page

    first = [row["id"] for row in ask(sandbox, "coredination", "limit=10").json()]
    second = [row["id"] for row in ask(sandbox, "coredination", "limit=10&offset=10").json()]

    assert first == expected[:10]
    assert second == expected[11:21]


def test_reset_puts_everything_back(sandbox: Sandbox) -> None:
    provider = sandbox.caoloon
    rows, listed = provider.rows, provider.listed()
    clock = sandbox.clock
    added = provider.insert(2)
    provider.update(next(iter(rows)), status="Actief")
    provider.delete(*list(rows)[5:9])
    provider.token, provider.max_page_size, provider.list_order = "other", 3, "guid"
    provider.before_answer = print
    provider.fault("status_500", forever=True)
    sandbox.clock, sandbox.latency, sandbox.mijnklantportaal.rate_limit = (lambda: 0.0), 9.0, None

    sandbox.reset()

    assert (provider.rows, provider.listed()) == (rows, listed)
    assert (provider.token, provider.max_page_size) == ("sandbox-caoloon-token", 500)
    assert provider.before_answer is None
    assert (sandbox.clock, sandbox.latency, sandbox.mijnklantportaal.rate_limit) == (clock, 0.0, 60)
    assert sandbox.requests == []
    assert ask(sandbox, "caoloon").status_code == 200
    assert provider.insert(2) == added


def test_reset_ends_tokens_sessions_and_the_minute(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = 1
    assert [ask(sandbox, "mijnklantportaal").status_code for _ in range(2)] == [200, 429]

    sandbox.reset()

    assert ask(sandbox, "mijnklantportaal").status_code == 200


def test_listed_takes_the_documented_filters(sandbox: Sandbox) -> None:
    archived = {key for key, flags in sandbox.caoloon.flags.items() if "archived" in flags}

    assert set(sandbox.caoloon.listed(archived="true")) == archived
    assert set(sandbox.caoloon.listed()) == set(sandbox.caoloon.rows) - archived
