import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from source_customers.manifest import catalogue
from source_customers.manifest.catalogue import connection_specification, load_manifest, manifest_paths, provider_spec
from source_customers.manifest.declarations import resolved

PROVIDERS = ["caoloon", "coredination", "mijnklantportaal", "valomnia"]


def branch_of(provider: str) -> dict[str, Any]:
    branches = connection_specification()["properties"]["provider"]["oneOf"]
    [branch] = [branch for branch in branches if branch["properties"]["name"]["const"] == provider]
    return dict(branch)


def test_every_manifest_is_a_provider_in_the_order_of_the_names() -> None:
    assert list(manifest_paths()) == PROVIDERS
    assert all(path.name == f"{provider}.yaml" for provider, path in manifest_paths().items())


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("source_customers/manifests", "inside"), ("manifests", "beside")],
    ids=["installed", "checkout"],
)
def test_manifests_are_found_inside_the_package_or_else_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, expected: str
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / f"{expected}.yaml").touch()
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "source_customers" / "manifest" / "catalogue.py"))

    assert manifest_paths.__wrapped__() == {expected: tmp_path / folder / f"{expected}.yaml"}


def test_manifests_inside_the_package_win_over_those_of_a_folder_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("source_customers/manifests", "manifests"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "manifests" / "another.yaml").touch()
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "source_customers" / "manifest" / "catalogue.py"))

    assert manifest_paths.__wrapped__() == {}


def test_only_yaml_files_are_providers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "manifests"
    folder.mkdir()
    for name in ("b.yaml", "a.yaml", "README.md", "c.yaml.orig"):
        (folder / name).touch()
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "source_customers" / "manifest" / "catalogue.py"))

    assert list(manifest_paths.__wrapped__()) == ["a", "b"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_manifest_is_what_its_file_says(provider: str) -> None:
    text = manifest_paths()[provider].read_text(encoding="utf-8")

    assert load_manifest(provider) == yaml.safe_load(text)


def test_a_manifest_is_read_once() -> None:
    assert load_manifest("caoloon") is load_manifest("caoloon")


def test_changing_a_resolved_manifest_does_not_change_the_loaded_one() -> None:
    def empty(node: Any) -> None:
        for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            empty(part)
        if isinstance(node, (dict, list)):
            node.clear()

    empty(resolved(load_manifest("caoloon")))

    assert load_manifest("caoloon") == yaml.safe_load(manifest_paths()["caoloon"].read_text(encoding="utf-8"))


def test_spec_of_one_provider_has_its_branch_alone() -> None:
    whole, one = connection_specification(), connection_specification(["caoloon"])

    assert one["properties"]["provider"].pop("oneOf") == [branch_of("caoloon")]
    assert len(whole["properties"]["provider"].pop("oneOf")) > 1
    assert one == whole


def test_unknown_provider_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="nobody"):
        load_manifest("nobody")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_branch_has_the_fields_of_the_manifest_and_the_name_in_front(provider: str) -> None:
    branch, own = branch_of(provider), provider_spec(provider)

    assert list(branch["properties"]) == ["name", *own["properties"]]
    assert {name: field for name, field in branch["properties"].items() if name != "name"} == own["properties"]
    assert branch["required"] == ["name", *own["required"]]
    assert branch["title"] == own["title"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_name_of_a_branch_is_the_constant_that_a_form_chooses_by(provider: str) -> None:
    assert branch_of(provider)["properties"]["name"] == {
        "type": "string",
        "const": provider,
        "default": provider,
        "order": 0,
    }


def test_composed_spec_is_a_json_schema_that_asks_for_a_provider() -> None:
    spec = connection_specification()

    jsonschema.Draft7Validator.check_schema(spec)
    assert spec["required"] == ["provider"]
    assert [branch for branch in spec["properties"]["provider"]["oneOf"] if "$schema" in branch] == []


def test_changing_the_composed_spec_does_not_change_the_next_one() -> None:
    connection_specification()["properties"]["provider"]["oneOf"][0]["required"].clear()

    assert branch_of("caoloon")["required"] == ["name", "api_token"]


def test_config_with_the_fields_of_one_provider_fits_its_branch_alone() -> None:
    validator = jsonschema.Draft7Validator(connection_specification())

    assert validator.is_valid({"provider": {"name": "caoloon", "api_token": "token"}})
    assert not validator.is_valid({"provider": {"name": "caoloon", "api_key": "key"}})
    assert not validator.is_valid({"provider": {"name": "nobody", "api_token": "token"}})


def test_catalogue_does_without_the_cdk() -> None:
    code = "import sys, source_customers.manifest.catalogue; print('airbyte_cdk' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
