"""`source-customers probe` as a command: what it prints, how it ends, what it sends, and what it never says."""

import json
from pathlib import Path
from typing import Any

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import command_files, run_here, run_process, secrets_of, written_forms
from integration_tests.probing import FAST, config_of, customers, probe, probe_as_printed
from integration_tests.sandbox import Sandbox

PROVIDERS = ["caoloon", "coredination", "mijnklantportaal", "valomnia"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_sends_no_more_than_it_names_and_reads_only(sandbox: Sandbox, provider: str) -> None:
    probed = probe(config_of(sandbox, provider))

    assert len(sandbox.requests) <= probed.most_requests <= 200
    assert {request.method for request in sandbox.requests if request.kind != "login"} == {"GET"}


def test_all_streams_of_valomnia_take_few_requests(sandbox: Sandbox) -> None:
    probed = probe(config_of(sandbox, "valomnia"))

    assert len({finding["stream"] for finding in probed.findings}) == 36  # 35, and what is so of all of them
    assert len(sandbox.requests) < 60
    assert len(sandbox.requests.of(kind="login")) == 1


def test_an_outage_does_not_make_it_send_more(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("status_500", on=2, forever=True)

    probed = probe(config_of(sandbox, "valomnia"))

    assert probed.exit_code == 0
    assert len(sandbox.requests) == probed.most_requests
    assert "As many requests were sent as were named before." in probed.output


def test_a_list_that_is_never_answered_is_asked_once(sandbox: Sandbox, time: Time) -> None:
    sandbox.valomnia.fault("status_500", stream="orders", forever=True)
    sandbox.valomnia.fault("status_500", stream="customer_details", forever=True)

    probed = probe(config_of(sandbox, "valomnia"))

    assert probed.exit_code == 0
    assert probed.ids("holds", "orders") == probed.ids("holds", "customer_details") == set()
    assert "access" in probed.ids("cannot_tell", "orders")
    assert probed.of("page-two")["verdict"] == "holds"
    for stream in ("orders", "customer_details"):
        assert len(sandbox.requests.of(stream=stream)) < 8
    assert sum(time.slept) < 60


def test_it_waits_as_the_rate_says(sandbox: Sandbox) -> None:
    probed = probe(sandbox.config("mijnklantportaal", requests_per_minute=5), *customers("customers", "webhooks"))

    assert probed.exit_code == 0
    assert {request.status for request in sandbox.requests} == {200, 401}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_line_of_json_has_the_same_five_fields(sandbox: Sandbox, provider: str) -> None:
    probed = probe(config_of(sandbox, provider))

    assert probed.findings
    for finding in probed.findings:
        assert list(finding) == ["stream", "id", "verdict", "message", "remedy"]
        assert all(isinstance(value, str) for value in finding.values())
        assert finding["verdict"] in {"holds", "contradicted", "cannot_tell"}
        assert finding["message"].endswith(".")
    assert len({(finding["stream"], finding["id"]) for finding in probed.findings}) == len(probed.findings)


def test_people_get_a_table_by_stream_with_the_contradicted_first(sandbox: Sandbox) -> None:
    sandbox.valomnia.max_page_size = 50
    sandbox.valomnia.lower_filter = "exclusive"
    sandbox.valomnia.refused_streams = ["orders"]

    probed = probe_as_printed(config_of(sandbox, "valomnia"))

    shown = probed.output.splitlines()
    assert [line for line in shown if line and not line.startswith(" ")][2:4] == ["customers", "orders"]
    assert [line.split()[1] for line in shown if line.startswith("  CONTRADICTED")] == [
        "page-size",
        "filter-inclusive",
        "access",
    ]
    text = " ".join(probed.output.split())
    assert (
        "The API gives at most 50 rows at a time where 100 were asked for. Nothing is lost. -> Set `page_size`" in text
    )
    assert "-> The user has no permission for this list. Ask the administrator of your Valomnia for it." in text
    assert "3 contradicted" in shown[-1]
    assert max(map(len, shown)) <= 110
    assert probed.exit_code == 1


def test_a_list_that_stands_for_others_says_so(sandbox: Sandbox) -> None:
    probed = probe_as_printed(config_of(sandbox, "coredination"))

    assert "All questions were asked of this list. It stands for assets, work_reports." in probed.output


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "wrong"}, "The login was refused. Check `username` and `password`.\n"),
        ({"page_size": "many"}, "`provider.page_size` must be of type integer.\n"),
        ({"base_url": "http://127.0.0.1:9"}, "Stream customers could not be read. The API could not be reached"),
    ],
)
def test_what_keeps_it_from_running_is_said_in_a_sentence(sandbox: Sandbox, fields: dict[str, Any], said: str) -> None:
    probed = probe(config_of(sandbox, "valomnia", **fields))

    assert probed.exit_code == 2
    assert probed.output == ""
    last = probed.errors_output.splitlines()[-1]
    assert f"{last}\n".startswith(said), probed.errors_output


def test_a_refused_key_is_said_with_what_helps(sandbox: Sandbox) -> None:
    probed = probe(config_of(sandbox, "coredination", api_key="wrong"))

    assert probed.exit_code == 2
    assert "The credentials were refused. The key or token was refused. Check `api_key`" in probed.errors_output
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    "options",
    [["--stream", "nobody"], ["--stream", "full_reads"], ["--report", "/no/such/folder/report.json"], ["--odd"]],
)
def test_a_wrong_option_sends_nothing(sandbox: Sandbox, options: list[str]) -> None:
    probed = probe(config_of(sandbox, "valomnia"), *options)

    assert probed.exit_code == 2
    assert len(sandbox.requests) == 0


