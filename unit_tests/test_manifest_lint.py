import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from manifest_lint import lint

ROOT = Path(__file__).parent.parent
MANIFESTS = [*sorted(ROOT.glob("manifests/*.yaml")), ROOT / "integration_tests" / "fifth_provider.yaml"]


class Mistake(NamedTuple):
    """A slip of the hand in a copy of a real manifest, and the one thing that the lint says then."""

    provider: str
    right: str
    wrong: str
    path: str
    what: str


MISTAKES = {
    "misspelt key of a standard component": Mistake(
        "caoloon",
        'lookback_window: "{{',
        'lookback_windw: "{{',
        "definitions.updated_at.lookback_windw",
        "DatetimeBasedCursor takes no `lookback_windw`",
    ),
    "misspelt key of a component that the CDK lets hold any key": Mistake(
        "caoloon",
        "    name: customers\n",
        "    name: customers\n    primary_keys: guid\n",
        "streams[0].primary_keys",
        "DeclarativeStream takes no `primary_keys`",
    ),
    "misspelt key at the top": Mistake(
        "caoloon",
        "\nspec:",
        "\nconcurrency: 1\n\nspec:",
        "concurrency",
        "DeclarativeSource takes no `concurrency`",
    ),
    "misspelt key where the type is left to the CDK": Mistake(
        "caoloon",
        "      type: MinMaxDatetime\n      datetime: ",
        "      min_datetme: x\n      datetime: ",
        "definitions.updated_at.start_datetime.min_datetme",
        "MinMaxDatetime takes no `min_datetme`",
    ),
    "misspelt key of an object that the CDK describes in place": Mistake(
        "caoloon",
        "  documentation_url:",
        "  config_normalization_rules: {type: ConfigNormalizationRules, transformation: []}\n  documentation_url:",
        "spec.config_normalization_rules.transformation",
        "ConfigNormalizationRules takes no `transformation`",
    ),
    "misspelt field of a component of ours": Mistake(
        "coredination",
        "    overlap: 1",
        "    overlaps: 1",
        "definitions.offset.overlaps",
        "source_customers.components.paging.Offset takes no `overlaps`",
    ),
    "field that the framework fills in": Mistake(
        "coredination",
        "    overlap: 1",
        "    overlap: 1\n    config: {}",
        "definitions.offset.config",
        "source_customers.components.paging.Offset takes no `config`",
    ),
    "misspelt key of a query parameter": Mistake(
        "valomnia",
        "{parameter: sort, value: lastUpdated}",
        "{parameter: sort, values: lastUpdated}",
        "streams[0].retriever.requester.query[0].values",
        "an entry of `query` takes no `values`",
    ),
    "misspelt key of a credential": Mistake(
        "mijnklantportaal",
        "scheme: Bearer}",
        "schema: Bearer}",
        "definitions.requester.authenticator.authenticators.api_key.credentials.Authorization.schema",
        "an entry of `credentials` takes no `schema`",
    ),
    "misspelt bound of a window": Mistake(
        "caoloon",
        "        to: {parameter: updatedTo",
        "        until: {parameter: updatedTo",
        "streams[0].retriever.window.until",
        "`window` takes no `until`",
    ),
    "component that does not exist": Mistake(
        "caoloon",
        "type: MinMaxDatetime",
        "type: MinMaxDateTime",
        "definitions.updated_at.start_datetime.type",
        "the CDK has no component `MinMaxDateTime`",
    ),
    "class that does not exist": Mistake(
        "mijnklantportaal",
        "paging.PageNumber",
        "paging.PageNumbers",
        "definitions.page_number.class_name",
        "there is no class `source_customers.components.paging.PageNumbers`",
    ),
    "module that does not exist": Mistake(
        "mijnklantportaal",
        "components.paging.PageNumber",
        "components.pages.PageNumber",
        "definitions.page_number.class_name",
        "there is no class `source_customers.components.pages.PageNumber`",
    ),
    "no connection timeout": Mistake(
        "caoloon",
        "    connect_timeout_in_seconds: 10\n",
        "",
        "definitions.requester",
        "there is no `connect_timeout_in_seconds`",
    ),
    "no read timeout": Mistake(
        "caoloon",
        "    read_timeout_in_seconds: 60\n",
        "",
        "definitions.requester",
        "there is no `read_timeout_in_seconds`",
    ),
    "status that is not explained": Mistake(
        "mijnklantportaal",
        '      "403":',
        '      "402":',
        "definitions.requester",
        "there is no message for status 403",
    ),
    "status that YAML takes for a number": Mistake(
        "mijnklantportaal",
        '      "404":',
        "      404:",
        "definitions.requester",
        "there is no message for status 404",
    ),
    "text that the CDK takes for a reference": Mistake(
        "caoloon",
        "title: Contains",
        'title: "#/definitions/envelope"',
        "spec.connection_specification.properties.contains.title",
        "the CDK takes `#/definitions/envelope` for a reference",
    ),
    "reference that leads nowhere": Mistake(
        "caoloon",
        '"#/definitions/page_number"',
        '"#/definitions/page_numbers"',
        "definitions.retriever.paginator.$ref",
        "`#/definitions/page_numbers` leads nowhere",
    ),
    "references in a circle": Mistake(
        "caoloon",
        '"#/definitions/page_number"',
        '"#/definitions/retriever"',
        "(top)",
        "references lead in a circle",
    ),
    "definition that nothing uses": Mistake(
        "valomnia",
        "\nstreams:",
        "  spare: {page_size: 1}\n\nstreams:",
        "definitions.spare",
        "nothing uses the definition",
    ),
    "stream without a key": Mistake(
        "mijnklantportaal",
        "    primary_key: id\n",
        "",
        "streams[0]",
        "the stream has no primary_key",
    ),
    "key that the schema does not have": Mistake(
        "caoloon",
        "    primary_key: guid\n",
        "    primary_key: [guid, version]\n",
        "streams[0].primary_key",
        "the schema has no `version`",
    ),
    "schema that refuses what an API adds": Mistake(
        "caoloon",
        "        additionalProperties: true",
        "        additionalProperties: false",
        "streams[0].schema_loader.schema",
        "the schema does not say `additionalProperties: true`",
    ),
    "shared part of a schema that refuses what an API adds": Mistake(
        "valomnia",
        '    type: ["null", object]\n    additionalProperties: true\n',
        '    type: ["null", object]\n',
        "definitions.reference",
        "the schema does not say `additionalProperties: true`",
    ),
    "property without a description": Mistake(
        "coredination",
        ", description: Name of the project.",
        "",
        "streams[0].schema_loader.schema.properties.customerProjects.items.properties.name",
        "the property has no description",
    ),
    "property that is not nullable": Mistake(
        "valomnia",
        'phone: {type: ["null", string]',
        "phone: {type: [string]",
        "streams[0].schema_loader.schema.properties.phone.type",
        "the property is not nullable",
    ),
    "misspelt keyword of a schema": Mistake(
        "valomnia",
        "phone: {type:",
        "phone: {fromat: phone, type:",
        "streams[0].schema_loader.schema.properties.phone.fromat",
        "JSON schema has no `fromat`",
    ),
    "spec field without a title": Mistake(
        "caoloon",
        "        title: API token\n",
        "",
        "spec.connection_specification.properties.api_token",
        "the field has no title",
    ),
    "spec field without a description": Mistake(
        "mijnklantportaal",
        "                description: The App ID of your app.\n",
        "",
        "spec.connection_specification.properties.credentials.oneOf[1].properties.client_id",
        "the field has no description",
    ),
    "spec field without an order": Mistake(
        "mijnklantportaal",
        "const: api_key, default: api_key, order: 0",
        "const: api_key, default: api_key",
        "spec.connection_specification.properties.credentials.oneOf[0].properties.auth_type",
        "the field has no order",
    ),
    "spec field with the order of the provider's name": Mistake(
        "caoloon",
        "        order: 13",
        "        order: 0",
        "spec.connection_specification.properties.base_url.order",
        "order 0 is taken",
    ),
    "misspelt keyword of a spec": Mistake(
        "caoloon",
        "        minimum: 1\n        maximum: 1000\n",
        "        minimum: 1\n        maximun: 1000\n",
        "spec.connection_specification.properties.page_size.maximun",
        "JSON schema has no `maximun`",
    ),
    "secret that is shown as plain text": Mistake(
        "caoloon",
        "        airbyte_secret: true\n",
        "",
        "spec.connection_specification.properties.api_token",
        "the field looks like a secret",
    ),
    "secret of one kind of credentials that is shown as plain text": Mistake(
        "mijnklantportaal",
        "                airbyte_secret: true\n                order: 2\n",
        "                order: 2\n",
        "spec.connection_specification.properties.credentials.oneOf[1].properties.client_secret",
        "the field looks like a secret",
    ),
    "filter from a field that the spec does not have": Mistake(
        "caoloon",
        "        query:\n",
        "        query:\n          - {parameter: city, field: city}\n",
        "streams[0].retriever.requester.query[0].field",
        "the spec has no field `city`",
    ),
    "expression over a field that the spec does not have": Mistake(
        "caoloon",
        "    in_flight: \"{{ config.get('concurrency', 8) }}\"",
        "    in_flight: \"{{ [config['concurrency'], config.most] | min }}\"",
        "definitions.retriever.in_flight",
        "the spec has no field `most`",
    ),
    "credentials chosen by a field that the spec does not have": Mistake(
        "mijnklantportaal",
        "authenticator_selection_path: [credentials, auth_type]",
        "authenticator_selection_path: [credentials, kind]",
        "definitions.requester.authenticator.authenticator_selection_path",
        "the spec has no field `credentials.kind`",
    ),
    "check with a field that the spec does not have": Mistake(
        "mijnklantportaal",
        "config_overrides: {concurrency: 1}",
        "config_overrides: {page_size: 1}",
        "check.config_overrides.page_size",
        "the spec has no field `page_size`",
    ),
    "spec field that nothing reads": Mistake(
        "valomnia",
        "\n          - {parameter: categoryReference, field: category_reference}",
        "",
        "spec.connection_specification.properties.category_reference",
        "nothing reads the field `category_reference`",
    ),
    "spec field that only components not in use read": Mistake(
        "caoloon",
        "      api_token:\n",
        "      username: {type: string, title: User, description: Of a login form., order: 14}\n      api_token:\n",
        "spec.connection_specification.properties.username",
        "nothing reads the field `username`",
    ),
    "check that reads another stream": Mistake(
        "caoloon",
        "stream_names: [customers]",
        "stream_names: [invitations]",
        "check.stream_names",
        "the check does not read the first stream, `customers`",
    ),
    "key written twice": Mistake(
        "caoloon",
        "    rows: models\n",
        "    rows: rows\n    rows: models\n",
        "definitions.envelope.rows",
        "the key is written twice",
    ),
    "key written twice within a list": Mistake(
        "caoloon",
        "{parameter: status, field: statuses}",
        "{parameter: status, field: status, field: statuses}",
        "streams[0].retriever.requester.query[0].field",
        "the key is written twice",
    ),
}


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_manifest_has_no_findings(path: Path) -> None:
    assert lint(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))
