"""Coredination: filters, credentials, two identities, an optional change time."""

from datetime import datetime, timezone
from typing import Any, Literal

import pytest
import requests

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import TIMEOUT, ask

MIDNIGHT = datetime(2025, 10, 5, tzinfo=timezone.utc)
MILLISECONDS = int(MIDNIGHT.timestamp() * 1000)


def ids(sandbox: Sandbox, query: str) -> set[int]:
    return {row["id"] for row in ask(sandbox, "coredination", f"limit=500&{query}").json()}


@pytest.mark.parametrize("query", ["inactive", "inactive=", "inactive=true", "inactive=false"])
def test_inactive_counts_by_being_there(sandbox: Sandbox, query: str) -> None:
    active = {key for key, flags in sandbox.coredination.flags.items() if "inactive" not in flags}

    assert active < set(sandbox.coredination.rows)
    assert ids(sandbox, "") == active
    assert ids(sandbox, query) == set(sandbox.coredination.rows)


@pytest.mark.parametrize("query", [f"modified={MILLISECONDS}", "modified=2025-10-05"])
def test_modified_since_a_moment_or_the_start_of_a_day(sandbox: Sandbox, query: str) -> None:
    before, exact = sandbox.coredination.insert(2)
    sandbox.coredination.touch(before, at=datetime(2025, 10, 4, 23, 59, 59, 999_000, timezone.utc))
    sandbox.coredination.touch(exact, at=MIDNIGHT)

    found = ids(sandbox, query)

    assert exact in found
    assert before not in found
    assert 1 < len(found) < 240


@pytest.mark.parametrize("value", ["yesterday", "2025-13-01", "2025-10-05T00:00:00Z", "-5", ""])
def test_modified_in_another_spelling_is_refused(sandbox: Sandbox, value: str) -> None:
    assert ask(sandbox, "coredination", f"modified={value}").status_code == 400


@pytest.mark.parametrize(("shown", "expected"), [("all", {True}), ("some", {True, False}), ("none", {False})])
def test_last_modified_may_be_missing(
    sandbox: Sandbox, shown: Literal["all", "some", "none"], expected: set[bool]
) -> None:
    sandbox.coredination.last_modified = shown

    rows = ask(sandbox, "coredination").json()

    assert {"lastModified" in row for row in rows} == expected
    assert ids(sandbox, "modified=2030-01-01") == set()


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("milliseconds", MILLISECONDS),
        ("seconds", MILLISECONDS // 1000),
        ("microseconds", MILLISECONDS * 1000),
        ("iso", "2025-10-05T00:00:00.000+00:00"),
        ("day", "20251005"),
        ("day_number", 20251005),
    ],
)
def test_change_times_can_be_spelled_otherwise(sandbox: Sandbox, spelling: Any, expected: int | str) -> None:
    key = next(iter(sandbox.coredination.listed()))
    sandbox.coredination.touch(key, at=MIDNIGHT)
    sandbox.coredination.last_modified_as = spelling

    assert ask(sandbox, "coredination", path=f"/api/1/customer/{key}").json()["lastModified"] == expected
    assert ask(sandbox, "coredination", "limit=1").json()[0]["lastModified"] == expected
    assert key in ids(sandbox, f"modified={MILLISECONDS}")
    assert key not in ids(sandbox, f"modified={MILLISECONDS + 1}")
    sandbox.coredination.last_modified = "some"
    assert {"lastModified" in row for row in ask(sandbox, "coredination").json()} == {True, False}


def test_order(sandbox: Sandbox) -> None:
    changed_at = sandbox.coredination.changed_at

    assert list(sandbox.coredination.listed()) == sorted(sandbox.coredination.listed())
    sandbox.coredination.list_order = "newest"
    newest = [changed_at(row["id"]) for row in ask(sandbox, "coredination").json()]
    assert newest == sorted(newest, reverse=True)
    sandbox.coredination.list_order = "oldest"
    oldest = [changed_at(row["id"]) for row in ask(sandbox, "coredination").json()]
    assert oldest == sorted(oldest)
    assert oldest[0] < newest[-1]


