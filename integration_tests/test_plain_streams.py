"""Streams of the CDK's own components work beside those that ListRetriever reads, their states included."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integration_tests.connector import Outcome, check, configured_catalog, discover, read
from integration_tests.local_api import served
from integration_tests.probing import probe
from integration_tests.streams import statuses
from source_customers.manifest import catalogue
from source_customers.manifest.catalogue import connection_specification, load_manifest

MANIFEST = Path(__file__).with_name("sixth_provider.yaml")
API_KEY = "made-up-key"
PAGE = 2
ROWS: dict[str, list[dict[str, Any]]] = {
    "/customers": [{"id": number} for number in range(1, 4)],
    "/tickets": [{"id": number, "changed_at": f"2024-05-{number:02}T10:00:00Z"} for number in range(1, 6)],
    "/labels": [{"id": number} for number in range(1, 5)],
}
ALL = ["customers", "tickets", "labels"]


@dataclass
class Helpdesk:
    """The made-up API, what it was asked, and the paths that it refuses."""

    url: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    def answer(self, target: str, api_key: str | None) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, query))
        status = 401 if api_key != API_KEY else self.refused.get(parts.path, 200)
        if status != 200:
            return status, {}
        found = [row for row in ROWS[parts.path] if str(row.get("changed_at", "9")) >= query.get("changed_since", "")]
        page = int(query.get("page", 1))
        following = page + 1 if page * PAGE < len(found) else None
        return 200, {"items": found[(page - 1) * PAGE : page * PAGE], "next": following}


@pytest.fixture
def api() -> Iterator[Helpdesk]:
    helpdesk = Helpdesk()
    with served(helpdesk.answer) as helpdesk.url:
        yield helpdesk


@pytest.fixture(autouse=True)
def six_providers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The connector, with a manifest more."""
    paths = {**catalogue.manifest_paths(), "helpdesk": MANIFEST}
    for module in ("manifest.catalogue", "config.check", "entrypoint"):
        monkeypatch.setattr(f"source_customers.{module}.manifest_paths", lambda: paths)
    yield
    catalogue.load_manifest.cache_clear()


def config(api: Helpdesk, **fields: Any) -> dict[str, Any]:
    return {"provider": {"name": "helpdesk", "base_url": api.url, "api_key": API_KEY, **fields}}


def last_states(outcome: Outcome) -> dict[str, Any]:
    return {
        state["stream"]["stream_descriptor"]["name"]: state["stream"]["stream_state"] for state in outcome.last_state
    }


def test_spec_offers_the_provider() -> None:
    branches = connection_specification()["properties"]["provider"]["oneOf"]

    assert "helpdesk" in [branch["properties"]["name"]["const"] for branch in branches]


def test_check_asks_for_both_kinds_of_streams(api: Helpdesk) -> None:
    assert check(config(api)).status == ("SUCCEEDED", None)
    assert {path for path, _ in api.asked} == {"/customers", "/tickets"}


@pytest.mark.parametrize("path", ["/customers", "/tickets"])
def test_check_fails_with_either_kind_of_stream(api: Helpdesk, path: str) -> None:
    api.refused[path] = 404

    status, message = check(config(api)).status

    assert status == "FAILED"
    assert message is not None
    assert "Check `base_url`." in message


def test_discover_shows_both_kinds_in_one_catalog(api: Helpdesk) -> None:
    [catalog] = discover(config(api)).of_type("CATALOG")

    modes = {stream["name"]: stream["supported_sync_modes"] for stream in catalog["streams"]}
    assert modes == {
        "customers": ["full_refresh"],
        "tickets": ["full_refresh", "incremental"],
        "labels": ["full_refresh"],
        "full_reads": ["full_refresh", "incremental"],
    }


