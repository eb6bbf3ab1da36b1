"""Valomnia: filters, sorting, and refusals as documented."""

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import ask
from integration_tests.sandbox.data.samples import samples
from integration_tests.sandbox_reading import Reader

NOON = "2025-06-01T12:00:00Z"
LISTS = {stream: sample.path for stream, sample in samples("valomnia").items() if stream != "customer_details"}
TEXT_FILTERS = [
    ("customer_categories", "reference", "reference"),
    ("customer_categories", "name", "name"),
    ("customer_segmentations", "reference", "reference"),
    ("customer_segmentations", "name", "name"),
    ("customer_groups", "reference", "reference"),
    ("customer_groups", "name", "name"),
    ("customer_employees", "customerReference", "customer.reference"),
    ("customer_employees", "employeeReference", "user.reference"),
    ("contacts", "customerReference", "customer.reference"),
    ("contacts", "firstName", "firstName"),
    ("contacts", "lastName", "lastName"),
    ("payment_types", "reference", "reference"),
    ("payment_types", "name", "name"),
    ("customer_tax_lists", "customer.reference", "customer.reference"),
    ("customer_tax_lists", "taxListReference", "taxList.reference"),
    ("customer_discount_lists", "customerReference", "customer.reference"),
    ("customer_discount_lists", "discountListReference", "discountList.reference"),
    ("customer_category_discount_lists", "customerCategoryReference", "customerCategory.reference"),
    ("customer_category_discount_lists", "discountListReference", "discountList.reference"),
    ("discount_lists", "reference", "reference"),
    ("discount_lists", "name", "name"),
    ("tax_lists", "reference", "reference"),
    ("prices", "priceListReference", "priceList.reference"),
    ("prices", "itemReference", "itemReference"),
    ("prices", "unitReference", "unitReference"),
    ("prices", "itemUnitId", "itemUnit.id"),
    ("items", "reference", "reference"),
    ("items", "name", "name"),
    ("item_categories", "reference", "reference"),
    ("item_categories", "name", "name"),
    ("orders", "operationType", "operationType"),
    ("orders", "reference", "reference"),
    ("orders", "employeeReference", "user.reference"),
    ("orders", "customerReference", "customer.reference"),
    ("order_details", "orderReference", "order.reference"),
    ("order_details", "itemReference", "item.reference"),
    ("order_payments", "reference", "reference"),
    ("order_payments", "orderReference", "order.reference"),
    ("employees", "reference", "reference"),
    ("employee_groups", "reference", "reference"),
    ("employee_groups", "name", "name"),
    ("warehouses", "reference", "reference"),
    ("warehouses", "name", "name"),
    ("warehouse_stocks", "warehouseReference", "warehouse.reference"),
    ("warehouse_stocks", "itemReference", "item.reference"),
    ("routes", "reference", "reference"),
    ("routes", "name", "name"),
    ("route_customers", "customerReference", "customer.reference"),
    ("route_customers", "routeReference", "route.reference"),
    ("price_lists", "reference", "reference"),
    ("price_lists", "name", "name"),
    ("taxes", "itemReference", "item.reference"),
    ("deliveries", "reference", "reference"),
]


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


def at(row: Any, path: str) -> Any:
    for field in path.split("."):
        row = row[field]
    return row


@pytest.fixture
def reader(sandbox: Sandbox) -> Reader:
    return Reader(sandbox, "valomnia")