def test_mistake_is_found_where_it_was_made(mistake: Mistake) -> None:
    manifest = manifest_of(mistake.provider)
    assert mistake.right in manifest, "The manifest no longer has what this test breaks."

    findings = lint(manifest.replace(mistake.right, mistake.wrong, 1))

    assert [(finding.place, finding.what) for finding in findings] == [(mistake.path, mistake.what)]


def test_version_newer_than_the_installed_cdk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    written = yaml.safe_load(manifest_of("caoloon"))["version"]
    monkeypatch.setattr("manifest_lint.rules.version", lambda _: "7.0.0")

    [finding] = lint(manifest_of("caoloon"))

    assert str(finding).startswith(f"version: {written} is newer than the CDK here, 7.0.0.")


def test_definition_that_only_an_unused_definition_uses_is_found() -> None:
    spare = '  spare: {$ref: "#/definitions/part"}\n  part: {page_size: 1}\n'

    manifest = manifest_of("valomnia").replace("\nstreams:", f"{spare}\nstreams:", 1)

    findings = lint(manifest)

    assert [finding.place for finding in findings] == ["definitions.spare", "definitions.part"]


def test_spec_field_that_hides_the_name_of_the_provider_is_found() -> None:
    findings = lint(manifest_of("valomnia").replace("customer_name", "name"))

    assert [finding.what for finding in findings] == ["`name` is taken: it names the provider"]


