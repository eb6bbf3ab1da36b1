"""What the dbt package says of the connector's tables is what the manifests say."""

from pathlib import Path
from typing import Any

import yaml
from airbyte_cdk.sources.declarative.parsers.manifest_reference_resolver import ManifestReferenceResolver

ROOT = Path(__file__).parent.parent


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_every_column_that_a_model_reads_is_one_of_the_stream() -> None:
    for source in read(ROOT / "dbt" / "models" / "sources.yml")["sources"]:
        manifest = ManifestReferenceResolver().preprocess_manifest(read(ROOT / "manifests" / f"{source['name']}.yaml"))
        for table in source["tables"]:
            if table["name"] == "full_reads":
                continue
            declared = manifest["schemas"][table["name"]]["properties"]
            columns = {column["name"] for column in table["columns"]} - {"_airbyte_extracted_at"}
            assert columns <= declared.keys(), (source["name"], table["name"])


def test_what_installs_the_package_names_no_index() -> None:
    pins = (ROOT / "dbt" / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in pins
    duckdb = next(line for line in pins.splitlines() if line.startswith("duckdb=="))
    # What one of them writes, the other reads.
    assert duckdb in (ROOT / "requirements.lock").read_text(encoding="utf-8")