def test_a_wrong_password_is_tried_once(sandbox: Sandbox) -> None:
    probe(config_of(sandbox, "valomnia", password="wrong"))

    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_account_can_be_locked_by_a_wrong_credential(sandbox: Sandbox, provider: str) -> None:
    config = config_of(sandbox, provider)

    probe(config, *customers())

    refused = [request for request in sandbox.requests if request.status not in {200, 204} and request.kind == "list"]
    assert len(refused) == 1
    assert not [secret for secret in secrets_of(config) if secret in json.dumps(refused[0].headers)]
    assert "cookie" not in refused[0].headers


def texts_of(sandbox: Sandbox, provider: str) -> set[str]:
    """All texts of some length that stand in the rows of a provider."""
    found: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)
        elif isinstance(value, str) and len(value) > 8 and not value.isalpha():  # a status is a word of ours, too
            found.add(value)

    for table in sandbox.providers[provider].tables.values():
        collect(list(table.rows.values()))
    return found


@pytest.fixture(params=PROVIDERS)
def everything(sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Sandbox, str, str, str]:
    """All that a probe says, with debug and a report, of an API that contradicts much."""
    provider = request.param
    api = sandbox.providers[provider]
    config = config_of(sandbox, provider)
    api.lower_filter, api.keys, api.total_off = "exclusive", "repeated", 3
    api.extra_fields = {"j.doe@example.com": 1, "2024-05-06": "x", "Jane Doe of Utrecht": True, "loyalty_points": 12}
    report = tmp_path / "report.json"
    probed = probe(config, "--debug", "--report", str(report))
    text = report.read_text(encoding="utf-8")
    table = probe_as_printed(config, "--debug")
    said = probed.output + probed.errors_output + table.output + table.errors_output
    return sandbox, provider, said, text


def test_no_credential_and_no_value_of_a_row_is_said(everything: tuple[Sandbox, str, str, str]) -> None:
    sandbox, provider, said, report = everything
    config = config_of(sandbox, provider)
    secrets = secrets_of(config)
    cookies = {request.headers.get("cookie", "").partition("=")[2] for request in sandbox.requests} - {""}

    assert "GET /" in said
    for text in (said, report):
        assert not [secret for secret in written_forms([*secrets, *cookies]) if secret in text]
        assert [value for value in texts_of(sandbox, provider) if value in text] == []
        assert not [name for name in ("j.doe", "2024-05-06", "Jane Doe") if name in text]
        assert "whose names may be data" in said
    assert "loyalty_points" in report
    assert "127.0.0.1" not in report


def test_a_report_has_types_lengths_rates_counts_and_timings(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "report.json"

    probe(config_of(sandbox, "valomnia"), *customers(), "--report", str(path))

    report = json.loads(path.read_text(encoding="utf-8"))
    assert (report["provider"], set(report)) == ("valomnia", {"format", "provider", "findings", "streams"})
    assert {"stream": "customers", "id": "page-two", "verdict": "holds"} in report["findings"]
    stream = report["streams"]["customers"]
    assert (stream["rows"], stream["total"]) == (100, 250)
    assert len(stream["seconds"]) == len(stream["bytes"]) == stream["requests"] > 5
    assert stream["fields"]["lastUpdated"] == {
        "types": ["string"],
        "null_rate": 0.0,
        "documented": True,
        "lengths": [20, 20],
    }
    assert stream["fields_left_out"] > 0
    assert not {"name", "email", "phone", "address", "city"} & set(stream["fields"])


def test_a_replaced_refresh_token_is_kept_in_the_config_and_not_said(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.mijnklantportaal.rate_limit = FAST
    sandbox.mijnklantportaal.rotate_refresh_token = True
    path = tmp_path / "config.json"
    path.write_text(json.dumps(sandbox.config("mijnklantportaal", oauth=True)))

    outcome = run_here(["probe", "--config", str(path), "--stream", "webhooks", "--json", "--debug"])

    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["provider"]["name"] == "mijnklantportaal"
    assert kept["provider"]["credentials"]["refresh_token"] == sandbox.mijnklantportaal.refresh_token
    assert sandbox.mijnklantportaal.refresh_token not in outcome.output
    assert "The new one was written into the config file." in outcome.output
    assert run_here(["probe", "--config", str(path), "--stream", "webhooks"]).exit_code == 0


def test_a_config_is_left_alone_where_nothing_was_replaced(sandbox: Sandbox) -> None:
    with command_files(config=config_of(sandbox, "caoloon")) as files:
        before = Path(files[1]).read_bytes()
        run_here(["probe", *files, *customers()])

        assert Path(files[1]).read_bytes() == before


def test_a_process_of_its_own_prints_lines_of_json_alone(sandbox: Sandbox) -> None:
    sandbox.coredination.max_page_size = 50
    with command_files(config=config_of(sandbox, "coredination")) as files:
        outcome = run_process(["probe", *files, "--stream", "customers", "--json"])

    assert outcome.exit_code == 1
    assert {json.loads(line)["stream"] for line in outcome.output.splitlines()} == {"customers", "*"}
    assert outcome.errors_output.startswith("At most ")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_help_names_it(option: str) -> None:
    outcome = run_here([option])

    assert outcome.exit_code == 0
    assert "source-customers probe -h" in outcome.output
