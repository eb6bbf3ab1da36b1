import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from manifest_lint import lint

ROOT = Path(__file__).parent.parent
MADE_UP = {"examplecrm": "fifth_provider.yaml", "helpdesk": "sixth_provider.yaml"}
MANIFESTS = sorted([*ROOT.glob("manifests/*.yaml"), *(ROOT / "integration_tests" / name for name in MADE_UP.values())])


class Mistake(NamedTuple):
    """A slip of the hand in a copy of a real manifest, and the one thing that the lint says then."""

    provider: str
    right: str
    wrong: str
    path: str
    what: str


MISTAKES = {
    "misspelt key at the top": Mistake(
        "caoloon",
        "\nspec:",
        "\nconcurrency: 1\n\nspec:",
        "concurrency",
        "DeclarativeSource takes no `concurrency`",
    ),
    "misspelt key of an object that the CDK describes in place": Mistake(
        "caoloon",
        "  documentation_url:",
        "  config_normalization_rules: {type: ConfigNormalizationRules, transformation: []}\n  documentation_url:",
        "spec.config_normalization_rules.transformation",
        "ConfigNormalizationRules takes no `transformation`",
    ),
    "definition that nothing uses": Mistake(
        "valomnia",
        "\nstreams:",
        "  spare: {page_size: 1}\n\nstreams:",
        "definitions.spare",
        "nothing uses the definition",
    ),
    "schema that does not let pass what an API adds": Mistake(
        "examplecrm",
        "draft-07/schema#\n    type: object\n    additionalProperties: true\n    properties:\n      number",
        "draft-07/schema#\n    type: object\n    properties:\n      number",
        "schemas.customers",
        "the schema does not say `additionalProperties: true`",
    ),
    "shared part of a schema that refuses what an API adds": Mistake(
        "valomnia",
        '    type: ["null", object]\n    additionalProperties: true\n',
        '    type: ["null", object]\n    additionalProperties: false\n',
        "definitions.reference.additionalProperties",
        "the schema does not say `additionalProperties: true`",
    ),
    "property that says nothing": Mistake(
        "coredination",
        "destinations: {description: Places to go to.}",
        "destinations: {}",
        "schemas.jobs.properties.destinations",
        "the property has neither a type nor a description",
    ),
    "property that is not nullable": Mistake(
        "valomnia",
        'phone: {type: ["null", string]',
        "phone: {type: [string]",
        "schemas.customers.properties.phone.type",
        "the property is not nullable",
    ),
    "misspelt keyword of a schema": Mistake(
        "valomnia",
        "phone: {type:",
        "phone: {fromat: phone, type:",
        "schemas.customers.properties.phone.fromat",
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
        "        order: 11",
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
    "check with a field that the spec does not have": Mistake(
        "mijnklantportaal",
        "config_overrides: {concurrency: 1}",
        "config_overrides: {page_size: 1}",
        "check.config_overrides.page_size",
        "the spec has no field `page_size`",
    ),
    "check that reads another stream": Mistake(
        "caoloon",
        "stream_names: [customers]",
        "stream_names: []",
        "check.stream_names",
        "the check does not read the first stream, `customers`",
    ),
    "misspelt key of a plain stream": Mistake(
        "helpdesk",
        "    name: tickets\n",
        "    name: tickets\n    primary_keys: id\n",
        "streams[1].primary_keys",
        "DeclarativeStream takes no `primary_keys`",
    ),
    "misspelt key of a standard component": Mistake(
        "helpdesk",
        "    cursor_field: changed_at",
        "    cursor_fields: x\n    cursor_field: changed_at",
        "definitions.changed_at.cursor_fields",
        "DatetimeBasedCursor takes no `cursor_fields`",
    ),
    "misspelt key where the type is left to the CDK": Mistake(
        "helpdesk",
        "start_datetime: {type: MinMaxDatetime, ",
        "start_datetime: {min_datetme: x, ",
        "definitions.changed_at.start_datetime.min_datetme",
        "MinMaxDatetime takes no `min_datetme`",
    ),
    "component that does not exist": Mistake(
        "helpdesk",
        "type: DefaultPaginator",
        "type: DefaultPaginators",
        "definitions.plain.retriever.paginator.type",
        "the CDK has no component `DefaultPaginators`",
    ),
    "class that does not exist": Mistake(
        "caoloon",
        "retriever.ListRetriever",
        "retriever.ListRetrievers",
        "definitions.retriever.class_name",
        "there is no class `source_customers.reading.retriever.ListRetrievers`",
    ),
    "module that does not exist": Mistake(
        "caoloon",
        "reading.retriever.ListRetriever",
        "reading.retrievers.ListRetriever",
        "definitions.retriever.class_name",
        "there is no class `source_customers.reading.retrievers.ListRetriever`",
    ),
    "no connection timeout": Mistake(
        "helpdesk",
        "        connect_timeout_in_seconds: 10\n",
        "",
        "definitions.plain.retriever.requester",
        "there is no `connect_timeout_in_seconds`",
    ),
    "no read timeout": Mistake(
        "helpdesk",
        "        read_timeout_in_seconds: 60\n",
        "",
        "definitions.plain.retriever.requester",
        "there is no `read_timeout_in_seconds`",
    ),
    "status that is not explained": Mistake(
        "mijnklantportaal",
        '      "403":',
        '      "402":',
        "definitions.connection",
        "there is no message for status 403",
    ),
    "status that YAML takes for a number": Mistake(
        "mijnklantportaal",
        '      "404":',
        "      404:",
        "definitions.connection.messages",
        'the key 404 must be a status in quotes, such as "404"',
    ),
    "misspelt setting": Mistake(
        "valomnia",
        "{parameter: order, value: asc}",
        "{parameter: order, valeu: asc}",
        "definitions.order",
        "unknown key `valeu`; allowed are parameter (required), field, value, when_true, values",
    ),
    "key of the CDK that has no effect on our streams": Mistake(
        "caoloon",
        "    name: customers\n",
        "    name: customers\n    transformations: []\n",
        "streams[0]",
        "unknown key `transformations`; allowed are",
    ),
    "reference that leads nowhere": Mistake(
        "caoloon",
        'connection: {$ref: "#/definitions/connection"}',
        'connection: {$ref: "#/definitions/connections"}',
        "definitions.retriever.connection.$ref",
        "`#/definitions/connections` leads nowhere",
    ),
    "references in a circle": Mistake(
        "caoloon",
        'connection: {$ref: "#/definitions/connection"}',
        'connection: {$ref: "#/definitions/retriever"}',
        "(top)",
        "references lead in a circle",
    ),
    "text that the CDK takes for a reference": Mistake(
        "caoloon",
        "title: Contains",
        'title: "#/definitions/connection"',
        "spec.connection_specification.properties.customers.properties.contains.title",
        "the CDK takes `#/definitions/connection` for a reference",
    ),
    "plain stream without a key": Mistake(
        "helpdesk",
        "    name: labels\n",
        "    name: labels\n    primary_key: ''\n",
        "streams[2]",
        "the stream has no primary_key",
    ),
    "key that the schema does not have": Mistake(
        "helpdesk",
        "    name: labels\n",
        "    name: labels\n    primary_key: [id, uid]\n",
        "streams[2].primary_key",
        "the schema has no `uid`",
    ),
    "schema that nothing uses": Mistake(
        "valomnia",
        "\nschemas:\n",
        "\nschemas:\n  spare: {type: object}\n",
        "schemas.spare",
        "nothing uses the definition",
    ),
    "address that the spec does not have": Mistake(
        "caoloon",
        "    origin: https://caoloon.com",
        "    origin: https://caoloon.nl",
        "definitions.connection.origin",
        "the spec's default of `base_url` is https://caoloon.com",
    ),
    "no address": Mistake(
        "mijnklantportaal",
        "    origin: https://api.mijnklantportaal.nl\n",
        "",
        "definitions.connection",
        "there is no `origin`",
    ),
    "secret in a header": Mistake(
        "caoloon",
        "    headers:\n      #",
        '    headers:\n      X-Key: "{api_token}"\n      #',
        "definitions.connection.headers.X-Key",
        "`api_token` is a secret",
    ),
    "header with a field that the spec does not have": Mistake(
        "caoloon",
        "version={api_version}",
        "version={api_version}{api_patch}",
        "definitions.connection",
        "the spec has no field `api_patch`",
    ),
    "retriever that does not know the defaults": Mistake(
        "coredination",
        '    properties: {$ref: "#/spec/connection_specification/properties"}\n',
        "",
        "definitions.retriever",
        "the retriever does not know the defaults of the spec",
    ),
    "defaults of something else": Mistake(
        "coredination",
        '    properties: {$ref: "#/spec/connection_specification/properties"}\n',
        '    properties: {$ref: "#/spec/connection_specification"}\n',
        "definitions.retriever.properties",
        "the retriever does not know the defaults of the spec",
    ),
    "filter from a field that the spec does not have": Mistake(
        "caoloon",
        "      query:\n",
        "      query:\n        - {parameter: city, field: customers.city}\n",
        "streams[0].retriever.query[0].field",
        "the spec has no field `customers.city`",
    ),
    "expression over a field that the spec does not have": Mistake(
        "caoloon",
        "config.get('start_date')",
        "config.get('begin')",
        "definitions.stream.incremental_sync.start_datetime.datetime",
        "the spec has no field `begin`",
    ),
    "credentials chosen by a field that the spec does not have": Mistake(
        "mijnklantportaal",
        "field: credentials.auth_type",
        "field: credentials.kind",
        "definitions.connection.authentication.field",
        "the spec has no field `credentials.kind`",
    ),
    "first moment from a field that the spec does not have": Mistake(
        "caoloon",
        "      window:\n",
        "      window:\n        start: begin\n",
        "streams[0].retriever.window.start",
        "the spec has no field `begin`",
    ),
    "spec field that nothing reads": Mistake(
        "valomnia",
        "\n        - {parameter: categoryReference, field: customers.category_reference}",
        "",
        "spec.connection_specification.properties.customers.properties.category_reference",
        "nothing reads the field `customers.category_reference`",
    ),
    "default that nothing reads": Mistake(
        "caoloon",
        "size: page_size}",
        "size: 100}",
        "spec.connection_specification.properties.page_size",
        "nothing reads the field `page_size`",
    ),
    "number from a field that holds text": Mistake(
        "caoloon",
        "      page_size:\n        type: integer",
        "      page_size:\n        type: string",
        "definitions.list.paging.size",
        "`page_size` is no number",
    ),
    "switch from a field that holds text": Mistake(
        "coredination",
        "      include_inactive:\n        type: boolean",
        "      include_inactive:\n        type: string",
        "definitions.inactive.when_true",
        "`include_inactive` is no switch",
    ),
    "text for a value that the field never has": Mistake(
        "valomnia",
        'inactive: "false"}}',
        'inactve: "false"}}',
        "definitions.customers.retriever.query[2].values.inactve",
        "`customers.is_active` is never `inactve`",
    ),
    "last moment that no filter is sent for": Mistake(
        "caoloon",
        "        upper: {parameter: updatedTo, format: epoch_seconds}\n",
        "",
        "streams[0].retriever.window.end",
        "has no effect without `upper`",
    ),
    "path of a detail without the key of its parent": Mistake(
        "caoloon",
        "path: /portal/ipe/{key}/",
        "path: /portal/ipe/",
        "streams[4].retriever.path",
        "`{key}` stands for the parent's key",
    ),
    "switch of pages from a field that holds text": Mistake(
        "coredination",
        "          paged:\n            type: boolean",
        "          paged:\n            type: string",
        "definitions.jobs.retriever.paging.only_if",
        "`jobs.paged` is no switch",
    ),
    "switch of a field to leave out from a field that does not exist": Mistake(
        "mijnklantportaal",
        "{field: signerSignature, unless: agreements.signatures}",
        "{field: signerSignature, unless: agreements.pictures}",
        "streams[7].retriever.leave_out[0].unless",
        "the spec has no field `agreements.pictures`",
    ),
    "days from a field that holds text": Mistake(
        "mijnklantportaal",
        "          days:\n            type: integer",
        "          days:\n            type: string",
        "streams[6].retriever.paging.days",
        "`appointments.days` is no number",
    ),
    "field to leave out that the schema does not have": Mistake(
        "mijnklantportaal",
        "{field: signers.signature,",
        "{field: signers.picture,",
        "streams[7].retriever.leave_out[1].field",
        "the schema has no `signers.picture`",
    ),
    "schema with a field that is never delivered": Mistake(
        "mijnklantportaal",
        "      url: {",
        '      secret: {type: ["null", string]}\n      url: {',
        "streams[17].retriever.leave_out[0]",
        "the schema has `secret`, which is never delivered",
    ),
    "key of a parent that the schema does not have": Mistake(
        "mijnklantportaal",
        "key_field: ticketId",
        "key_field: ticket",
        "streams[13].retriever.parent.key_field",
        "the schema has no `ticket`",
    ),
    "message without its permission": Mistake(
        "mijnklantportaal",
        "path: /v1/customers, permission: customers.read",
        "path: /v1/customers",
        "streams[0].retriever",
        "a message has `{permission}`",
    ),
    "permission without its message": Mistake(
        "coredination",
        "path: /api/1/asset,",
        "path: /api/1/asset, permission: assets,",
        "streams[1].retriever.permission",
        "no message has `{permission}`",
    ),
    "condition over a field that the spec does not have": Mistake(
        "coredination",
        "config.get('customer_search')",
        "config.get('search')",
        "streams[7].condition",
        "the spec has no field `search`",
    ),
    "misspelt key of a condition": Mistake(
        "coredination",
        "    condition:",
        "    unless: x\n    condition:",
        "streams[7].unless",
        "ConditionalStreams takes no `unless`",
    ),
    "misspelt setting of a stream under a condition": Mistake(
        "coredination",
        "{parameter: q, field:",
        "{parameter: q, feild:",
        "streams[7].streams[0].retriever.query[0]",
        "unknown key `feild`",
    ),
    "format that no filter can be written in": Mistake(
        "coredination",
        "enum: [epoch_milliseconds, date]",
        "enum: [epoch_milliseconds, dates]",
        "spec.connection_specification.properties.modified_format",
        "the field names a format",
    ),
    "check of a stream that does not exist": Mistake(
        "caoloon",
        "stream_names: [customers]",
        "stream_names: [customers, invitation]",
        "check.stream_names[1]",
        "there is no stream `invitation`",
    ),
    "key written twice": Mistake(
        "caoloon",
        "    origin: https://caoloon.com\n",
        "    origin: https://caoloon.com\n    origin: https://caoloon.com\n",
        "definitions.connection.origin",
        "the key is written twice",
    ),
    "key written twice within a list": Mistake(
        "caoloon",
        "{parameter: status, field: customers.statuses}",
        "{parameter: status, parameter: status, field: customers.statuses}",
        "streams[0].retriever.query[0].parameter",
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

    [finding] = findings
    assert finding.place == mistake.path
    assert finding.what.startswith(mistake.what)


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
    findings = lint(
        manifest_of("valomnia").replace("field: sort", "field: name").replace("      sort:\n", "      name:\n")
    )

    assert [finding.what for finding in findings] == ["`name` is taken: it names the provider"]


def test_mistake_in_a_shared_definition_is_one_finding_however_many_streams_share_it() -> None:
    manifest = yaml.safe_load(manifest_of("caoloon"))
    manifest["streams"].append({**manifest["streams"][0], "name": "twin"})
    del manifest["definitions"]["connection"]["messages"]["404"]

    findings = lint(yaml.safe_dump(manifest))

    assert [finding.place for finding in findings] == ["definitions.connection"]


def test_schema_of_a_stream_under_a_condition_is_looked_at() -> None:
    manifest = yaml.safe_load(manifest_of("coredination"))
    manifest["schemas"]["customer_search"]["properties"]["uuid"]["type"] = "string"

    findings = lint(yaml.safe_dump(manifest))

    assert [finding.place for finding in findings] == ["schemas.customer_search.properties.uuid.type"]


def test_check_may_name_a_stream_under_a_condition() -> None:
    checked = manifest_of("coredination").replace("stream_names: [customers]", "stream_names: [customers, {}]")

    assert lint(checked.replace("{}", "customer_search", 1)) == []
    assert [finding.what for finding in lint(checked.replace("{}", "search", 1))] == ["there is no stream `search`"]


def test_finding_is_one_line_with_file_place_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(manifest_of("caoloon"), encoding="utf-8")
    broken = manifest_of("helpdesk").replace("        read_timeout_in_seconds: 60\n", "", 1)
    (tmp_path / "broken.yaml").write_text(broken, encoding="utf-8")

    command = run_lint(str(tmp_path / "good.yaml"), str(tmp_path / "broken.yaml"))

    assert command.stdout == (
        f"{tmp_path / 'broken.yaml'}: definitions.plain.retriever.requester: there is no `read_timeout_in_seconds`. "
        "Add it: the CDK waits for ever.\n"
    )
    assert command.returncode == 1


def test_command_succeeds_without_findings_and_refuses_to_check_nothing() -> None:
    good = run_lint(str(ROOT / "manifests" / "caoloon.yaml"))

    assert (good.returncode, good.stdout) == (0, "")
    assert run_lint().returncode != 0


def manifest_of(provider: str) -> str:
    made_up = MADE_UP.get(provider)
    path = ROOT / "integration_tests" / made_up if made_up else ROOT / "manifests" / f"{provider}.yaml"
    return path.read_text(encoding="utf-8")


def run_lint(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "manifest_lint", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
