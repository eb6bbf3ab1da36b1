"""The habits of the sandbox do what they say, and each provider has them."""

from typing import Any

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.oddities import Side
from integration_tests.sandbox_reading import Reader, provider_of

LISTS = {
    "caoloon": "/portal/customer/?pageSize=50&page=1",
    "coredination": "/api/1/customer?limit=50&offset=0",
    "mijnklantportaal": "/v1/customers?page=1",
    "valomnia": "/api/v1.0/customers?max=50&offset=0&sort=id&order=asc",
}
SECOND = {
    "caoloon": "/portal/customer/?pageSize=50&page=2",
    "coredination": "/api/1/customer?limit=50&offset=50",
    "mijnklantportaal": "/v1/customers?page=2",
    "valomnia": "/api/v1.0/customers?max=50&offset=50&sort=id&order=asc",
}
BEHIND = {
    name: path.replace("page=2", "page=900").replace("offset=50", "offset=90000") for name, path in SECOND.items()
}
EVERY = pytest.mark.parametrize("name", LISTS)
WITH_TOTAL = pytest.mark.parametrize("name", ["caoloon", "valomnia"])
MOMENT = "2025-06-01T12:00:00Z"
SECONDS = 1748779200
# A list of the rows that changed at that moment or later, and one of those until then.
SINCE = {
    "caoloon": f"/portal/customer/?pageSize=50&page=1&updatedFrom={SECONDS}",
    "coredination": f"/api/1/customer?limit=50&offset=0&modified={SECONDS}000",
    "valomnia": f"/api/v1.0/customers?max=50&offset=0&lastUpdated_gte={MOMENT}",
}
UNTIL = {
    "caoloon": f"/portal/customer/?pageSize=500&page=1&updatedTo={SECONDS}",
    "valomnia": f"/api/v1.0/customers?max=500&offset=0&lastUpdated_lte={MOMENT}",
}
CHANGED: dict[str, Any] = {"caoloon": MOMENT, "coredination": SECONDS * 1000, "valomnia": MOMENT}


def rows_of(sandbox: Sandbox, name: str, path: str) -> list[Any]:
    document = document_of(sandbox, name, path)
    rows: list[Any] = document if isinstance(document, list) else document.get("data", document.get("models"))
    return rows


def document_of(sandbox: Sandbox, name: str, path: str) -> Any:
    return Reader(sandbox, name).get(*path.split("?")).json()


def keys_of(sandbox: Sandbox, name: str, path: str) -> list[Any]:
    key = sandbox.providers[name].customers.resource.key
    return [row.get(key) for row in rows_of(sandbox, name, path)]


def total_of(sandbox: Sandbox, name: str, path: str) -> int:
    document = document_of(sandbox, name, path)
    return int(document["total"] if name == "caoloon" else document["paging"]["total"])


def one_changed(sandbox: Sandbox, name: str) -> Any:
    """Make a row the only one that changed at the moment, and return its key."""
    customers = sandbox.providers[name].customers
    key = next(key for key in customers.rows if not customers.flags[key])
    customers.update(key, **{str(customers.resource.cursor): CHANGED[name]})
    return key


@EVERY
def test_a_fixed_size_is_that_of_every_page(sandbox: Sandbox, name: str) -> None:
    provider_of(sandbox, name).fixed_page_size = 7

    first, second = keys_of(sandbox, name, LISTS[name]), keys_of(sandbox, name, SECOND[name])

    assert len(first) == len(second) == 7
    assert not set(first) & set(second)


@EVERY
def test_a_stuck_page_is_the_first_one(sandbox: Sandbox, name: str) -> None:
    api = provider_of(sandbox, name)
    first = keys_of(sandbox, name, LISTS[name])
    api.stuck_page = True

    assert keys_of(sandbox, name, SECOND[name]) == first


@EVERY
def test_shuffled_lists_have_the_same_rows_in_another_order(sandbox: Sandbox, name: str) -> None:
    provider_of(sandbox, name).shuffled = True

    assert keys_of(sandbox, name, LISTS[name]) != keys_of(sandbox, name, LISTS[name])


@EVERY
def test_what_follows_the_last_page(sandbox: Sandbox, name: str) -> None:
    api = provider_of(sandbox, name)
    assert keys_of(sandbox, name, BEHIND[name]) == []

    api.past_end = "last"
    assert keys_of(sandbox, name, BEHIND[name])
    api.past_end = "refused"
    assert Reader(sandbox, name).get(*BEHIND[name].split("?")).status_code == 404


@WITH_TOTAL
def test_a_total_is_off(sandbox: Sandbox, name: str) -> None:
    api = provider_of(sandbox, name)
    right = total_of(sandbox, name, LISTS[name])
    api.total_off = -7

    assert total_of(sandbox, name, LISTS[name]) == right - 7