def test_mistake_in_a_shared_definition_is_one_finding_however_many_streams_share_it() -> None:
    manifest = yaml.safe_load(manifest_of("caoloon"))
    manifest["streams"].append({**manifest["streams"][0], "name": "twin"})
    del manifest["definitions"]["requester"]["read_timeout_in_seconds"]

    findings = lint(yaml.safe_dump(manifest))

    assert [finding.place for finding in findings] == ["definitions.requester"]


def test_finding_is_one_line_with_file_place_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(manifest_of("caoloon"), encoding="utf-8")
    broken = manifest_of("caoloon").replace("    read_timeout_in_seconds: 60\n", "", 1)
    (tmp_path / "broken.yaml").write_text(broken, encoding="utf-8")

    command = run_lint(str(tmp_path / "good.yaml"), str(tmp_path / "broken.yaml"))

    assert command.stdout == (
        f"{tmp_path / 'broken.yaml'}: definitions.requester: there is no `read_timeout_in_seconds`. "
        "Add it: the CDK waits for ever.\n"
    )
    assert command.returncode == 1


def test_command_succeeds_without_findings_and_refuses_to_check_nothing() -> None:
    good = run_lint(str(ROOT / "manifests" / "caoloon.yaml"))

    assert (good.returncode, good.stdout) == (0, "")
    assert run_lint().returncode != 0


def manifest_of(provider: str) -> str:
    return (ROOT / "manifests" / f"{provider}.yaml").read_text(encoding="utf-8")


def run_lint(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "manifest_lint", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
