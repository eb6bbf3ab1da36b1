"""What the registry is told, held against the package and the manifests."""

import re
from importlib.metadata import metadata, requires, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import yaml
from pydantic import ValidationError

from source_customers.manifest.catalogue import DOCUMENTATION_URL, load_manifest, manifest_paths, provider_spec
from source_customers.manifest.declarations import conditional, resolved

ROOT = Path(__file__).parent.parent
PACKAGE = "airbyte-source-customers"


@pytest.fixture
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def data(document: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = document["data"]
    return inner


def test_metadata_is_valid_for_the_registry(document: dict[str, Any]) -> None:
    models = pytest.importorskip(
        "airbyte_connector_models.metadata.v0.connector_metadata_definition_v0",
        reason="the models of the registry are not installed: they support Python 3.10 to 3.12",
    )
    definition = models.ConnectorMetadataDefinitionV0

    definition.model_validate(document)

    document["data"]["maxSecondBetweenMessages"] = 60
    with pytest.raises(ValidationError, match="maxSecondBetweenMessages"):
        definition.model_validate(document)


def test_image_has_the_version_and_the_licence_of_the_package(data: dict[str, Any]) -> None:
    assert data["dockerImageTag"] == version(PACKAGE)
    assert data["license"] == metadata(PACKAGE)["License-Expression"]


def test_image_is_built_on_one_published_base_image(data: dict[str, Any]) -> None:
    image = data["connectorBuildOptions"]["baseImage"]

    assert re.fullmatch(r"docker\.io/airbyte/python-connector-base:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}", image)


def test_package_of_the_registry_is_this_package(data: dict[str, Any]) -> None:
    assert data["remoteRegistries"]["pypi"] == {"enabled": True, "packageName": PACKAGE}
    assert data["dockerRepository"] == "airbyte/source-customers"
    assert data["documentationUrl"] == DOCUMENTATION_URL


@pytest.mark.parametrize("kind", ["language", "cdk"])
def test_tags_name_one_language_and_one_cdk(data: dict[str, Any], kind: str) -> None:
    assert [tag for tag in data["tags"] if tag.startswith(f"{kind}:")] == [f"{kind}:python"]


@pytest.mark.parametrize("provider", manifest_paths())
def test_every_host_that_a_manifest_names_is_allowed(data: dict[str, Any], provider: str) -> None:
    manifest = load_manifest(provider)
    addresses = {text for text in texts(manifest["definitions"]) if text.startswith("https://")}
    default = provider_spec(provider)["properties"].get("base_url", {}).get("default")
    hosts = {urlsplit(address).hostname for address in [*addresses, default] if address}

    assert hosts <= set(data["allowedHosts"]["hosts"])


def test_host_that_the_user_gives_is_allowed(data: dict[str, Any]) -> None:
    assert "${provider.base_url}" in data["allowedHosts"]["hosts"]


def test_hosts_are_hosts_and_not_addresses(data: dict[str, Any]) -> None:
    assert [host for host in data["allowedHosts"]["hosts"] if "/" in host or "*" in host] == []


@pytest.mark.parametrize("provider", manifest_paths())
def test_suggested_streams_exist_for_every_provider(data: dict[str, Any], provider: str) -> None:
    streams = {stream["name"] for stream in conditional(resolved(load_manifest(provider))["streams"], {})}

    assert set(data["suggestedStreams"]["streams"]) <= streams


@pytest.mark.parametrize("provider", manifest_paths())
def test_documents_of_every_provider_are_linked(data: dict[str, Any], provider: str) -> None:
    hosts = [urlsplit(link["url"]).hostname or "" for link in data["externalDocumentationUrls"]]

    assert any(provider in host for host in hosts)


def test_links_are_encrypted(data: dict[str, Any]) -> None:
    links = {text for text in texts(data) if "://" in text}

    assert {link for link in links if not link.startswith("https://")} == set()


def test_icon_is_a_small_square_picture_that_loads_nothing(data: dict[str, Any]) -> None:
    icon = ROOT / data["icon"]
    picture = ET.parse(icon).getroot()
    _, _, width, height = picture.attrib["viewBox"].split()

    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert width == height
    assert icon.stat().st_size < 4096
    assert "href" not in icon.read_text(encoding="utf-8")


def texts(value: Any) -> set[str]:
    """Every text in a document."""
    if isinstance(value, str):
        return {value}
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for part in below for text in texts(part)}


def test_poetrys_table_and_lock_say_what_the_package_says() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.findall(r'^version = "(.*)"$', project, re.MULTILINE) == [version(PACKAGE)]
    for name, value in [("name", PACKAGE), ("license", "MIT")]:
        assert re.findall(rf'^{name} = "(.*)"$', project, re.MULTILINE) == [value, value]
    [cdk] = re.findall(r'^ +"airbyte-cdk([^\["]*)",$', project, re.MULTILINE)
    assert f'\nairbyte-cdk = "{cdk}"\n' in project

    lock = (ROOT / "poetry.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r'^name = "(.+)"\nversion = "(.+)"$', lock, re.MULTILINE))
    pins = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", pins, re.MULTILINE))
    direct = {re.split(r"[^\w-]", requirement)[0].lower() for requirement in requires(PACKAGE) or []}
    assert len(direct) > 15
    assert {name: locked[name] for name in direct} == {name: pinned[name] for name in direct}
    # Nobody else could fetch from where somebody happened to lock.
    assert "[package.source]" not in lock
    assert not re.search(r"://|--(extra-)?index|--find-links", pins)
