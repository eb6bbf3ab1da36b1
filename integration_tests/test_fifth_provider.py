"""A provider more is a manifest more: fifth_provider.yaml beside the others of an installed copy, and no Python.

Its API is made up and differs from the four: another credential header, other names, an envelope with objects inside.
"""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integration_tests.connector import Outcome, command_files, configured_catalog
from integration_tests.installation import Installation
from integration_tests.local_api import served

MANIFEST = Path(__file__).with_name("fifth_provider.yaml")
API_KEY = "made-up-key"
LIST = "/v2/clients"
ROWS: list[dict[str, Any]] = [
    {
        "number": f"K-{1000 + number}",
        "name": f"Customer {number}",
        "changed_at": f"2024-05-{number:02}T10:00:00Z",
        "addresses": [{"id": place, "city": "Utrecht"} for place in range(1, number)],
    }
    for number in range(1, 6)
]
# Three visits of a customer are two pages; the first customer was never visited.
VISITS: dict[str, list[dict[str, Any]]] = {
    row["number"]: [{"id": 100 * number + day, "visited_on": f"2024-05-0{day}"} for day in range(1, 4 if number else 1)]
    for number, row in enumerate(ROWS)
}
LONGEST_PAGE = 2


@dataclass
class ExampleCrm:
    """The made-up API, and what it was asked."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def answer(self, target: str, api_key: str | None) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(query)
        self.paths.append(parts.path)
        if api_key != API_KEY:
            return 401, {"message": "unauthorized"}
        visits = re.fullmatch(r"/v2/clients/([^/]+)/visits", parts.path)
        if parts.path == LIST:
            found = [row for row in ROWS if row["changed_at"] >= query.get("changed_since", "")]
        elif visits and visits[1] in VISITS:
            found = VISITS[visits[1]]
        else:
            return 404, {"message": "not found"}
        page, size = int(query["page"]), min(int(query["per_page"]), LONGEST_PAGE)
        items = found[(page - 1) * size : page * size]
        following = page + 1 if page * size < len(found) else None
        return 200, {"items": items, "meta": {"page": page, "next": following, "total": len(found)}}


@pytest.fixture
def api() -> Iterator[ExampleCrm]:
    crm = ExampleCrm()
    with served(crm.answer) as crm.url:
        yield crm


@pytest.fixture(scope="module")
def five_providers(installation: Installation) -> Iterator[Installation]:
    """The installed connector, with a manifest more."""
    manifest = installation.package / "manifests" / "examplecrm.yaml"
    shutil.copy(MANIFEST, manifest)
    yield installation
    manifest.unlink()


def run(connector: Installation, command: str, **files: Any) -> Outcome:
    with command_files(**files) as options:
        done = connector.run("source-customers", command, *options, folder=connector.scripts)
    return Outcome(done.stdout, done.returncode, done.stderr)


def config(api: ExampleCrm, **fields: Any) -> dict[str, Any]:
    return {"provider": {"name": "examplecrm", "base_url": api.url, "api_key": API_KEY, **fields}}


def test_spec_offers_the_provider_beside_the_others(five_providers: Installation) -> None:
    [spec] = run(five_providers, "spec").of_type("SPEC")

    branches = {
        branch["properties"]["name"]["const"]: branch
        for branch in spec["connectionSpecification"]["properties"]["provider"]["oneOf"]
    }
    assert set(branches) == {"caoloon", "coredination", "examplecrm", "mijnklantportaal", "valomnia"}
    assert branches["examplecrm"]["required"] == ["name", "api_key"]
    assert branches["examplecrm"]["properties"]["api_key"]["airbyte_secret"] is True


def test_check_accepts_the_right_key_and_explains_a_refused_one(five_providers: Installation, api: ExampleCrm) -> None:
    assert run(five_providers, "check", config=config(api)).status == ("SUCCEEDED", None)

    refused = run(five_providers, "check", config=config(api, api_key="wrong"))

    assert refused.status == ("FAILED", "Stream customers: The key was refused. Check `api_key`.")


def test_discover_shows_the_streams_of_the_manifest(five_providers: Installation, api: ExampleCrm) -> None:
    [catalog] = run(five_providers, "discover", config=config(api)).of_type("CATALOG")

    streams = {stream["name"]: stream for stream in catalog["streams"]}
    assert {name: stream["source_defined_primary_key"] for name, stream in streams.items()} == {
        "customers": [["number"]],
        "visits": [["id"]],
        "addresses": [["client_number"], ["id"]],
        "full_reads": [["stream"], ["began_at"]],
    }
    assert (streams["customers"]["default_cursor_field"], streams["customers"]["supported_sync_modes"]) == (
        ["changed_at"],
        ["full_refresh", "incremental"],
    )
    assert set(streams["customers"]["json_schema"]["properties"]) == {"number", "name", "changed_at", "addresses"}


def test_read_delivers_every_row_and_goes_on_from_the_state(five_providers: Installation, api: ExampleCrm) -> None:
    first = run(five_providers, "read", config=config(api, city="Utrecht"), catalog=configured_catalog())

    assert first.is_complete, first.output
    assert first.rows() == ROWS
    assert first.states[-1] == {"changed_at": "2024-05-05T10:00:00Z"}
    assert {(query["per_page"], query["city"]) for query in api.asked} == {("100", "Utrecht")}

    api.asked.clear()
    second = run(five_providers, "read", config=config(api), catalog=configured_catalog(), state=first.last_state)

    assert second.is_complete, second.output
    assert second.rows() == ROWS[-1:]
    assert api.asked[0]["changed_since"] == "2024-05-05T09:50:00Z"


def test_streams_that_hang_on_the_customers_follow_those_who_changed(
    five_providers: Installation, api: ExampleCrm
) -> None:
    catalog = configured_catalog(["customers", "visits", "addresses"])

    first = run(five_providers, "read", config=config(api), catalog=catalog)

    assert first.is_complete, first.output
    assert in_order(first.rows("visits")) == [
        {**visit, "client_number": number} for number, visits in VISITS.items() for visit in visits
    ]
    assert in_order(first.rows("addresses")) == [
        {**address, "client_number": row["number"]} for row in ROWS for address in row["addresses"]
    ]

    pages, api.paths = api.paths.count(LIST), []
    assert run(five_providers, "read", config=config(api), catalog=configured_catalog()).is_complete
    assert pages == api.paths.count(LIST), "The customers are read once, whatever comes out of them."

    api.paths.clear()
    second = run(five_providers, "read", config=config(api), catalog=catalog, state=first.last_state)

    assert second.is_complete, second.output
    assert {row["client_number"] for row in second.rows("visits") + second.rows("addresses")} == {"K-1005"}
    assert set(api.paths) - {LIST} == {"/v2/clients/K-1005/visits"}


def test_probe_asks_what_its_manifest_makes_a_question(five_providers: Installation, api: ExampleCrm) -> None:
    with command_files(config=config(api)) as options:
        done = five_providers.run("source-customers", "probe", *options, "--json", folder=five_providers.scripts)

    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1, done.stderr
    [wrong] = [finding for finding in findings if finding["verdict"] == "contradicted"]
    assert wrong == {
        "stream": "customers",
        "id": "page-size",
        "verdict": "contradicted",
        "message": "The API gives at most 2 rows at a time where 100 were asked for. Nothing is lost.",
        "remedy": "Set `page_size` to 2.",
    }
    verdicts = {(finding["stream"], finding["id"]): finding["verdict"] for finding in findings}
    held = ["access", "envelope", "key", "fields", "types", "change-time", "next-page", "filter-lower"]
    assert {verdicts["customers", name] for name in held} == {"holds"}
    assert verdicts["visits", "access"] == verdicts["addresses", "envelope"] == "holds"
    assert verdicts["*", "refused-credential"] == "holds"
    assert len(api.paths) <= int(done.stderr.split("At most ")[1].split()[0])


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["client_number"], row["id"]))
