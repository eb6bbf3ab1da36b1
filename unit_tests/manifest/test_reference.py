"""docs/manifest.md says what the settings say."""

import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from source_customers.manifest.settings import Settings

ROOT = Path(__file__).parent.parent.parent
SCRIPT: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "manifest_reference.py"))
PAGE: str = SCRIPT["PAGE"].read_text(encoding="utf-8")


def test_page_is_what_the_settings_say() -> None:
    assert SCRIPT["reference"]() == PAGE, "Run `make reference`."


def kinds_of(settings: type[Settings]) -> list[type[Settings]]:
    return [kind for each in settings.__subclasses__() for kind in [each, *kinds_of(each)]]


def test_every_setting_has_a_section() -> None:
    # A list stands in a manifest as part of its retriever only.
    ours = [kind for kind in kinds_of(Settings) if kind.__module__.startswith("source_customers")]
    assert {kind.__name__ for kind in ours} - {"ListSettings"} == {kind.__name__ for kind in SCRIPT["TITLES"]}


@pytest.mark.parametrize("settings", SCRIPT["TITLES"], ids=lambda settings: settings.__name__)
def test_every_key_has_a_line_with_its_meaning(settings: type[Settings]) -> None:
    section = PAGE.partition(f"\n## {SCRIPT['TITLES'][settings]}\n")[2].partition("\n## ")[0]
    lines = {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}

    for key in settings.__struct_encode_fields__:
        assert not lines[key].endswith("|  |")


def test_stream_of_the_introduction_takes_at_most_eight_lines() -> None:
    example = PAGE.partition("```yaml\nstreams:\n")[2].partition("```")[0]

    assert len(example.splitlines()) <= 8
    assert set(yaml.safe_load(example)[0]) <= {
        "type",
        "name",
        "primary_key",
        "incremental_sync",
        "retriever",
        "schema_loader",
    }
