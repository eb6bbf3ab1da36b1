"""A config of an earlier version works, and the platform is told what it is today."""

from pathlib import Path

from integration_tests.connector import Json, check, command_files, configured_catalog, read, run_here
from integration_tests.sandbox import Sandbox


def earlier(config: Json) -> Json:
    """A config as 0.0 had it."""
    fields = dict(config["provider"])
    return {"provider": fields.pop("name"), **fields}


def test_a_config_of_0_0_is_taken_along(sandbox: Sandbox) -> None:
    config = sandbox.config("caoloon")

    outcome = read(earlier(config))

    assert outcome.is_complete
    [control] = outcome.of_type("CONTROL")
    assert control["type"] == "CONNECTOR_CONFIG"
    assert control["connectorConfig"]["config"] == config


def test_check_and_discover_take_it_along_too(sandbox: Sandbox) -> None:
    config = earlier(sandbox.config("valomnia"))

    assert check(config).status == ("SUCCEEDED", None)
    with command_files(config=config) as files:
        assert run_here(["discover", *files]).of_type("CATALOG")


def test_the_config_file_is_left_alone(sandbox: Sandbox) -> None:
    config = earlier(sandbox.config("caoloon"))
    with command_files(config=config, catalog=configured_catalog()) as files:
        path = Path(files[files.index("--config") + 1])
        before = path.read_bytes()

        run_here(["read", *files])

        assert path.read_bytes() == before


def test_a_config_of_today_is_not_announced(sandbox: Sandbox) -> None:
    assert read(sandbox.config("caoloon")).of_type("CONTROL") == []


def test_filters_that_stood_at_the_top_in_0_1_move_into_the_stream_they_are_of(sandbox: Sandbox) -> None:
    config = sandbox.config("valomnia", active_only=True, customer_name="A*")

    outcome = read(config)

    assert outcome.is_complete
    [control] = outcome.of_type("CONTROL")
    provider = control["connectorConfig"]["config"]["provider"]
    assert provider["customers"] == {"is_active": "active", "name": "A*"}
    assert not {"active_only", "customer_name"} & set(provider)
    assert {(query["isActive"], query["name"]) for query in sandbox.valomnia.requests.of(kind="list").queries()} == {
        ("true", "A*")
    }


def test_filters_of_an_earlier_version_do_not_replace_those_of_today(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("caoloon", contains="old", customers={"contains": "new"}))

    assert outcome.is_complete
    assert {query["contains"] for query in sandbox.caoloon.requests.of(kind="list").queries()} == {"new"}
