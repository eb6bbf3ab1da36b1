"""The installed command, in a process of its own, as the platform and PyAirbyte run it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from integration_tests.connector import check, command_files, configured_catalog, discover, read, run_here, run_process
from integration_tests.rows import streams_of
from integration_tests.sandbox import Sandbox
from source_customers.manifest import catalogue

PROVIDERS = ["caoloon", "coredination", "mijnklantportaal", "valomnia"]


def test_spec_is_composed_of_the_manifests() -> None:
    outcome = run_process(["spec"])

    assert outcome.exit_code == 0
    [spec] = outcome.of_type("SPEC")
    provider = spec["connectionSpecification"]["properties"]["provider"]
    assert [branch["properties"]["name"]["const"] for branch in provider["oneOf"]] == PROVIDERS
    assert all("name" in branch["required"] for branch in provider["oneOf"])


def test_check_discover_and_read_with_state_in_processes(sandbox: Sandbox) -> None:
    config = sandbox.config("caoloon")
    with command_files(config=config) as files:
        assert run_process(["check", *files]).status == ("SUCCEEDED", None)
        [catalog] = run_process(["discover", *files]).of_type("CATALOG")
    stream = catalog["streams"][0]
    assert stream["name"] == "customers"
    assert stream["source_defined_primary_key"] == [["guid"]]
    assert stream["default_cursor_field"] == ["updatedAt"]
    assert stream["supported_sync_modes"] == ["full_refresh", "incremental"]

    with command_files(config=config, catalog=configured_catalog()) as files:
        first = run_process(["read", *files])
    assert first.is_complete
    assert first.errors_output == ""
    with command_files(config=config, catalog=configured_catalog(), state=first.last_state) as files:
        second = run_process(["read", *files])
    assert second.is_complete
    assert len(second.rows()) < len(first.rows()) / 10


def test_a_config_mistake_fails_check_with_its_field_and_without_its_value(sandbox: Sandbox) -> None:
    with command_files(config=sandbox.config("caoloon", page_size="hush-hush")) as files:
        outcome = run_process(["check", *files])

    assert outcome.exit_code == 0
    assert outcome.status == ("FAILED", "`provider.page_size` must be of type integer.")
    assert "hush-hush" not in outcome.output + outcome.errors_output
    assert len(sandbox.requests) == 0


def test_a_config_mistake_ends_a_read_before_the_first_request(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("caoloon", page_sise=1))

    assert outcome.exit_code == 1
    [(kind, message)] = outcome.errors
    assert kind == "config_error"
    assert message.startswith("`provider.page_sise` is unknown; the fields are ")
    assert len(sandbox.requests) == 0


def test_a_catalog_with_an_unknown_stream_is_refused(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("caoloon"), catalog=configured_catalog(["customers", "clients"]))

    assert outcome.exit_code == 1
    [(kind, message)] = outcome.errors
    assert kind == "config_error"
    assert message == (
        "The catalog names streams that do not exist: clients. The streams are customers, "
        "collective_labour_agreements, collective_labour_agreement_details, inquiries_pay_equity, "
        "inquiry_pay_equity_details, invitations, full_reads."
    )


def test_every_provider_has_customers_first_and_then_every_other_documented_list(sandbox: Sandbox) -> None:
    for provider in PROVIDERS:
        [catalog] = discover(sandbox.config(provider, learn_fields=False)).of_type("CATALOG")
        names = [stream["name"] for stream in catalog["streams"]]
        assert names[0] == "customers"
        assert names[-1] == "full_reads"
        assert sorted(names[:-1]) == sorted(streams_of(provider))


def test_no_stream_is_said_to_have_a_cursor_that_its_rows_lack(sandbox: Sandbox) -> None:
    without = set()
    for provider in PROVIDERS:
        [catalog] = discover(sandbox.config(provider)).of_type("CATALOG")
        for stream in catalog["streams"]:
            cursor = stream.get("default_cursor_field", [])
            assert set(cursor) <= stream["json_schema"]["properties"].keys()
            if "incremental" in stream["supported_sync_modes"] and not cursor:
                without.add((provider, stream["name"]))
    assert without == {
        ("caoloon", "inquiries_pay_equity"),
        ("caoloon", "inquiry_pay_equity_details"),
        ("coredination", "customer_projects"),
    }


def test_check_makes_one_request_for_one_row(sandbox: Sandbox) -> None:
    for provider in PROVIDERS:
        sandbox.clear_requests()
        with command_files(config=sandbox.config(provider)) as files:
            assert run_here(["check", *files]).status == ("SUCCEEDED", None)
        [request] = [request for request in sandbox.requests if request.kind != "login"]
        assert (request.stream, request.kind) == ("customers", "list")
        sizes = {"pageSize": "1", "limit": "1", "max": "1"}
        assert provider == "mijnklantportaal" or sizes.items() & dict(request.query).items()


def test_secrets_are_in_no_output(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    for provider in PROVIDERS:
        config = sandbox.config(provider)
        text = json.dumps(config)
        secrets = [word for word in text.split('"') if word.startswith("sandbox-")]
        assert secrets
        output = read(config, catalog=configured_catalog(streams_of(provider)), options=["--debug"]).output
        assert not [secret for secret in secrets if secret in output]
    assert not list(tmp_path.iterdir())


def test_a_command_reads_the_manifest_of_its_provider_alone(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    load = catalogue.load_manifest

    def note(provider: str) -> Mapping[str, Any]:
        opened.append(provider)
        return load(provider)

    monkeypatch.setattr(catalogue, "load_manifest", note)

    assert read(sandbox.config("caoloon")).is_complete
    assert set(opened) == {"caoloon"}


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (["customer_projects", "job_details", "customer_search"], ["customers", "jobs"]),
        (["customer_search"], ["customers"]),
    ],
)
def test_check_asks_for_the_list_that_a_stream_hangs_on(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, names: list[str], asked: list[str]
) -> None:
    """`customer_search` exists only where the config has it."""
    manifest = catalogue.load_manifest("coredination")
    changed = {**manifest, "check": {**manifest["check"], "stream_names": names}}
    monkeypatch.setattr("source_customers.provider.load_manifest", lambda _: changed)

    outcome = check(sandbox.config("coredination"))

    assert outcome.status == ("SUCCEEDED", None)
    assert [request.stream for request in sandbox.requests] == asked