def test_a_customer_by_either_identity(sandbox: Sandbox) -> None:
    key, row = next(iter(sandbox.coredination.rows.items()))

    assert ask(sandbox, "coredination", path=f"/api/1/customer/{key}").json() == row
    assert ask(sandbox, "coredination", path=f"/api/1/customer/{row['uuid']}").json() == row
    assert ask(sandbox, "coredination", path="/api/1/customer/1").status_code == 404


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"api-key": "key-1"}, ""),
        ({"api-key": "key-1", "api-token": "token-1"}, ""),
        ({}, "api_key=key-1"),
        ({}, "api_key=key-1&api_token=token-1"),
    ],
)
def test_a_key_and_perhaps_a_token_in_headers_or_query(sandbox: Sandbox, headers: dict[str, str], query: str) -> None:
    sandbox.coredination.api_key, sandbox.coredination.api_token = "key-1", "token-1"

    answer = requests.get(f"{sandbox.url}/api/1/customer?{query}", headers=headers, timeout=TIMEOUT)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"api-key": "wrong"}, {"api-key": "key-1", "api-token": "wrong"}, {"api-token": "token-1"}]
)
def test_a_missing_or_wrong_credential_is_refused(sandbox: Sandbox, headers: dict[str, str]) -> None:
    sandbox.coredination.api_key, sandbox.coredination.api_token = "key-1", "token-1"

    assert requests.get(f"{sandbox.url}/api/1/customer", headers=headers, timeout=TIMEOUT).status_code == 401


def test_a_token_can_be_required(sandbox: Sandbox) -> None:
    sandbox.coredination.token_required = True
    token = sandbox.config("coredination")["provider"]["api_token"]

    assert ask(sandbox, "coredination").status_code == 401
    assert ask(sandbox, "coredination", headers={"api-token": token}).status_code == 200


def test_a_good_key_may_lack_permission(sandbox: Sandbox) -> None:
    sandbox.coredination.forbidden = True

    assert ask(sandbox, "coredination").status_code == 403


def test_errors_are_no_json(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "coredination", headers={"api-key": "wrong"})

    assert answer.headers["content-type"].startswith("text/plain")


