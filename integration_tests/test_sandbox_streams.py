"""What all streams of the sandbox have in common: their rows, who refers to whom, children, details, faults."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from integration_tests.sandbox import RequestRecord, Sandbox
from integration_tests.sandbox.client import ask
from integration_tests.sandbox.data.samples import samples
from integration_tests.sandbox.moments import BASE_TIME
from integration_tests.sandbox_reading import PROVIDERS, STREAMS, Reader, flags, provider_of

SEARCH = {"q": "a e i o u", "inactive": ""}
TABLES = [(provider, stream) for provider in PROVIDERS for stream in Sandbox(0).providers[provider].tables]
REFERENCES = {
    "customer": "customers",
    "customerCategory": "customer_categories",
    "customerSegmentation": "customer_segmentations",
    "customerGroup": "customer_groups",
    "category": "customer_categories",
    "employee": "employees",
    "manager": "employees",
    "employeeGroup": "employee_groups",
    "priceList": "price_lists",
    "taxList": "tax_lists",
    "discountList": "discount_lists",
    "item": "items",
    "order": "orders",
    "paymentType": "payment_types",
    "warehouse": "warehouses",
    "parent": "warehouses",
    "user": "users",
}
PREFIXES = {
    "cst": "customers",
    "cug": "customer_groups",
    "plk": "payment_links",
    "pcd": "punch_cards",
    "tic": "tickets",
}


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a row, the row itself first."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from objects(inner)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


@pytest.mark.parametrize(("provider", "stream"), STREAMS)
def test_what_is_expected_of_a_stream_is_what_its_requests_bring(sandbox: Sandbox, provider: str, stream: str) -> None:
    query = SEARCH if stream == "customer_search" else flags(provider)
    expected = provider_of(sandbox, provider).expected(stream, **query)

    answered = Reader(sandbox, provider).rows(stream)

    added = {"ticket_messages": {"ticketId"}, "collective_labour_agreement_details": {"caoId"}}
    added |= {"customer_projects": {"customerId", "position"}, "customer_documents": {"customerId"}}
    without = added.get(stream, set())
    shown = [{field: value for field, value in row.items() if field not in without} for row in expected.values()]
    assert sorted(map(repr, answered)) == sorted(map(repr, shown))
    assert len(answered) == len(expected) > 0
    assert all(without <= set(row) for row in expected.values())


@pytest.mark.parametrize(
    ("provider", "stream", "key"),
    [
        ("valomnia", "customer_details", "id"),
        ("coredination", "job_details", "id"),
        ("caoloon", "collective_labour_agreement_details", "caoId"),
        ("caoloon", "inquiry_pay_equity_details", "guid"),
        ("mijnklantportaal", "ticket_messages", "id"),
        ("coredination", "customer_search", "id"),
    ],
)
def test_rows_are_expected_by_their_key(sandbox: Sandbox, provider: str, stream: str, key: str) -> None:
    query = SEARCH if stream == "customer_search" else {}
    expected = sandbox.providers[provider].expected(stream, **query)

    assert expected
    assert {row[key] for row in expected.values()} == set(expected)


def test_rows_in_rows_are_expected_by_the_key_of_both(sandbox: Sandbox) -> None:
    key, *_ = sandbox.coredination.insert({"customerProjects": [{"name": "Floor"}, {"name": "Roof"}], "documents": []})
    document = {"uuid": "8acac590-cc94-45aa-a237-18a9d268f431", "fileName": "a.pdf"}
    other, *_ = sandbox.coredination.insert({"customerProjects": [], "documents": [document]})

    projects = sandbox.coredination.expected("customer_projects")
    documents = sandbox.coredination.expected("customer_documents")

    assert projects[key, 1] == {"name": "Floor", "customerId": key, "position": 1}
    assert projects[key, 2] == {"name": "Roof", "customerId": key, "position": 2}
    assert documents[other, document["uuid"]] == {**document, "customerId": other}
    assert not [found for found, _ in documents if found == key]


def test_rows_of_a_parent_that_is_gone_are_not_expected(sandbox: Sandbox) -> None:
    expected = sandbox.mijnklantportaal.expected("payment_link_payments")
    link = next(iter(expected.values()))["paymentLinkId"]

    sandbox.mijnklantportaal.tables["payment_links"].delete(link)

    left = sandbox.mijnklantportaal.expected("payment_link_payments")
    assert left == {key: row for key, row in expected.items() if row["paymentLinkId"] != link}
    assert len(left) < len(expected)


def test_what_valomnias_links_lead_to_is_there_and_called_like_that(sandbox: Sandbox) -> None:
    tables = sandbox.valomnia.tables
    by_path = {table.resource.path.rsplit("/", 1)[1]: table for table in tables.values()}
    followed = set()

    for name, table in tables.items():
        for found in [inner for row in table.rows.values() for inner in objects(row) if "href" in inner]:
            root, path, key = found["href"].rsplit("/", 2)
            assert root in {"/api/v1.0", "/api/v1"}
            if path not in by_path:
                assert path in {"units", "regions", "taxTypes"}
                continue
            target = by_path[path].rows[int(key)]
            same = {"id", "reference", "name", "reference2", "customerReference"} & set(found)
            assert {field: found[field] for field in same} == {field: target[field] for field in same}, name
            followed.add((name, path))

    assert len(followed) > 40
    assert {("orders", "orderDetails"), ("orders", "orderPayments"), ("order_payments", "orders")} <= followed


def test_valomnias_references_without_a_link_are_there_too(sandbox: Sandbox) -> None:
    tables = sandbox.valomnia.tables
    known = {name: {row["reference"] for row in tables[stream].rows.values()} for name, stream in REFERENCES.items()}
    routes = set(tables["routes"].rows)
    seen = set()

    for name, table in tables.items():
        for inner in [inner for row in table.rows.values() for inner in objects(row)]:
            for field in [field for field in inner if field.endswith("Reference") and field != "unitReference"]:
                assert inner[field] in known[field.removesuffix("Reference")], (name, field)
                seen.add((name, field))
        assert {row["routeId"] for row in table.rows.values() if "routeId" in row} <= routes

    assert {("prices", "itemReference"), ("order_payments", "userReference"), ("taxes", "itemReference")} <= seen
    assert len(seen) > 25


def test_a_reference_and_its_object_name_the_same_row(sandbox: Sandbox) -> None:
    for name in ("contacts", "orders", "order_details", "customer_group_assignments", "items", "employees"):
        for row in sandbox.valomnia.tables[name].rows.values():
            flat = {"employeeReference": "user", "itemCategoryId": "itemCategory", "paymentTypeId": "paymentType"}
            for field in set(row) & {"customerReference", "itemReference", "orderReference", *flat}:
                kind = "id" if field.endswith("Id") else "reference"
                target = flat.get(field, field.removesuffix("Reference"))
                assert row[field] == row[target][kind], (name, field)


def test_the_lines_and_payments_of_an_order_are_its_own(sandbox: Sandbox) -> None:
    tables = sandbox.valomnia.tables
    for field, name in (("orderLines", "order_details"), ("orderPayments", "order_payments")):
        belonging: dict[Any, set[Any]] = {key: set() for key in tables["orders"].rows}
        for key, row in tables[name].rows.items():
            belonging[row["order"]["id"]].add(key)

        held = {key: {line["id"] for line in row[field]} for key, row in tables["orders"].rows.items()}

        assert held == belonging
        assert {len(lines) for lines in held.values()} >= {0, 1, 2}


def test_a_price_is_that_of_its_units_item(sandbox: Sandbox) -> None:
    units = sandbox.valomnia.tables["item_units"].rows

    for price in sandbox.valomnia.tables["prices"].rows.values():
        assert price["itemReference"] == units[price["itemUnit"]["id"]]["item"]["reference"]


def test_a_user_is_the_employee_of_the_same_reference(sandbox: Sandbox) -> None:
    employees = sandbox.valomnia.tables["employees"].rows

    for user in sandbox.valomnia.tables["users"].rows.values():
        assert employees[user["employee"]["id"]]["reference"] == user["reference"]


def test_mijnklantportaals_keys_are_there(sandbox: Sandbox) -> None:
    tables = sandbox.mijnklantportaal.tables
    seen = set()

    for name, table in tables.items():
        for text in [text for row in table.rows.values() for text in texts(row)]:
            for key, prefix in re.findall(r"\b(([a-z]{3})_[0-9a-z]{14})\b", text):
                if prefix in PREFIXES:
                    assert key in tables[PREFIXES[prefix]].rows, name
                    seen.add((name, PREFIXES[prefix]))

    children = {("payment_link_payments", "payment_links"), ("issued_punch_cards", "punch_cards")}
    assert children | {("ticket_messages", "tickets"), ("customers", "customer_groups")} <= seen
    assert len([name for name, target in seen if target == "customers"]) == 9


def test_the_links_of_a_row_and_its_customer_are_one(sandbox: Sandbox) -> None:
    for name in ("customer_invoices", "customer_offers"):
        for row in sandbox.mijnklantportaal.tables[name].rows.values():
            assert row["links"]["customer"]["href"].endswith(f"/customers/{row['customerId']}")


def test_the_references_of_the_others_are_there(sandbox: Sandbox) -> None:
    caoloon, coredination = sandbox.caoloon.tables, sandbox.coredination.tables

    for inquiry in caoloon["inquiries_pay_equity"].rows.values():
        assert inquiry["cao"] in caoloon["collective_labour_agreements"].rows
        assert inquiry["customerGuid"] in caoloon["customers"].rows
    for report in coredination["work_reports"].rows.values():
        assert report["customer"]["name"] == coredination["customers"].rows[report["customer"]["id"]]["name"]
        assert report["job"]["title"] == coredination["jobs"].rows[report["job"]["id"]]["title"]
    assets = {row["uuid"] for row in coredination["assets"].rows.values()}
    named = {row["assetUuid"] for row in coredination["jobs"].rows.values()}
    assert named <= assets | {None}
    assert {row["customer"]["id"] for row in coredination["jobs"].rows.values()} <= set(coredination["customers"].rows)


@pytest.mark.parametrize(("provider", "stream"), TABLES)
def test_every_row_has_a_key_and_a_reference_of_its_own(provider: str, stream: str) -> None:
    rows = Sandbox(100, rows=100).providers[provider].tables[stream].rows

    assert len(rows) == 100
    for field in {"reference", "uuid", "invoiceNumber", "assetNo"} & set(next(iter(rows.values()))):
        assert len({row[field] for row in rows.values()}) == 100


@pytest.mark.parametrize(("provider", "stream"), TABLES)
def test_keys_are_of_the_documented_kind(provider: str, stream: str) -> None:
    table = Sandbox(20, rows=20).providers[provider].tables[stream]
    sample = samples(provider)[stream]
    key = sample.sample[sample.key]

    for found in table.rows:
        if isinstance(key, int):
            assert isinstance(found, int)
        else:
            kinds = (r"[a-z]{3}(?=_)", r"\d+-\d{4}$", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
            [kind] = [kind for kind in kinds if re.match(kind, key)]
            match = re.match(kind, str(found))
            assert match
            assert kind != kinds[0] or match[0] == key[:3]


@pytest.mark.parametrize(("provider", "stream"), TABLES)
def test_the_same_seed_makes_the_same_rows(provider: str, stream: str) -> None:
    first, again, other = (Sandbox(20, seed=seed).providers[provider].tables[stream].rows for seed in (5, 5, 6))

    assert first == again
    assert first != other


@pytest.mark.parametrize(("provider", "stream"), TABLES)
def test_what_the_first_rows_are_does_not_depend_on_what_was_looked_at_before(provider: str, stream: str) -> None:
    asked_first, asked_last = Sandbox(20).providers[provider], Sandbox(20).providers[provider]
    for table in asked_last.tables.values():
        assert table.rows is not None

    assert asked_first.tables[stream].rows == asked_last.tables[stream].rows


@pytest.mark.parametrize("rows", [{"orders": 500, "customer_groups": 3}, 7])
def test_there_are_as_many_as_asked_for(rows: Any) -> None:
    sandbox = Sandbox(30, rows=rows)
    counts = {name: len(table.rows) for name, table in sandbox.valomnia.tables.items()}

    asked = rows if isinstance(rows, dict) else dict.fromkeys(set(counts) - {"customers"}, rows)
    assert {name: counts[name] for name in asked} == asked
    assert counts["customers"] == 30
    assert len(sandbox.mijnklantportaal.tables["customer_groups"].rows) == asked["customer_groups"]


def test_there_are_few_otherwise_and_none_without_customers() -> None:
    few, none = Sandbox(100), Sandbox(0)

    for name in PROVIDERS:
        for stream, table in few.providers[name].tables.items():
            assert stream == "customers" or 1 <= len(table.rows) <= 60
        assert not [row for table in none.providers[name].tables.values() for row in table.rows]


def test_what_refers_to_an_empty_list_refers_to_nothing() -> None:
    tables = Sandbox(10, rows={"payment_types": 0, "order_details": 0}).valomnia.tables

    for order in tables["orders"].rows.values():
        assert (order["paymentType"], order["orderLines"]) == (None, [])


@pytest.mark.parametrize(("provider", "stream"), TABLES)
def test_times_are_those_of_the_tables_history(provider: str, stream: str) -> None:
    table = Sandbox(50, rows=50).providers[provider].tables[stream]
    if table.resource.cursor is None:
        return

    moments = [table.changed_at(key) for key in table.rows]

    assert BASE_TIME - timedelta(days=731) < min(moments) <= max(moments) <= BASE_TIME
    assert len(set(moments)) > 40
    created = {"dateCreated", "createdAt", "creationTimeStamp"}
    for row in table.rows.values():
        for field in created & set(row):
            assert row[field] <= row[table.resource.cursor]


def test_times_of_a_row_stay_as_far_apart_as_they_are_documented() -> None:
    for row in Sandbox(50).coredination.tables["work_reports"].rows.values():
        assert row["endTime"] - row["startTime"] == 6_300_000
    for row in Sandbox(50).mijnklantportaal.tables["customer_offers"].rows.values():
        assert row["issuedAt"] < row["expiresAt"]
        assert row["issuedAt"] <= row["createdAt"][:10]


@pytest.mark.parametrize(("provider", "stream"), TABLES)
def test_rows_can_be_added_changed_and_deleted(sandbox: Sandbox, provider: str, stream: str) -> None:
    api = sandbox.providers[provider]
    before = api.tables[stream].rows

    changed = api.change(stream=stream, insert=2, update=1, delete=1)

    after = api.tables[stream].rows
    assert set(after) - set(before) == set(changed.inserted)
    assert set(before) - set(after) == set(changed.deleted)
    assert [key for key in set(before) & set(after) if before[key] != after[key]] == changed.updated
    assert (len(changed.inserted), len(changed.deleted), len(changed.updated)) == (2, 1, 1)
    assert list(after[changed.inserted[0]]) == list(before[changed.updated[0]])
    sandbox.reset()
    assert api.tables[stream].rows == before


def test_a_stream_without_rows_of_its_own_cannot_be_changed(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="coredination has no rows of customer_projects"):
        sandbox.coredination.change(stream="customer_projects", update=1)


@pytest.mark.parametrize(("provider", "stream"), TABLES)
def test_others_work_on_every_list(sandbox: Sandbox, provider: str, stream: str) -> None:
    api = provider_of(sandbox, provider)
    if stream == "ticket_messages":  # has no list
        return
    api.busy_every, api.busy_changes = 1, ["insert"]
    count = len(api.tables[stream].rows)
    path = samples(provider)[stream].path
    parents = {"payment_link_payments": "payment_links", "issued_punch_cards": "punch_cards"}
    if stream in parents:
        path = path.replace("{key}", str(next(iter(api.tables[parents[stream]].rows))))

    assert ask(sandbox, provider, path=path).status_code == 200

    assert len(api.tables[stream].rows) == count + 1


@pytest.mark.parametrize(
    ("provider", "path", "kind", "stream"),
    [
        ("valomnia", "/api/v1.0/orders", "list", "orders"),
        ("valomnia", "/api/v1.0/orders/5", "detail", "orders"),
        ("valomnia", "/api/v1.0/customers/256", "detail", "customer_details"),
        ("valomnia", "/api/v1.0/customers/reference/NC-1", "detail", "customer_details"),
        ("mijnklantportaal", "/v1/payment-links/{payment_links}/payments", "list", "payment_link_payments"),
        ("mijnklantportaal", "/v1/punch-cards/{punch_cards}/issued", "list", "issued_punch_cards"),
        ("mijnklantportaal", "/v1/tickets/{tickets}", "detail", "ticket_messages"),
        ("mijnklantportaal", "/v1/appointments", "list", "appointments"),
        ("coredination", "/api/1/job/123456", "detail", "job_details"),
        ("coredination", "/api/1/customer/search?q=a", "list", "customer_search"),
        ("caoloon", "/portal/cla/{collective_labour_agreements}", "detail", "collective_labour_agreement_details"),
        ("caoloon", "/portal/ipe/{inquiries_pay_equity}/", "detail", "inquiry_pay_equity_details"),
    ],
)
def test_requests_are_recorded_with_their_stream(
    sandbox: Sandbox, provider: str, path: str, kind: str, stream: str
) -> None:
    tables = sandbox.providers[provider].tables
    path, _, query = re.sub(r"\{(\w+)\}", lambda found: str(next(iter(tables[found[1]].rows))), path).partition("?")

    answer = ask(sandbox, provider, query, path=path)

    assert answer.status_code == 200
    request = sandbox.requests[-1]
    assert (request.provider, request.kind, request.stream) == (provider, kind, stream)
    assert len(sandbox.requests.of(provider, stream, kind)) == 1


@pytest.mark.parametrize(
    ("parent", "path"),
    [
        ("payment_links", "/v1/payment-links/{key}/payments"),
        ("punch_cards", "/v1/punch-cards/{key}/issued"),
        ("tickets", "/v1/tickets/{key}"),
    ],
)
def test_a_parent_can_go_between_its_list_and_its_children(sandbox: Sandbox, parent: str, path: str) -> None:
    table = sandbox.mijnklantportaal.tables[parent]
    first, second = list(table.rows)[:2]

    def delete(request: RequestRecord) -> None:
        if str(first) in request.path:
            table.delete(first)

    sandbox.mijnklantportaal.before_answer = delete

    answers = [ask(sandbox, "mijnklantportaal", path=path.format(key=key)) for key in (second, first)]

    assert [answer.status_code for answer in answers] == [200, 404]
    assert answers[1].json() == {"code": 404, "message": "Not found."}


@pytest.mark.parametrize(
    ("provider", "parent", "path"),
    [
        ("valomnia", "customers", "/api/v1.0/customers/{key}"),
        ("coredination", "jobs", "/api/1/job/{key}"),
        ("caoloon", "collective_labour_agreements", "/portal/cla/{key}"),
        ("caoloon", "inquiries_pay_equity", "/portal/ipe/{key}/"),
    ],
)
def test_so_can_what_has_details(sandbox: Sandbox, provider: str, parent: str, path: str) -> None:
    table = sandbox.providers[provider].tables[parent]
    key = next(iter(table.rows))
    sandbox.providers[provider].before_answer = lambda _request: table.delete(key)

    assert ask(sandbox, provider, path=path.format(key=key)).status_code == 404


def test_a_child_is_asked_for_with_a_credential(sandbox: Sandbox) -> None:
    key = next(iter(sandbox.mijnklantportaal.tables["tickets"].rows))
    nobody = {"authorization": ""}

    for path in (f"/v1/tickets/{key}", "/v1/payment-links/none/payments"):
        assert ask(sandbox, "mijnklantportaal", path=path, headers=nobody).status_code == 401
