"""Fields that no document names: discover declares them, and a read says which ones its catalog lacks."""

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from time import monotonic
from typing import Any

import pytest
import requests

from integration_tests.connector import Json, Outcome, command_files, configured_catalog, discover, read, run_here
from integration_tests.sandbox import Sandbox
from source_customers import provider as provider_module
from source_customers.connection.attempts import Patience
from source_customers.manifest.catalogue import load_manifest
from source_customers.manifest.declarations import StreamDeclaration, conditional, declared, resolved

PROVIDERS = ["caoloon", "coredination", "mijnklantportaal", "valomnia"]
EXTRAS = {"vatNumber": "NL001", "score": 5, "risk": {"level": 1.5, "since": None}, "tags": ["a"], "unused": None}
LEARNED = {
    "risk": {
        "type": ["null", "object"],
        "additionalProperties": True,
        "properties": {"level": {"type": ["null", "number"]}},
    },
    "score": {"type": ["null", "number"]},
    "tags": {"type": ["null", "array"], "items": {"type": ["null", "string"]}},
    "vatNumber": {"type": ["null", "string"]},
}
MOST_PARENTS = 3


def documented(provider: str, stream: str = "customers") -> list[str]:
    return all_documented(provider)[stream]


def streams_of(outcome: Outcome) -> dict[str, Json]:
    """The streams of a catalog by name."""
    [catalog] = outcome.of_type("CATALOG")
    return {stream["name"]: stream for stream in catalog["streams"]}


def fields(outcome: Outcome, stream: str = "customers") -> Json:
    """The fields of a stream that a discover declares, by name."""
    return dict(streams_of(outcome)[stream]["json_schema"]["properties"])


def all_fields(outcome: Outcome) -> dict[str, list[str]]:
    """The names of the fields that a discover declares, by stream of the API."""
    streams = streams_of(outcome)
    return {name: list(stream["json_schema"]["properties"]) for name, stream in streams.items() if name != "full_reads"}


@cache
def in_manifest(provider: str) -> list[Json]:
    """The streams of a manifest, without those that only a further field of the config makes."""
    return [dict(stream) for stream in conditional(resolved(load_manifest(provider))["streams"], {})]


def all_documented(provider: str) -> dict[str, list[str]]:
    """The names of the documented fields, by stream. What is not delivered is not declared."""
    return {
        each["name"]: [
            field
            for field in each["schema_loader"]["schema"]["properties"]
            if field not in {left["field"] for left in each["retriever"].get("leave_out", [])}
        ]
        for each in in_manifest(provider)
    }


def declarations(provider: str) -> dict[str, StreamDeclaration]:
    return {each["name"]: declared(each) for each in in_manifest(provider)}


def all_learned(provider: str) -> dict[str, list[str]]:
    """The fields that discover has to learn where all rows have EXTRAS, by stream. Rows inside of others have none."""
    return {
        name: []
        if stream.list.parent and stream.list.parent.rows
        else sorted(LEARNED.keys() - documented(provider, name))
        for name, stream in declarations(provider).items()
    }


