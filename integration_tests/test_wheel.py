"""The wheel that users install, rather than the checkout that developers run."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from integration_tests.installation import ROOT, Installation


@pytest.fixture(scope="module")
def names(installation: Installation) -> set[str]:
    with ZipFile(installation.wheel) as wheel:
        return set(wheel.namelist())


def test_wheel_has_every_manifest_inside_the_package(names: set[str]) -> None:
    manifests = {f"source_customers/manifests/{path.name}" for path in ROOT.glob("manifests/*.yaml")}

    assert len(manifests) >= 4
    assert {name for name in names if name.endswith(".yaml")} == manifests


def test_wheel_has_every_module_and_nothing_that_is_not_the_connector(names: set[str]) -> None:
    modules = {str(path.relative_to(ROOT)) for path in ROOT.glob("source_customers/**/*.py")}

    assert {name for name in names if name.endswith(".py")} == modules
    assert {name.split("/")[0] for name in names} == {"source_customers", dist_info(names)}


def test_wheel_says_that_it_is_typed(names: set[str]) -> None:
    assert "source_customers/py.typed" in names


def test_wheel_brings_the_licence_and_the_command(installation: Installation, names: set[str]) -> None:
    with ZipFile(installation.wheel) as wheel:
        entry_points = wheel.read(f"{dist_info(names)}/entry_points.txt").decode()

    assert f"{dist_info(names)}/licenses/LICENSE" in names
    assert "source-customers = source_customers.run:run" in entry_points


def test_installed_command_lists_the_providers_from_any_folder(installation: Installation, tmp_path: Path) -> None:
    done = installation.run("source-customers", "spec", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    [spec] = [message["spec"] for message in map(json.loads, done.stdout.splitlines()) if message["type"] == "SPEC"]
    branches = spec["connectionSpecification"]["properties"]["provider"]["oneOf"]
    assert [branch["properties"]["name"]["const"] for branch in branches] == [
        "caoloon",
        "coredination",
        "mijnklantportaal",
        "valomnia",
    ]


def test_installed_command_runs_the_wheel_and_not_the_checkout(installation: Installation, tmp_path: Path) -> None:
    code = "import source_customers; print(source_customers.__file__)"

    done = installation.run("python", "-c", code, folder=tmp_path)

    assert Path(done.stdout.strip()).parent == installation.package


def dist_info(names: set[str]) -> str:
    [folder] = {name.split("/")[0] for name in names if ".dist-info/" in name}
    return folder
