"""The CDK's standard tests, against the sandbox: for the connector, and for each manifest run alone."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from airbyte_cdk.test.models import ConnectorTestScenario
from airbyte_cdk.test.standard_tests import (
    DeclarativeSourceTestSuite,
    DiscoveredCatalogWarning,
    SourceTestSuiteBase,
)

from integration_tests.sandbox import Sandbox
from source_customers import SourceCustomers

ROOT = Path(__file__).parent.parent
# Scenarios are collected before the sandbox has an address, so they name files that are written when it has one.
CONFIGS = Path(tempfile.gettempdir()) / f"source-customers-standard-tests-{os.getpid()}"
CREDENTIALS = ("caoloon", "coredination", "mijnklantportaal", "mijnklantportaal_oauth", "valomnia")
REFUSED = {"api_token": "refused", "api_key": "refused", "password": "refused", "refresh_token": "refused"}


@pytest.fixture(autouse=True)
def _config_files(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # All streams of MijnKlantportaal would take three minutes of the rate that it documents.
    sandbox.mijnklantportaal.rate_limit = None
    # The CDK writes configs with their credentials to the folder for temporary files, and leaves them there.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    configs = {name: sandbox.config(name.removesuffix("_oauth"), oauth=name.endswith("_oauth")) for name in CREDENTIALS}
    configs |= {f"{name}_refused": refused(config) for name, config in configs.items()}
    configs |= {f"{name}_alone": flat(configs[name]) for name in sandbox.providers}
    CONFIGS.mkdir()
    files = [CONFIGS / f"{name}.json" for name in configs]
    for file, config in zip(files, configs.values(), strict=True):
        file.write_text(json.dumps(config), encoding="utf-8")
    yield
    for file in files:
        file.unlink()
    CONFIGS.rmdir()


def refused(config: dict[str, Any]) -> dict[str, Any]:
    """The config with credentials that no API takes."""
    return {
        field: refused(value) if isinstance(value, dict) else REFUSED.get(field, value)
        for field, value in config.items()
    }


def flat(config: dict[str, Any]) -> dict[str, Any]:
    """The config as a manifest takes it."""
    return {field: value for field, value in config["provider"].items() if field != "name"}


class TestConnector(SourceTestSuiteBase):
    connector = SourceCustomers

    @classmethod
    def get_connector_root_dir(cls) -> Path:
        return ROOT

    @classmethod
    def get_scenarios(cls) -> list[ConnectorTestScenario]:
        return [scenario for scenario in cls.listed_scenarios() if scenario.status != "failed"]

    @classmethod
    def listed_scenarios(cls) -> list[ConnectorTestScenario]:
        """Those of acceptance-test-config.yml, with the sandbox's configs."""
        return [
            scenario.model_copy(update={"config_path": CONFIGS / scenario.config_path.name})
            for scenario in super().get_scenarios()
            if scenario.config_path
        ]

    # Only the check of these is of interest; among the other scenarios they would be skipped test by test.
    @pytest.mark.parametrize("name", [f"{name}_refused" for name in CREDENTIALS])
    def test_check_fails_with_refused_credentials(self, name: str) -> None:
        [scenario] = [scenario for scenario in self.listed_scenarios() if scenario.id == name]
        assert scenario.status == "failed"

        self.test_check(scenario)


class ManifestTestSuite(DeclarativeSourceTestSuite):
    """A manifest run alone, as PyAirbyte and `source-declarative-manifest` run it."""

    components_py_path = None
    provider: ClassVar[str]
    # Streams that are read by a change time which their rows do not have: their parents' have it, or only the API does.
    # The CDK declares it as their cursor field all the same. The connector does not: see TestConnector.
    without_cursor: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def get_connector_root_dir(cls) -> Path:
        return ROOT

    @classmethod
    def get_scenarios(cls) -> list[ConnectorTestScenario]:
        return [ConnectorTestScenario(config_path=CONFIGS / f"{cls.provider}_alone.json", status="succeed")]

    def test_discover(self, scenario: ConnectorTestScenario) -> None:
        if not self.without_cursor:
            super().test_discover(scenario)
            return
        with pytest.warns(DiscoveredCatalogWarning) as warned:
            super().test_discover(scenario)
        [_, check, *problems] = str(warned[0].message).splitlines()
        assert check == "[cursor fields exist in schema]"
        assert [problem.split("'")[1] for problem in problems] == [*self.without_cursor]

    @pytest.fixture(autouse=True)
    def _custom_components(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Whoever hands the CDK a manifest has to allow the components that it names.
        monkeypatch.setenv("AIRBYTE_ENABLE_UNSAFE_CODE", "true")


class TestCaoLoonAlone(ManifestTestSuite):
    provider = "caoloon"
    manifest_yaml_path = ROOT / "manifests" / "caoloon.yaml"
    without_cursor = ("inquiries_pay_equity", "inquiry_pay_equity_details")


class TestCoredinationAlone(ManifestTestSuite):
    provider = "coredination"
    manifest_yaml_path = ROOT / "manifests" / "coredination.yaml"
    without_cursor = ("customer_projects",)


class TestMijnKlantportaalAlone(ManifestTestSuite):
    provider = "mijnklantportaal"
    manifest_yaml_path = ROOT / "manifests" / "mijnklantportaal.yaml"


class TestValomniaAlone(ManifestTestSuite):
    provider = "valomnia"
    manifest_yaml_path = ROOT / "manifests" / "valomnia.yaml"
