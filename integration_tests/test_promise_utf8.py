"""Output is UTF-8 in bytes, whatever the locale and the encoding of standard output."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.connector import command_files, configured_catalog, read
from integration_tests.sandbox import Sandbox

NAME = "Zażółć gęślą jaźń Š € 株式会社 🏭"


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_a_name_that_latin_1_does_not_have(sandbox: Sandbox, environment: dict[str, str]) -> None:
    guid = next(iter(sandbox.caoloon.listed(archived="false")))
    sandbox.caoloon.update(guid, companyName=NAME)

    with command_files(config=sandbox.config("caoloon"), catalog=configured_catalog()) as files:
        process = subprocess.run(
            [str(Path(sys.executable).with_name("source-customers")), "read", *files],
            capture_output=True,
            check=False,
            timeout=60,
            env={**os.environ, **environment},
        )

    messages = [json.loads(line) for line in process.stdout.decode("utf-8").splitlines()]
    names = {m["record"]["data"]["guid"]: m["record"]["data"]["companyName"] for m in messages if m["type"] == "RECORD"}
    assert process.returncode == 0
    assert names[guid] == NAME


@pytest.mark.parametrize("name", ["config", "catalog"])
def test_half_a_character_in_a_name_is_a_mistake_like_any_other(sandbox: Sandbox, name: str) -> None:
    half = "x\ud800"
    config, catalog = sandbox.config("caoloon"), configured_catalog(["customers", *([half] * (name == "catalog"))])
    if name == "config":
        config["provider"][half] = 1

    outcome = read(config, catalog=catalog)

    assert outcome.exit_code == 1
    [(kind, message)] = outcome.errors
    assert kind == "config_error"
    assert "x?" in message