def test_the_version_needs_no_key(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/api/1/version", timeout=TIMEOUT)

    assert answer.json() == {"id": "2014-03-18_22-49-26", "builduser": "jenkins", "version": "2180"}


def keys(sandbox: Sandbox, path: str, query: str = "") -> set[int]:
    answer = ask(sandbox, "coredination", f"limit=500&{query}", path=f"/api/1/{path}")
    assert answer.status_code == 200
    return {row["id"] for row in answer.json()}


@pytest.mark.parametrize(
    ("stream", "path", "flag"), [("assets", "asset", "inactive"), ("work_reports", "workreport", "invoiced")]
)
def test_some_rows_are_hidden_unless_the_flag_is_there(sandbox: Sandbox, stream: str, path: str, flag: str) -> None:
    table = sandbox.coredination.tables[stream]
    [hidden] = table.insert(flags=[flag])
    shown = {key for key, flags in table.flags.items() if flag not in flags}

    assert keys(sandbox, path) == shown
    assert keys(sandbox, path, flag) == keys(sandbox, path, f"{flag}=false") == set(table.rows)
    assert hidden not in shown


@pytest.mark.parametrize(("stream", "path"), [("assets", "asset"), ("work_reports", "workreport")])
def test_other_lists_are_filtered_by_their_change_too(sandbox: Sandbox, stream: str, path: str) -> None:
    table = sandbox.coredination.tables[stream]
    before, exact = table.insert(2)
    table.touch(before, at=datetime(2025, 10, 4, 23, 59, 59, 999_000, timezone.utc))
    table.touch(exact, at=MIDNIGHT)

    assert exact in keys(sandbox, path, f"modified={MILLISECONDS}")
    assert before not in keys(sandbox, path, "modified=2025-10-05")
    assert keys(sandbox, path, "modified=2030-01-01") == set()


def test_work_reports_by_the_time_of_work_and_by_customer(sandbox: Sandbox) -> None:
    table = sandbox.coredination.tables["work_reports"]
    first, second = list(sandbox.coredination.rows)[:2]
    times = {"startTime": 4_000_000_000_000, "endTime": 4_000_000_600_000}
    [key] = table.insert({**times, "customer": {"id": first, "name": "A"}})
    [other] = table.insert({**times, "customer": {"id": second, "name": "B"}})

    assert keys(sandbox, "workreport", "from=4000000000000&to=4000000600000") == {key, other}
    assert keys(sandbox, "workreport", "from=4000000000001") == set()
    assert other not in keys(sandbox, "workreport", "to=4000000599999")
    assert keys(sandbox, "workreport", f"from=4000000000000&customers={first}") == {key}
    assert keys(sandbox, "workreport", f"from=4000000000000&customers={first},{second}") == {key, other}


def test_jobs_have_five_fields_in_their_detail_only(sandbox: Sandbox) -> None:
    key, row = next(iter(sandbox.coredination.tables["jobs"].rows.items()))
    only = {"events", "signature", "documents", "items", "customFields"}

    listed = ask(sandbox, "coredination", "limit=1", path="/api/1/job").json()[0]

    assert set(row) - set(listed) == only
    assert {field: row[field] for field in listed} == listed
    assert ask(sandbox, "coredination", path=f"/api/1/job/{key}").json() == row
    assert ask(sandbox, "coredination", path=f"/api/1/job/{row['uuid']}").json() == row
    assert ask(sandbox, "coredination", path="/api/1/job/1").status_code == 404


def test_jobs_may_have_no_pages(sandbox: Sandbox) -> None:
    def jobs(query: str) -> list[int]:
        return [row["id"] for row in ask(sandbox, "coredination", query, path="/api/1/job").json()]

    everything = jobs("limit=500")
    assert jobs("limit=3&offset=2") == everything[2:5]

    sandbox.coredination.job_paging = False

    assert jobs("limit=3&offset=2") == jobs("offset=500") == everything
    assert len(ask(sandbox, "coredination", "limit=3", path="/api/1/asset").json()) == 3


def test_a_search_finds_reduced_customers_by_any_term(sandbox: Sandbox) -> None:
    [horse] = sandbox.coredination.insert({"name": "Horse & Cart AB"})
    [mule] = sandbox.coredination.insert({"name": "Mulens Mule"}, flags=["inactive"])
    path = "customer/search"

    [entry] = ask(sandbox, "coredination", "q=horse", path=f"/api/1/{path}").json()

    assert entry == {field: sandbox.coredination.rows[horse][field] for field in ("id", "uuid", "name")}
    assert keys(sandbox, path, "q=HORSE mule") == {horse}
    assert keys(sandbox, path, "q=horse mule&inactive") == {horse, mule}
    assert keys(sandbox, path, "q=zebra") == set()
    assert keys(sandbox, path, "q=a&limit=1&offset=1") == keys(sandbox, path, "q=a")


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "inactive"])
def test_a_search_without_a_query_is_refused(sandbox: Sandbox, query: str) -> None:
    assert ask(sandbox, "coredination", query, path="/api/1/customer/search").status_code == 400


def test_every_list_needs_the_key(sandbox: Sandbox) -> None:
    for path in ("asset", "workreport", "job", "job/123456", "customer/search"):
        answer = ask(sandbox, "coredination", "q=a", path=f"/api/1/{path}", headers={"api-key": "wrong"})
        assert answer.status_code == 401
