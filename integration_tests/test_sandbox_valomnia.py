"""Valomnia: filters, sorting, and refusals as documented."""

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import ask

NOON = "2025-06-01T12:00:00Z"


def rows(sandbox: Sandbox, query: str) -> list[dict[str, Any]]:
    answer = ask(sandbox, "valomnia", f"max=500&{query}").json()
    assert answer["paging"]["total"] == len(answer["data"])
    return list(answer["data"])


def ids(sandbox: Sandbox, query: str) -> set[int]:
    return {row["id"] for row in rows(sandbox, query)}


@pytest.mark.parametrize("field", ["dateCreated", "lastUpdated"])
@pytest.mark.parametrize(
    ("comparison", "expected"),
    [("gt", {"after"}), ("gte", {"at", "after"}), ("lt", {"before"}), ("lte", {"before", "at"})],
)
def test_dates_with_and_without_their_bound(sandbox: Sandbox, field: str, comparison: str, expected: set[str]) -> None:
    moments = {"before": "2025-06-01T11:59:59Z", "at": NOON, "after": "2025-06-01T12:00:01Z"}
    keys = {name: sandbox.valomnia.insert({field: moment})[0] for name, moment in moments.items()}

    found = ids(sandbox, f"{field}_{comparison}={NOON}")

    assert {name for name, key in keys.items() if key in found} == expected


def test_filters_add_up(sandbox: Sandbox) -> None:
    window = "lastUpdated_gte=2025-01-01T00:00:00Z&lastUpdated_lt=2025-07-01T00:00:00Z"

    expected = [r for r in rows(sandbox, "isActive=true") if "2025-01-01" <= r["lastUpdated"] < "2025-07-01"]

    assert ids(sandbox, f"{window}&isActive=true") == {r["id"] for r in expected}
    assert expected


@pytest.mark.parametrize("parameter", ["reference", "name", "categoryReference"])
@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("Zz[9]?-6", True),
        ("Zz*", True),
        ("*-6", True),
        ("*z[9]*", True),
        ("Zz", False),
        ("zz*", False),
        ("*-61", False),
        ("Zz[0-9]%3F-6", False),
        ("Zz[9]_-6", False),
    ],
)
def test_wildcards_match_the_whole_text(sandbox: Sandbox, parameter: str, pattern: str, *, matches: bool) -> None:
    [key] = sandbox.valomnia.insert({parameter: "Zz[9]?-6"})

    assert (key in ids(sandbox, f"{parameter}={pattern}")) is matches


@pytest.mark.parametrize(("value", "active"), [("true", True), ("false", False)])
def test_is_active(sandbox: Sandbox, value: str, *, active: bool) -> None:
    expected = {key for key, row in sandbox.valomnia.rows.items() if row["isActive"] is active}

    assert expected
    assert ids(sandbox, f"isActive={value}") == expected


@pytest.mark.parametrize("field", ["lastUpdated", "id", "name", "dateCreated"])
def test_sorts_by_a_field(sandbox: Sandbox, field: str) -> None:
    up = [row[field] for row in rows(sandbox, f"sort={field}&order=asc")]
    down = [row[field] for row in rows(sandbox, f"sort={field}&order=desc")]

    assert up == sorted(up)
    assert down == up[::-1]


def test_sorts_fields_that_are_null_or_objects_too(sandbox: Sandbox) -> None:
    limits = [row["creditLimit"] for row in rows(sandbox, "sort=creditLimit")]
    authors = [json.dumps(row["createdBy"]) for row in rows(sandbox, "sort=createdBy")]

    given = [limit for limit in limits if limit is not None]
    assert limits == [None] * (len(limits) - len(given)) + sorted(given)
    assert authors == sorted(authors)


def test_the_oldest_comes_first_unless_asked_otherwise(sandbox: Sandbox) -> None:
    created = [row["dateCreated"] for row in rows(sandbox, "")]

    assert created == sorted(created)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (f"dateCreated_gta={NOON}", "dateCreated_gta"),
        ("zeta=1&alpha=2&max=5", "alpha, zeta"),
        ("updatedAt_gte=2025", "updatedAt_gte"),
        ("sort=noSuchField", "sort"),
        ("order=up", "order"),
    ],
)
def test_unknown_parameters_are_refused_by_name(sandbox: Sandbox, query: str, names: str) -> None:
    answer = ask(sandbox, "valomnia", query)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_param",
        "error_description": f"The parameters [{names}] you provided are not valid for this request.",
    }


@pytest.mark.parametrize(
    "value", ["2016-08-1Z", "2025-06-01", "2025-06-01T12:00:00", "2025-13-01T00:00:00Z", "2025-06-01T12:00:00.5Z", "0"]
)
def test_a_date_in_another_spelling_is_refused(sandbox: Sandbox, value: str) -> None:
    answer = ask(sandbox, "valomnia", f"lastUpdated_gte={value}")

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_datetime_format",
        "error_description": f"Invalid datetime filter (not ISO-8601 formatted): [{value}]",
    }


def test_a_wrong_type_is_refused(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "valomnia", "isActive=yes")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_param_type")


def test_the_epoch_is_a_date(sandbox: Sandbox) -> None:
    assert len(ids(sandbox, "lastUpdated_gte=1970-01-01T00:00:00Z")) == 250


def test_a_customer_by_id_or_reference_as_its_page_shows_it(sandbox: Sandbox) -> None:
    key, row = next(iter(sandbox.valomnia.rows.items()))

    by_id = ask(sandbox, "valomnia", path=f"/api/v1.0/customers/{key}").json()
    by_reference = ask(sandbox, "valomnia", path=f"/api/v1.0/customers/reference/{row['reference']}").json()

    assert by_id == by_reference
    assert set(by_id) == set(row) - {"region"} | {"customerRisk", "customerRiskColor"}
    cash = {"id": 7, "reference": "cash", "name": "cash", "href": "/api/v1.0/paymentTypes/7"}
    assert by_id["paymentTypes"][0] == cash


@pytest.mark.parametrize("path", ["/api/v1.0/customers/9", "/api/v1.0/customers/reference/9"])
def test_an_unknown_customer_is_not_found(sandbox: Sandbox, path: str) -> None:
    answer = ask(sandbox, "valomnia", path=path)

    assert answer.status_code == 404
    assert answer.json() == {"error": "not_found", "error_description": "The customer with the id 9 doesn't exist."}


def test_a_touch_is_a_whole_second(sandbox: Sandbox) -> None:
    key = next(iter(sandbox.valomnia.rows))

    sandbox.valomnia.touch(key, at=datetime(2025, 6, 1, 12, 0, 0, 999_999, timezone.utc))

    assert sandbox.valomnia.rows[key]["lastUpdated"] == NOON
