"""A manifest runs without the connector around it: with the CDK's own command, and with PyAirbyte."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from integration_tests.connector import Json, Outcome, command_files, configured_catalog
from integration_tests.installation import needs_pyairbyte
from integration_tests.rows import streams_of
from integration_tests.sandbox import Sandbox
from integration_tests.warm import run_script

MANIFESTS = Path(__file__).parent.parent / "manifests"
# Whoever hands the CDK a manifest has to allow the components that it names.
ALLOWED = {"AIRBYTE_ENABLE_UNSAFE_CODE": "true", "AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1"}
READ_TWICE = """
import json, sys
from pathlib import Path
import airbyte as ab

config, manifest = json.loads(sys.argv[1]), Path(sys.argv[2])
source = ab.get_source("source-caoloon", config=config, source_manifest=manifest)
source.check()
source.select_all_streams()
cache = ab.new_local_cache("alone", cache_dir="cache")
print([source.read(cache).processed_records for _ in range(2)], file=open("read", "w"))
"""


def flat(sandbox: Sandbox, provider: str, **fields: Any) -> Json:
    """The config as a manifest reads it, without the object around it."""
    return {name: value for name, value in sandbox.config(provider, **fields)["provider"].items() if name != "name"}


def run_alone(provider: str, command: str, **files: Any) -> Outcome:
    with command_files(**files) as options:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("source-declarative-manifest"),
                command,
                *options,
                "--manifest-path",
                MANIFESTS / f"{provider}.yaml",
            ],
            env={**os.environ, **ALLOWED},
            capture_output=True,
            text=True,
            check=False,
        )
    return Outcome(done.stdout + done.stderr, done.returncode)


def test_the_cdks_command_reads_and_goes_on_from_the_state(sandbox: Sandbox) -> None:
    config = flat(sandbox, "caoloon")
    listed = sandbox.caoloon.listed()

    first = run_alone("caoloon", "read", config=config, catalog=configured_catalog())
    renamed = next(iter(listed))
    sandbox.caoloon.update(renamed, companyName="Renamed")
    sandbox.clear_requests()
    second = run_alone("caoloon", "read", config=config, catalog=configured_catalog(), state=first.last_state)

    assert {row["guid"] for row in first.rows()} == listed.keys()
    assert [row["companyName"] for row in second.rows() if row["guid"] == renamed] == ["Renamed"]
    assert len(second.rows()) < 10
    assert all(request.value("updatedFrom") for request in sandbox.requests.of("caoloon", kind="list"))


def test_credentials_are_kept_safe_without_the_connectors_check_of_the_config() -> None:
    config = {"username": "user", "password": "hush-hush", "base_url": "http://acme.valomnia.com"}

    outcome = run_alone("valomnia", "check", config=config)

    state, message = outcome.status
    assert state == "FAILED"
    assert "`base_url` must begin with https://" in str(message)
    assert "hush-hush" not in outcome.output


@needs_pyairbyte
def test_pyairbyte_reads_everything_each_time(sandbox: Sandbox, tmp_path: Path) -> None:
    script = tmp_path / "read_twice.py"
    script.write_text(READ_TWICE, encoding="utf-8")
    given = [json.dumps(flat(sandbox, "caoloon")), str(MANIFESTS / "caoloon.yaml")]
    done = run_script(script, *given, folder=tmp_path, variables=ALLOWED)
    assert done.returncode == 0, done.stderr

    count = sum(len(sandbox.caoloon.expected(stream)) for stream in streams_of("caoloon"))
    assert json.loads((tmp_path / "read").read_text("utf-8")) == [count, count]