def found(reader: Reader, stream: str, query: str) -> list[int]:
    answer = reader.get(LISTS[stream], f"max=500&{query}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


@pytest.mark.parametrize("stream", LISTS)
def test_every_list_is_filtered_by_both_dates_and_sorted(sandbox: Sandbox, reader: Reader, stream: str) -> None:
    rows = sandbox.valomnia.tables[stream].rows
    for field in ("dateCreated", "lastUpdated"):
        middle = sorted(row[field] for row in rows.values())[len(rows) // 2]
        later = {key for key, row in rows.items() if row[field] >= middle}

        assert set(found(reader, stream, f"{field}_gte={middle}")) == later
        assert set(found(reader, stream, f"{field}_lt={middle}")) == set(rows) - later
        in_order = found(reader, stream, f"sort={field}&order=desc")
        assert [rows[int(key)][field] for key in in_order] == sorted(
            (row[field] for row in rows.values()), reverse=True
        )
    assert found(reader, stream, "sort=id&order=asc") == sorted(rows)


@pytest.mark.parametrize("stream", LISTS)
def test_every_list_refuses_what_is_not_documented(reader: Reader, stream: str) -> None:
    for query in ("cacheBuster=1", "lastUpdated_gt=2016-08-1Z", "sort=noSuchField", "max=0"):
        assert reader.get(LISTS[stream], query).status_code == 400, query


@pytest.mark.parametrize("stream", ["customer_price_lists", "customer_category_price_lists", "item_units", "users"])
def test_of_some_lists_no_filter_of_their_own_is_documented(reader: Reader, stream: str) -> None:
    for name in ("reference", "customerReference", "priceListReference", "itemReference"):
        assert reader.get(LISTS[stream], f"{name}=x").status_code == 400


@pytest.mark.parametrize(("stream", "parameter", "path"), TEXT_FILTERS)
def test_filters_of_its_own(sandbox: Sandbox, reader: Reader, stream: str, parameter: str, path: str) -> None:
    rows = sandbox.valomnia.tables[stream].rows
    value = at(list(rows.values())[3], path)

    expected = {key for key, row in rows.items() if at(row, path) == value}

    assert set(found(reader, stream, f"{parameter}={value}")) == expected
    assert found(reader, stream, f"{parameter}=999999999") == []


@pytest.mark.parametrize(
    ("stream", "parameter"),
    [
        ("orders", "deliveredByReference"),
        ("deliveries", "employeeReference"),
        ("deliveries", "customerReference"),
        ("deliveries", "deliveredByReference"),
        ("taxes", "taxListReference"),
        ("employee_warehouses", "warehouseReference"),
    ],
)
def test_a_filter_by_what_the_known_record_lacks_finds_nothing(reader: Reader, stream: str, parameter: str) -> None:
    assert found(reader, stream, f"{parameter}=N*") == []
    assert found(reader, stream, f"{parameter}=*")


def test_filters_by_numbers_and_booleans(sandbox: Sandbox, reader: Reader) -> None:
    lists, categories = sandbox.valomnia.tables["discount_lists"], sandbox.valomnia.tables["item_categories"]
    [half] = lists.insert({"percentageDiscount": 50.0})
    [leaf] = categories.insert({"isRoot": False})

    assert found(reader, "discount_lists", "discount=50") == [half]
    assert found(reader, "item_categories", "isRoot=false") == [leaf]
    assert set(found(reader, "item_categories", "isRoot=true")) == set(categories.rows) - {leaf}
    assert reader.get(LISTS["discount_lists"], "discount=half").status_code == 400
    assert found(reader, "price_lists", "isDefaultInOtherMobileOperation=true") == []


def test_check_ins_by_the_time_of_the_visit(sandbox: Sandbox, reader: Reader) -> None:
    [key] = sandbox.valomnia.tables["check_ins"].insert(
        {"startDate": "2030-01-01T14:00:00Z", "endDate": "2030-01-01T14:30:00Z"}
    )

    assert found(reader, "check_ins", "startDate_gte=2030-01-01T14:00:00Z") == [key]
    assert found(reader, "check_ins", "startDate_gt=2030-01-01T14:00:00Z") == []
    assert found(reader, "check_ins", "endDate_gt=2030-01-01T14:29:59Z&endDate_lte=2030-01-01T14:30:00Z") == [key]
    assert key not in found(reader, "check_ins", "endDate_lt=2030-01-01T14:30:00Z")


def test_every_list_has_pages(sandbox: Sandbox, reader: Reader) -> None:
    for stream, path in LISTS.items():
        total = len(sandbox.valomnia.tables[stream].rows)

        first = reader.get(path, "max=2").json()
        last = reader.get(path, f"max=2&offset={total - 1}").json()

        link = f"{path}?max=2&offset=2&sort=dateCreated&order=asc"
        assert first["paging"] == {"total": total, "max": 2, "offset": 0, "previous": None, "next": link}
        assert (len(last["data"]), last["paging"]["next"]) == (1, None)


@pytest.mark.parametrize("stream", LISTS)
def test_every_list_has_details(sandbox: Sandbox, reader: Reader, stream: str) -> None:
    key, row = list(sandbox.valomnia.tables[stream].rows.items())[1]
    by_reference = "reference" in row and stream != "order_payments"

    assert reader.get(f"{LISTS[stream]}/{key}").json()["id"] == key
    answer = reader.get(f"{LISTS[stream]}/reference/{row.get('reference', 'x')}")
    assert answer.status_code == (200 if by_reference else 404)
    missing = reader.get(f"{LISTS[stream]}/9999999")
    assert missing.status_code == 404
    assert (missing.content == b"") is (stream in {"order_details", "order_payments"})


def test_a_detail_with_an_unknown_parameter_is_refused(reader: Reader) -> None:
    assert reader.get("/api/v1.0/orders/5", "expand=all").status_code == 400
