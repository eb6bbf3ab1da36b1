"""What a config leaves out or adds: secrets and signatures, pages of jobs, a search, filters, and details of these."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Json, Outcome, configured_catalog, discover, read
from integration_tests.sandbox import Sandbox, serve
from integration_tests.streams import delivered, expected, latest_states, whole_catalog

INQUIRIES = ["inquiries_pay_equity", "inquiry_pay_equity_details"]


@pytest.fixture(scope="module")
def small_sandbox() -> Iterator[Sandbox]:
    with serve(Sandbox(40, rows=25, seed=3, rate_limit=None)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(small_sandbox: Sandbox, time: Time) -> Sandbox:
    small_sandbox.reset()
    small_sandbox.clock = lambda: time.now().timestamp()
    return small_sandbox


def schema(config: Json, stream: str) -> Json:
    catalog = whole_catalog(config)
    [found] = [each["stream"]["json_schema"] for each in catalog["streams"] if each["stream"]["name"] == stream]
    fields: Json = found["properties"]
    return fields


def debugged(config: Json, stream: str) -> Outcome:
    return read(config, catalog=configured_catalog([stream]), options=["--debug"])


def test_secrets_of_webhooks_are_nowhere(sandbox: Sandbox) -> None:
    secrets = [row["secret"] for row in sandbox.mijnklantportaal.tables["webhooks"].rows.values()]
    config = sandbox.config("mijnklantportaal")

    outcome = debugged(config, "webhooks")

    assert outcome.exit_code == 0
    assert len(outcome.rows("webhooks")) == len(secrets) == 25
    assert all("secret" not in row and row["url"] for row in outcome.rows("webhooks"))
    assert "secret" not in schema(config, "webhooks")
    said = outcome.output + discover(config).output
    assert not [secret for secret in secrets if secret in said]


def test_signatures_come_when_asked_for_alone(sandbox: Sandbox) -> None:
    rows = expected(sandbox, "mijnklantportaal", "agreements")
    pictures = {row["signerSignature"] for row in rows.values()}
    pictures |= {signer["signature"] for row in rows.values() for signer in row["signers"]}
    assert len(pictures - {None}) > 0
    without = sandbox.config("mijnklantportaal")
    with_them = sandbox.config("mijnklantportaal", agreements={"signatures": True})

    few, all_of_it = debugged(without, "agreements"), debugged(with_them, "agreements")

    assert delivered(all_of_it, "mijnklantportaal", "agreements") == rows
    for key, row in delivered(few, "mijnklantportaal", "agreements").items():
        assert rows[key].keys() - row.keys() == {"signerSignature"}
        assert row["signers"] == [
            {name: value for name, value in signer.items() if name != "signature"} for signer in rows[key]["signers"]
        ]
        assert row["documents"] == rows[key]["documents"]
    said = few.output + discover(without).output
    assert not [picture for picture in pictures - {None} if picture in said]
    fields = schema(without, "agreements")
    assert "signerSignature" not in fields
    assert "signature" not in fields["signers"]["items"]["properties"]
    fields = schema(with_them, "agreements")
    assert "signerSignature" in fields
    assert "signature" in fields["signers"]["items"]["properties"]


@pytest.mark.parametrize("page_size", [1, 10, 100])
@pytest.mark.parametrize("has_pages", [True, False])
def test_jobs_come_in_pages_or_in_one_answer(sandbox: Sandbox, page_size: int, has_pages: bool) -> None:
    sandbox.coredination.job_paging = has_pages
    config = sandbox.config("coredination", jobs={"paged": has_pages}, page_size=page_size)

    outcome = read(config, catalog=configured_catalog(["jobs", "job_details"]))

    assert outcome.exit_code == 0
    for stream in ("jobs", "job_details"):
        assert delivered(outcome, "coredination", stream) == expected(sandbox, "coredination", stream)
        assert len(outcome.rows(stream)) == 25
    lists = sandbox.requests.of(stream="jobs", kind="list")
    if has_pages:
        assert all(request.value("limit") and request.value("offset") for request in lists)
    else:
        assert [request.query for request in lists] == [[]]


@pytest.mark.parametrize("page_size", [1, 10, 25, 100])
def test_pages_of_jobs_that_are_none_are_an_error(sandbox: Sandbox, page_size: int) -> None:
    """A list that comes whole, wherever it is asked to begin, does not prove that it is whole."""
    sandbox.coredination.job_paging = False
    config = sandbox.config("coredination", page_size=page_size)

    outcome = read(config, catalog=configured_catalog(["jobs", "job_details", "assets"]))

    assert outcome.exit_code == 1
    assert {kind for kind, _ in outcome.stream_errors} == {"transient_error"}
    assert len(outcome.stream_errors) == 2
    assert set(latest_states(outcome)) == {"assets"}
    assert len(sandbox.requests.of(stream="jobs", kind="list")) < 17


def test_there_is_a_search_where_there_is_a_query(sandbox: Sandbox) -> None:
    without = sandbox.config("coredination")
    names = {stream["stream"]["name"] for stream in whole_catalog(without)["streams"]}
    refused = read(without, catalog=configured_catalog(["customer_search"]))
    sandbox.clear_requests()

    name = next(iter(sandbox.coredination.rows.values()))["name"].split()[0]
    for inactive in (False, True):
        config = sandbox.config(
            "coredination", customer_search={"query": f"{name} & søk", "include_inactive": inactive}
        )
        outcome = read(config, catalog=configured_catalog(["customer_search"]))
        query = {"q": f"{name} & søk", **({"inactive": ""} if inactive else {})}
        assert outcome.exit_code == 0
        found = sandbox.coredination.expected("customer_search", **query)
        assert delivered(outcome, "coredination", "customer_search") == found
        assert dict(sandbox.requests[-1].query) == query
        assert 0 < len(found) < 40

    assert "customer_search" not in names
    assert [kind for kind, _ in refused.errors] == ["config_error"]
    assert {stream["stream"]["name"] for stream in whole_catalog(config)["streams"]} == names | {"customer_search"}


@pytest.mark.parametrize(
    ("stream", "field", "parameter"),
    [
        ("work_reports", {"work_reports": {"include_invoiced": False}}, "invoiced"),
        ("assets", {"include_inactive": False}, "inactive"),
        ("customer_projects", {"include_inactive": False}, "inactive"),
    ],
)
def test_flags_are_there_or_not(sandbox: Sandbox, stream: str, field: Json, parameter: str) -> None:
    listed = "customers" if stream == "customer_projects" else stream
    with_flag = read(sandbox.config("coredination"), catalog=configured_catalog([stream]))
    asked = [request.query for request in sandbox.requests.of(stream=listed)]
    sandbox.clear_requests()

    without = read(sandbox.config("coredination", **field), catalog=configured_catalog([stream]))

    assert all((parameter, "") in query for query in asked)
    assert all(parameter not in dict(request.query) for request in sandbox.requests.of(stream=listed))
    whole = sandbox.coredination.expected(stream, **{parameter: ""})
    less = sandbox.coredination.expected(stream)
    assert delivered(with_flag, "coredination", stream) == whole
    assert delivered(without, "coredination", stream) == less
    assert 0 < len(less) < len(whole)


def test_details_are_those_of_the_customers_that_the_filters_leave(sandbox: Sandbox) -> None:
    config = sandbox.config("valomnia", customers={"is_active": "inactive"})

    outcome = read(config, catalog=configured_catalog(["customer_details", "contacts"]))

    inactive = sandbox.valomnia.expected("customers", isActive="false")
    assert outcome.exit_code == 0
    assert delivered(outcome, "valomnia", "customer_details").keys() == inactive.keys()
    assert len(sandbox.requests.of(stream="customer_details")) == len(inactive) < 40
    # The filter is of customers alone; any other list would refuse it.
    assert delivered(outcome, "valomnia", "contacts") == expected(sandbox, "valomnia", "contacts")
    assert all(request.value("isActive") is None for request in sandbox.requests.of(stream="contacts"))


@pytest.mark.parametrize("skew", [0, 7200, -7200])
@pytest.mark.parametrize("page_size", [10, 100])
def test_the_state_of_inquiries_is_the_start_of_the_sync_by_the_clock_of_the_api(
    sandbox: Sandbox, time: Time, skew: int, page_size: int
) -> None:
    api = sandbox.caoloon
    api.clock_skew = skew
    began = api.now()
    config = sandbox.config("caoloon", page_size=page_size, lookback_window="PT0S")

    first = read(config, catalog=configured_catalog(INQUIRIES))
    time.sleep(3600)
    changed = api.change(stream="inquiries_pay_equity", update=3, insert=2)
    time.sleep(60)
    sandbox.clear_requests()
    second = read(config, first.last_state, configured_catalog(INQUIRIES))

    told = {stream: moment(state["updatedAt"]) for stream, state in latest_states(first).items()}
    assert told.keys() == set(INQUIRIES)
    for at in told.values():
        assert began - timedelta(seconds=2) <= at <= began + timedelta(seconds=20)
    assert second.exit_code == 0
    keys = {*changed.updated, *changed.inserted}
    for stream in INQUIRIES:
        rows = delivered(second, "caoloon", stream)
        assert rows.keys() == keys
        assert all("updatedAt" not in row for row in rows.values())
        assert delivered(first, "caoloon", stream) | rows == expected(sandbox, "caoloon", stream)
        assert moment(latest_states(second)[stream]["updatedAt"]) > told[stream]
    since = int(told["inquiries_pay_equity"].timestamp()) - 1
    assert {request.value("from") for request in sandbox.requests.of(kind="list")} >= {str(since)}
    assert len(sandbox.requests.of(kind="detail")) == len(keys)


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(timezone.utc)


@pytest.mark.parametrize("stream", ["collective_labour_agreements", "customers"])
def test_a_start_date_leaves_out_what_hangs_on_older_rows(sandbox: Sandbox, stream: str) -> None:
    provider, child = {
        "customers": ("valomnia", "customer_details"),
        "collective_labour_agreements": ("caoloon", "collective_labour_agreement_details"),
    }[stream]
    table: Any = sandbox.providers[provider].tables[stream]
    since = datetime(2025, 1, 1, tzinfo=timezone.utc)

    outcome = read(
        sandbox.config(provider, start_date="2025-01-01T00:00:00Z"), catalog=configured_catalog([stream, child])
    )

    newer = {key for key in table.rows if table.changed_at(key) >= since}
    assert outcome.exit_code == 0
    assert delivered(outcome, provider, child).keys() == delivered(outcome, provider, stream).keys() == newer
    assert len(sandbox.requests.of(stream=child)) == len(newer) < len(table.rows)
