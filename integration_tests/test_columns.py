"""Fields that no document names: discover declares them, and a read says which ones its catalog lacks."""

import json
from collections.abc import Mapping
from time import monotonic
from typing import Any

import pytest
import requests

from integration_tests.connector import Json, Outcome, command_files, discover, read, run_here
from integration_tests.sandbox import Sandbox
from source_customers import provider as provider_module
from source_customers.connection.attempts import Patience
from source_customers.manifest.catalogue import load_manifest

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
ONLY_DOCUMENTED = "Stream customers: its rows could not be looked at, so only the documented fields are declared. "


def documented(provider: str) -> list[str]:
    return list(load_manifest(provider)["schemas"]["customers"]["properties"])


def stream_of(outcome: Outcome) -> Json:
    [catalog] = outcome.of_type("CATALOG")
    [stream] = catalog["streams"]
    return dict(stream)


def fields(outcome: Outcome) -> Json:
    """The fields that a discover declares, by name."""
    return dict(stream_of(outcome)["json_schema"]["properties"])


def configured(stream: Json) -> Json:
    """The configured catalog that a platform makes of a stream from discover."""
    return {"streams": [{"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}]}


def warnings(outcome: Outcome) -> list[str]:
    return [log["message"] for log in outcome.of_type("LOG") if log["level"] == "WARN"]


def lists(sandbox: Sandbox, provider: str) -> list[list[tuple[str, str]]]:
    return [request.query for request in sandbox.requests.of(provider, kind="list")]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_discover_declares_what_it_sees_beside_what_is_documented(sandbox: Sandbox, provider: str) -> None:
    sandbox.providers[provider].extra_fields = EXTRAS

    outcome = discover(sandbox.config(provider))

    declared = fields(outcome)
    assert list(declared) == [*documented(provider), *LEARNED]
    assert {name: declared[name] for name in LEARNED} == LEARNED
    assert warnings(outcome) == []
    assert json.dumps(fields(discover(sandbox.config(provider)))) == json.dumps(declared)


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

    assert lists(sandbox, provider) == asked
    assert len(sandbox.requests.of(kind="login")) == (provider == "valomnia")
    assert {request.kind for request in sandbox.requests} <= {"list", "login"}


def test_fields_of_the_newest_rows_alone_are_seen(sandbox: Sandbox) -> None:
    last = max(sandbox.valomnia.rows)
    sandbox.valomnia.update(last, loyaltyLevel="gold")

    assert fields(discover(sandbox.config("valomnia")))["loyaltyLevel"] == {"type": ["null", "string"]}


def test_one_page_that_is_the_whole_list_is_asked_for_once(sandbox: Sandbox) -> None:
    discover(sandbox.config("valomnia", page_size=1000))

    assert len(lists(sandbox, "valomnia")) == 1


def test_newest_rows_that_are_refused_do_not_cost_what_the_first_page_shows(sandbox: Sandbox) -> None:
    sandbox.valomnia.extra_fields = {"vatNumber": "NL001"}
    sandbox.valomnia.fault("status_400", forever=True, when=lambda request: request.value("order") == "desc")

    outcome = discover(sandbox.config("valomnia"))

    assert "vatNumber" in fields(outcome)
    assert len(lists(sandbox, "valomnia")) == 2


def test_fields_inside_of_documented_fields_are_declared(sandbox: Sandbox) -> None:
    sandbox.valomnia.extra_fields = {"customerCategory": {"rank": 3}}
    sandbox.coredination.extra_fields = {"customerProjects": {"colour": "red"}}

    category = fields(discover(sandbox.config("valomnia")))["customerCategory"]
    projects = fields(discover(sandbox.config("coredination")))["customerProjects"]

    assert category["properties"]["rank"] == {"type": ["null", "number"]}
    assert projects["items"]["properties"]["colour"] == {"type": ["null", "string"]}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_field_that_is_added_over_http_is_missed_by_a_read_and_found_by_the_next_discover(
    sandbox: Sandbox, provider: str
) -> None:
    before = stream_of(discover(sandbox.config(provider)))
    settings = f"{sandbox.url}/_sandbox/{provider}/settings"
    requests.post(settings, json={"extra_fields": EXTRAS}, timeout=10).raise_for_status()

    outdated = read(sandbox.config(provider), catalog=configured(before))
    after = stream_of(discover(sandbox.config(provider)))
    up_to_date = read(sandbox.config(provider), catalog=configured(after))

    assert outdated.is_complete
    assert all(row["vatNumber"] == "NL001" for row in outdated.rows())
    [warning] = warnings(outdated)
    assert warning == (
        "Stream customers: the catalog does not declare all fields of the rows, so the destination may leave out "
        "these (4): risk, score, tags, vatNumber. Refresh the schema (discover) to get them."
    )
    assert after["json_schema"]["properties"].keys() - before["json_schema"]["properties"].keys() == LEARNED.keys()
    assert warnings(up_to_date) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_read_says_nothing_when_its_catalog_declares_nothing(sandbox: Sandbox, provider: str) -> None:
    sandbox.providers[provider].extra_fields = EXTRAS

    outcome = read(sandbox.config(provider))

    assert outcome.is_complete
    assert warnings(outcome) == []


def test_a_stream_that_fails_says_so_too(sandbox: Sandbox) -> None:
    catalog = configured(stream_of(discover(sandbox.config("caoloon"))))
    sandbox.caoloon.extra_fields = {"vatNumber": "NL001"}
    sandbox.caoloon.fault("status_403", page=2)

    outcome = read(sandbox.config("caoloon"), catalog=catalog)

    assert outcome.exit_code == 1
    assert [warning for warning in warnings(outcome) if "these (1): vatNumber. " in warning]


def test_a_documented_type_that_does_not_hold_is_widened_and_named(sandbox: Sandbox) -> None:
    sandbox.coredination.extra_fields = {"groupId": lambda row: f"group {row['groupId']}"}

    outcome = discover(sandbox.config("coredination"))

    assert fields(outcome)["groupId"]["type"] == ["null", "integer", "string"]
    assert list(fields(outcome)) == documented("coredination")
    assert warnings(outcome) == [
        "Stream customers: fields that were seen with another type than documented are declared with both (1): groupId."
    ]


def test_a_documented_time_that_is_none_becomes_a_text(sandbox: Sandbox) -> None:
    sandbox.valomnia.extra_fields = {"dateCreated": "long ago"}

    declared = fields(discover(sandbox.config("valomnia")))

    assert declared["dateCreated"] == {"type": ["null", "string"], "description": "When the customer was created."}
    assert declared["lastUpdated"]["format"] == "date-time"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_value_of_a_row_is_shown(sandbox: Sandbox, provider: str) -> None:
    sandbox.providers[provider].extra_fields = {"secret": "hush-hush", "copy": lambda row: row}
    names = [row.get("name") or row.get("companyName") for row in list(sandbox.providers[provider].listed().values())]

    with command_files(config=sandbox.config(provider)) as files:
        outcome = run_here(["discover", *files, "--debug"])

    assert "secret" in fields(outcome)
    assert "hush-hush" not in outcome.output
    assert not [name for name in names if name and len(name) > 8 and json.dumps(name)[1:-1] in outcome.output]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_learning_nothing_is_asked_for(sandbox: Sandbox, provider: str) -> None:
    sandbox.providers[provider].extra_fields = EXTRAS

    outcome = discover(sandbox.config(provider, learn_fields=False))

    assert list(fields(outcome)) == documented(provider)
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
    assert list(fields(outcome)) == documented(provider)
    [warning] = warnings(outcome)
    assert warning.startswith(ONLY_DOCUMENTED)


def test_an_api_that_cannot_be_reached_is_no_obstacle(sandbox: Sandbox) -> None:
    outcome = discover(sandbox.config("caoloon", base_url="http://127.0.0.1:9"))

    assert list(fields(outcome)) == documented("caoloon")
    [warning] = warnings(outcome)
    assert warning == (
        f"{ONLY_DOCUMENTED}Stream customers could not be read. The API could not be reached, or broke off the "
        "connection. Try the sync again later."
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
    assert list(fields(outcome)) == documented("valomnia")
    [warning] = warnings(outcome)
    assert warning.startswith(ONLY_DOCUMENTED)
    assert "did not answer in time" in warning


def test_a_refresh_token_that_is_replaced_meanwhile_is_told(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rotate_refresh_token = True
    config = sandbox.config("mijnklantportaal", oauth=True)

    outcome = discover(config)

    [control] = outcome.of_type("CONTROL")
    replaced = control["connectorConfig"]["config"]
    assert replaced["provider"]["credentials"]["refresh_token"] != config["provider"]["credentials"]["refresh_token"]
    assert discover(replaced).of_type("CATALOG")