@WITH_TOTAL
def test_a_total_counts_what_a_filter_leaves_out(sandbox: Sandbox, name: str) -> None:
    api = provider_of(sandbox, name)
    assert total_of(sandbox, name, SINCE[name]) < total_of(sandbox, name, LISTS[name])
    api.total_unfiltered = True

    assert total_of(sandbox, name, SINCE[name]) == total_of(sandbox, name, LISTS[name])


@pytest.mark.parametrize("name", ["caoloon", "mijnklantportaal", "valomnia"])
def test_every_page_names_another(sandbox: Sandbox, name: str) -> None:
    provider_of(sandbox, name).never_last = True
    document = document_of(sandbox, name, BEHIND[name])

    assert document.get("nextPage") or document.get("next_page_url") or document["paging"]["next"]


@EVERY
def test_keys_are_repeated_or_missing(sandbox: Sandbox, name: str) -> None:
    api = provider_of(sandbox, name)
    api.keys = "repeated"
    keys = keys_of(sandbox, name, LISTS[name])
    assert keys[0] == keys[1]
    assert len(set(keys)) == len(keys) - 1

    api.keys = "missing"
    assert keys_of(sandbox, name, LISTS[name]).count(None) == 1


@pytest.mark.parametrize("name", CHANGED)
def test_some_rows_do_not_show_their_change_time(sandbox: Sandbox, name: str) -> None:
    api = provider_of(sandbox, name)
    api.missing_change_times = 0.5
    cursor = api.customers.resource.cursor

    shown = [cursor in row for row in rows_of(sandbox, name, LISTS[name])]

    assert 0.2 < shown.count(True) / len(shown) < 0.8


@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize(("side", "is_found"), [("inclusive", True), ("exclusive", False), ("coarse", True)])
def test_a_lower_filter_finds_the_row_of_its_moment_or_not(
    sandbox: Sandbox, name: str, side: Side, is_found: bool
) -> None:
    api = provider_of(sandbox, name)
    key = one_changed(sandbox, name)
    api.lower_filter = side

    size = SINCE[name].replace("=50&", "=500&")
    assert (key in keys_of(sandbox, name, size)) is is_found


@pytest.mark.parametrize("name", UNTIL)
@pytest.mark.parametrize(("side", "is_found"), [("inclusive", True), ("exclusive", False)])
def test_an_upper_filter_finds_the_row_of_its_moment_or_not(
    sandbox: Sandbox, name: str, side: Side, is_found: bool
) -> None:
    api = provider_of(sandbox, name)
    key = one_changed(sandbox, name)
    api.upper_filter = side

    assert (key in keys_of(sandbox, name, UNTIL[name])) is is_found


@pytest.mark.parametrize("name", CHANGED)
def test_a_filter_is_ignored_or_lets_nothing_through(sandbox: Sandbox, name: str) -> None:
    api = provider_of(sandbox, name)
    future = SINCE[name].replace("2025", "2999").replace(str(SECONDS), str(SECONDS * 9))
    assert keys_of(sandbox, name, future) == []

    api.lower_filter = "ignored"
    assert keys_of(sandbox, name, future)
    api.lower_filter = "misread"
    assert keys_of(sandbox, name, SINCE[name]) == []


@EVERY
def test_a_stream_is_refused_and_a_wrong_credential_is_not(sandbox: Sandbox, name: str) -> None:
    api = provider_of(sandbox, name)
    reader = Reader(sandbox, name)
    api.refused_streams = ["customers"]
    assert reader.get(*LISTS[name].split("?")).status_code == 403

    sandbox.reset()
    api.open_door = True
    reader._session.headers.clear()
    assert reader.get(*LISTS[name].split("?")).status_code == 200


def test_rate_headers_can_be_left_out(sandbox: Sandbox) -> None:
    reader = Reader(sandbox, "mijnklantportaal")
    assert "x-ratelimit-remaining" in reader.get("/v1/customers", "page=1").headers

    sandbox.mijnklantportaal.rate_headers = False
    assert "x-ratelimit-remaining" not in reader.get("/v1/customers", "page=1").headers


def test_appointments_come_whatever_days_are_asked_for(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.appointments_unfiltered = True

    document = Reader(sandbox, "mijnklantportaal").get("/v1/appointments", "start_at=1999-01-01 00:00&days=2").json()

    assert len(document["data"]) == len(sandbox.mijnklantportaal.tables["appointments"].rows)


def test_inactive_customers_may_have_to_be_asked_for(sandbox: Sandbox) -> None:
    reader = Reader(sandbox, "valomnia")
    path = "/api/v1.0/customers"
    inactive = reader.get(path, "isActive=false").json()["paging"]["total"]
    everyone = reader.get(path).json()["paging"]["total"]
    sandbox.valomnia.inactive_hidden = True

    assert inactive > 0
    assert reader.get(path).json()["paging"]["total"] == everyone - inactive
    assert reader.get(path, "isActive=false").json()["paging"]["total"] == inactive