def configured(*streams: Json) -> Json:
    """The configured catalog that a platform makes of streams from discover."""
    return {
        "streams": [
            {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"} for stream in streams
        ]
    }


def only_documented(stream: str) -> str:
    return f"Stream {stream}: its rows could not be looked at, so only the documented fields are declared. "


def only_documented_of(outcome: Outcome) -> list[str]:
    """The streams of which a discover says so, and nothing else, in their order."""
    said = warnings(outcome)
    names = [warning.removeprefix("Stream ").partition(":")[0] for warning in said]
    assert all(warning.startswith(only_documented(name)) for name, warning in zip(names, said, strict=True))
    return names


def with_rows_everywhere(sandbox: Sandbox, provider: str) -> None:
    """Give every list rows where discover looks, as fast as it likes: appointments are those of this week."""
    sandbox.mijnklantportaal.rate_limit = None
    if provider == "mijnklantportaal":
        sandbox.mijnklantportaal.tables["appointments"].insert(1)


def warnings(outcome: Outcome) -> list[str]:
    return [log["message"] for log in outcome.of_type("LOG") if log["level"] == "WARN"]


def lists(sandbox: Sandbox, provider: str, stream: str = "customers") -> list[list[tuple[str, str]]]:
    return [request.query for request in sandbox.requests.of(provider, stream, kind="list")]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_discover_declares_what_it_sees_beside_what_is_documented(sandbox: Sandbox, provider: str) -> None:
    with_rows_everywhere(sandbox, provider)
    sandbox.providers[provider].extra_fields = EXTRAS

    outcome = discover(sandbox.config(provider))

    for name, learned in all_learned(provider).items():
        found = fields(outcome, name)
        assert list(found) == [*documented(provider, name), *learned], name
        assert [found[field] for field in learned] == [LEARNED[field] for field in learned], name
    assert all_learned(provider)["customers"] == list(LEARNED)
    assert warnings(outcome) == []
    again = discover(sandbox.config(provider))
    assert json.dumps(streams_of(again)) == json.dumps(streams_of(outcome))


@pytest.mark.parametrize(
    ("provider", "asked"),
    [
        ("caoloon", [[("pageSize", "100"), ("page", "1")]]),
        ("mijnklantportaal", [[("page", "1")]]),
        ("coredination", [[("inactive", ""), ("limit", "100"), ("offset", "0")]]),
        (
            "valomnia",
            [
                [("sort", "id"), ("order", "asc"), ("max", "100"), ("offset", "0")],
                [("sort", "lastUpdated"), ("order", "desc"), ("max", "100"), ("offset", "0")],
            ],
        ),
    ],
)
def test_discover_asks_for_the_first_page_and_where_it_can_for_the_newest_rows(
    sandbox: Sandbox, provider: str, asked: list[list[tuple[str, str]]]
) -> None:
    discover(sandbox.config(provider))

    # Streams that hang on the customers ask for their first page again.
    queries = lists(sandbox, provider)
    assert [query for number, query in enumerate(queries) if query not in queries[:number]] == asked
    assert len(sandbox.requests.of(kind="login")) == (provider == "valomnia")
    assert {request.kind for request in sandbox.requests} <= {"list", "detail", "login"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_discover_asks_little_of_every_list(sandbox: Sandbox, provider: str) -> None:
    with_rows_everywhere(sandbox, provider)
    streams = declarations(provider)

    discover(sandbox.config(provider))

    asked = Counter(request.stream for request in sandbox.requests if request.kind == "list")
    for name in {stream.source.name for stream in streams.values()}:
        # A page, and where the newest rows can be had, a page of them; whatever comes out of the list.
        assert 1 <= asked.pop(name) <= (2 if streams[name].list.newest else 1), name
    # What is left hangs on the rows of other lists.
    assert asked.keys() <= streams.keys()
    assert all(number <= MOST_PARENTS for number in asked.values())


def test_discover_asks_for_the_rows_of_a_few_parents_at_most(sandbox: Sandbox) -> None:
    api = sandbox.mijnklantportaal
    api.tables["payment_link_payments"].delete(*api.tables["payment_link_payments"].rows)

    outcome = discover(sandbox.config("mijnklantportaal"))

    assert len(api.tables["payment_links"].rows) > MOST_PARENTS
    assert len(api.requests.of(stream="payment_link_payments")) == MOST_PARENTS
    assert all_fields(outcome)["payment_link_payments"] == documented("mijnklantportaal", "payment_link_payments")
    assert warnings(outcome) == []


def test_discover_asks_for_a_few_details_at_most_where_none_are_there(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("status_404", endpoint="detail", stream="customer_details", forever=True)

    outcome = discover(sandbox.config("valomnia"))

    assert len(sandbox.requests.of(stream="customer_details")) == MOST_PARENTS
    assert len(lists(sandbox, "valomnia")) == 2  # the first page and the newest rows, for both of them
    assert all_fields(outcome)["customer_details"] == documented("valomnia", "customer_details")
    assert warnings(outcome) == []


def test_fields_of_the_newest_rows_alone_are_seen(sandbox: Sandbox) -> None:
    last = max(sandbox.valomnia.rows)
    sandbox.valomnia.update(last, loyaltyLevel="gold")

    assert fields(discover(sandbox.config("valomnia")))["loyaltyLevel"] == {"type": ["null", "string"]}


def test_one_page_that_is_the_whole_list_is_asked_for_once(sandbox: Sandbox) -> None:
    discover(sandbox.config("valomnia", page_size=1000))

    others = declarations("valomnia").keys() - {"customer_details"}  # they come out of the list of customers
    assert {len(lists(sandbox, "valomnia", name)) for name in others} == {1}
    assert not [request for request in sandbox.requests if request.value("order") == "desc"]


def test_newest_rows_that_are_refused_do_not_cost_what_the_first_page_shows(sandbox: Sandbox) -> None:
    sandbox.valomnia.extra_fields = {"vatNumber": "NL001"}
    sandbox.valomnia.fault("status_400", forever=True, when=lambda request: request.value("order") == "desc")

    outcome = discover(sandbox.config("valomnia"))

    assert all("vatNumber" in names for names in all_fields(outcome).values())
    assert len(sandbox.requests.of("valomnia", "customers").of(kind="list")) == 2
    assert [request.status for request in sandbox.requests if request.value("order") == "desc"].count(400) >= 1


def test_fields_inside_of_documented_fields_are_declared(sandbox: Sandbox) -> None:
    sandbox.valomnia.extra_fields = {"customerCategory": {"rank": 3}}
    sandbox.coredination.extra_fields = {"customerProjects": {"colour": "red"}}

    category = fields(discover(sandbox.config("valomnia")))["customerCategory"]
    coredination = discover(sandbox.config("coredination"))
    projects = fields(coredination)["customerProjects"]

    assert category["properties"]["rank"] == {"type": ["null", "number"]}
    assert projects["items"]["properties"]["colour"] == {"type": ["null", "string"]}
    # They are the rows of another stream.
    assert fields(coredination, "customer_projects")["colour"] == {"type": ["null", "string"]}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_field_that_is_added_over_http_is_missed_by_a_read_and_found_by_the_next_discover(
    sandbox: Sandbox, provider: str
) -> None:
    with_rows_everywhere(sandbox, provider)
    before = streams_of(discover(sandbox.config(provider)))
    settings = f"{sandbox.url}/_sandbox/{provider}/settings"
    requests.post(settings, json={"extra_fields": EXTRAS}, timeout=10).raise_for_status()

    outdated = read(sandbox.config(provider), catalog=configured(*before.values()))
    after = streams_of(discover(sandbox.config(provider)))
    up_to_date = read(sandbox.config(provider), catalog=configured(*after.values()))

    assert outdated.is_complete
    missed = {name: learned for name, learned in all_learned(provider).items() if learned}
    for name, learned in missed.items():
        assert outdated.rows(name), name
        assert all(row["vatNumber"] == "NL001" for row in outdated.rows(name)), name
        columns = [catalog[name]["json_schema"]["properties"].keys() for catalog in (before, after)]
        assert sorted(columns[1] - columns[0]) == learned, name
    assert sorted(warnings(outdated)) == sorted(
        f"Stream {name}: the catalog does not declare all fields of the rows, so the destination may leave out these "
        f"({len(learned)}): {', '.join(learned)}. Refresh the schema (discover) to get them."
        for name, learned in missed.items()
    )
    assert warnings(up_to_date) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_read_says_nothing_when_its_catalog_declares_nothing(sandbox: Sandbox, provider: str) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    sandbox.providers[provider].extra_fields = EXTRAS

    outcome = read(sandbox.config(provider), catalog=configured_catalog([*declarations(provider)]))

    assert outcome.is_complete
    assert warnings(outcome) == []


def test_a_stream_that_fails_says_so_too(sandbox: Sandbox) -> None:
    catalog = configured(streams_of(discover(sandbox.config("caoloon")))["customers"])
    sandbox.caoloon.extra_fields = {"vatNumber": "NL001"}
    sandbox.caoloon.fault("status_403", page=2)

    outcome = read(sandbox.config("caoloon"), catalog=catalog)

    assert outcome.exit_code == 1
    assert [warning for warning in warnings(outcome) if "these (1): vatNumber. " in warning]


def test_a_documented_type_that_does_not_hold_is_widened_and_named(sandbox: Sandbox) -> None:
    sandbox.coredination.extra_fields = {"groupId": lambda row: f"group {row['groupId']}"}

    outcome = discover(sandbox.config("coredination"))

    # Projects and documents have a group of their own.
    for name in ("customers", "assets", "work_reports", "jobs", "job_details"):
        assert fields(outcome, name)["groupId"]["type"] == ["null", "integer", "string"], name
    assert all_fields(outcome) == all_documented("coredination")
    assert warnings(outcome) == [
        f"Stream {name}: fields that were seen with another type than documented are declared with both (1): groupId."
        for name in ("customers", "assets", "work_reports", "jobs", "job_details")
    ]


def test_a_documented_time_that_is_none_becomes_a_text(sandbox: Sandbox) -> None:
    sandbox.valomnia.extra_fields = {"dateCreated": "long ago"}

    declared = fields(discover(sandbox.config("valomnia")))

    assert declared["dateCreated"] == {"type": ["null", "string"], "description": "When the customer was created."}
    assert declared["lastUpdated"]["format"] == "date-time"


@pytest.mark.parametrize("odd", ["2024-03-01T10:30:00Z", ""])
def test_a_documented_date_that_has_a_time_of_day_or_is_empty_becomes_a_text(sandbox: Sandbox, odd: str) -> None:
    sandbox.mijnklantportaal.extra_fields = {"issuedAt": odd}

    declared = fields(discover(sandbox.config("mijnklantportaal")), "customer_offers")

    assert declared["issuedAt"] == {"type": ["null", "string"]}
    assert declared["expiresAt"] == {"type": ["null", "string"], "format": "date"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_value_of_a_row_is_shown(sandbox: Sandbox, provider: str) -> None:
    sandbox.providers[provider].extra_fields = {"secret": "hush-hush", "copy": lambda row: row}
    # A status is one of those that the schema's own descriptions name.
    tables = [table for table in sandbox.providers[provider].tables.values() if table.resource.label != "status"]
    labels = [row.get(table.resource.label) for table in tables for row in table.rows.values()]
    names = {label for label in labels if isinstance(label, str)}

    with command_files(config=sandbox.config(provider)) as files:
        outcome = run_here(["discover", *files, "--debug"])

    assert "secret" in fields(outcome)
    assert "hush-hush" not in outcome.output
    assert not [name for name in names if name and len(name) > 8 and json.dumps(name)[1:-1] in outcome.output]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_learning_nothing_is_asked_for(sandbox: Sandbox, provider: str) -> None:
    sandbox.providers[provider].extra_fields = EXTRAS

    outcome = discover(sandbox.config(provider, learn_fields=False))

    assert all_fields(outcome) == all_documented(provider)
    assert warnings(outcome) == []
    assert len(sandbox.requests) == 0


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", ["status_403", "status_404", "status_400", "status_503", "html_200", "status_429"])
def test_a_stream_that_is_refused_or_out_of_order_keeps_its_documented_fields(
    sandbox: Sandbox, provider: str, fault: str
) -> None:
    sandbox.providers[provider].fault(fault, forever=True)

    outcome = discover(sandbox.config(provider))

    assert outcome.exit_code == 0
    assert all_fields(outcome) == all_documented(provider)
    assert only_documented_of(outcome) == [*declarations(provider)]


def test_an_api_that_cannot_be_reached_is_no_obstacle(sandbox: Sandbox) -> None:
    # One after another: the clock of these tests goes on for all threads when one of them sleeps.
    outcome = discover(sandbox.config("caoloon", base_url="http://127.0.0.1:9", concurrency=1))

    assert all_fields(outcome) == all_documented("caoloon")
    assert only_documented_of(outcome) == [*declarations("caoloon")]
    assert warnings(outcome)[0] == (
        f"{only_documented('customers')}Stream customers could not be read. The API could not be reached, "
        "or broke off the connection. Try the sync again later."
    )


@pytest.mark.parametrize(
    ("provider", "wrong"),
    [
        ("caoloon", {"api_token": "wrong"}),
        ("coredination", {"api_key": "wrong"}),
        ("mijnklantportaal", {"credentials": {"auth_type": "api_key", "api_key": "wrong"}}),
        ("valomnia", {"password": "wrong"}),
    ],
)
def test_credentials_that_are_wrong_altogether_are_an_error(
    sandbox: Sandbox, provider: str, wrong: Mapping[str, Any]
) -> None:
    outcome = discover(sandbox.config(provider, **wrong))

    assert outcome.exit_code == 1
    [(kind, message)] = outcome.errors
    assert kind == "config_error"
    assert "refused" in message
    assert outcome.of_type("CATALOG") == []


@pytest.mark.parametrize(
    ("fault", "endpoint"), [("drip_body", "list"), ("drip_headers", "list"), ("drip_body", "login")]
)
def test_an_api_that_drips_ends_with_the_patience(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, fault: str, endpoint: str
) -> None:
    monkeypatch.setattr(provider_module, "_DISCOVER_PATIENCE", Patience(failing=0.3, named=0))
    sandbox.valomnia.fault(fault, forever=True, endpoint=endpoint)
    started = monotonic()

    outcome = discover(sandbox.config("valomnia"))

    assert monotonic() - started < 5
    assert all_fields(outcome) == all_documented("valomnia")
    assert only_documented_of(outcome) == [*declarations("valomnia")]
    assert all("did not answer in time" in warning for warning in warnings(outcome))


def test_a_refresh_token_that_is_replaced_meanwhile_is_told(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rotate_refresh_token = True
    config = sandbox.config("mijnklantportaal", oauth=True)

    outcome = discover(config)

    [control] = outcome.of_type("CONTROL")
    replaced = control["connectorConfig"]["config"]
    assert replaced["provider"]["credentials"]["refresh_token"] != config["provider"]["credentials"]["refresh_token"]
    assert discover(replaced).of_type("CATALOG")