def test_read_delivers_both_kinds_and_goes_on_from_the_state(api: Helpdesk) -> None:
    first = read(config(api), catalog=configured_catalog(ALL))

    assert first.exit_code == 0, first.output
    assert {name: first.rows(name) for name in ALL} == {name: ROWS[f"/{name}"] for name in ALL}
    assert {name: told[-1] for name, told in statuses(first).items()} == dict.fromkeys(ALL, "COMPLETE")
    assert last_states(first)["tickets"] == {"changed_at": "2024-05-05T10:00:00Z"}

    api.asked.clear()
    second = read(config(api), first.last_state, configured_catalog(ALL))

    assert second.exit_code == 0, second.output
    assert second.rows("tickets") == ROWS["/tickets"][-1:]
    assert second.rows("customers") == ROWS["/customers"]
    assert [query["changed_since"] for path, query in api.asked if path == "/tickets"] == ["2024-05-05T10:00:00Z"]


@pytest.mark.parametrize("broken", ALL)
def test_stream_that_fails_is_incomplete_and_the_others_are_whole(api: Helpdesk, broken: str) -> None:
    api.refused[f"/{broken}"] = 404

    outcome = read(config(api), catalog=configured_catalog(ALL))

    whole = [name for name in ALL if name != broken]
    assert outcome.exit_code == 1
    assert {name: told[-1] for name, told in statuses(outcome).items()} == {
        **dict.fromkeys(whole, "COMPLETE"),
        broken: "INCOMPLETE",
    }
    assert {name: outcome.rows(name) for name in whole} == {name: ROWS[f"/{name}"] for name in whole}
    assert outcome.errors[-1] == ("config_error", "1 of 3 streams did not sync successfully.")


def test_each_plain_stream_that_fails_is_counted(api: Helpdesk) -> None:
    api.refused = {"/tickets": 404, "/labels": 404}

    outcome = read(config(api), catalog=configured_catalog(ALL))

    assert outcome.errors[-1][1] == "2 of 3 streams did not sync successfully."


def test_plain_streams_that_cannot_be_built_are_incomplete_and_the_others_are_whole(
    api: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = deepcopy(dict(load_manifest("helpdesk")))
    manifest["definitions"]["plain"]["retriever"]["paginator"]["type"] = "NoPaginator"
    manifest["definitions"]["plain"]["retriever"]["requester"]["url_base"] = {"no": "text"}
    monkeypatch.setattr("source_customers.provider.load_manifest", lambda _: manifest)

    outcome = read(config(api), catalog=configured_catalog(ALL))

    assert outcome.exit_code == 1
    assert {name: told[-1] for name, told in statuses(outcome).items()} == {
        "customers": "COMPLETE",
        "tickets": "INCOMPLETE",
        "labels": "INCOMPLETE",
    }
    assert outcome.rows() == ROWS["/customers"]
    assert outcome.errors[-1][1] == "2 of 3 streams did not sync successfully."


def test_state_of_a_plain_stream_is_the_cdks_affair(api: Helpdesk) -> None:
    """It may be of a form that only the CDK knows."""
    slices = [{"start": "2024-01-01T00:00:00Z", "end": "2024-05-04T10:00:00Z"}]
    blob = {"state_type": "date-range", "slices": slices}
    state = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "tickets"}, "stream_state": blob}}]

    outcome = read(config(api), state, configured_catalog(["tickets"]))

    assert outcome.exit_code == 0, outcome.output
    assert outcome.rows("tickets") == ROWS["/tickets"][3:]


def test_plain_stream_costs_at_most_eight_lines() -> None:
    section = MANIFEST.read_text(encoding="utf-8").partition("\nstreams:\n")[2].partition("\n\n")[0]
    streams = section.split("\n  - ")

    assert len(streams) == len(ALL)
    assert max(len(stream.splitlines()) for stream in streams if "definitions/plain" in stream) <= 8


def test_probe_asks_the_lists_that_it_knows_and_names_the_others(api: Helpdesk) -> None:
    probed = probe(config(api))

    assert probed.exit_code == 0, probed.output
    assert probed.of("access")["verdict"] == "holds"
    for stream in ("tickets", "labels"):
        [told] = [finding for finding in probed.findings if finding["stream"] == stream]
        assert (told["id"], told["verdict"]) == ("access", "cannot_tell")
    assert {path for path, _ in api.asked} == {"/customers"}


@pytest.mark.parametrize("stream", ["tickets", "customers"])
def test_probe_of_one_stream_of_either_kind(api: Helpdesk, stream: str) -> None:
    assert probe(config(api), "--stream", stream).exit_code == 0
