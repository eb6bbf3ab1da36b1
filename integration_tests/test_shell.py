"""docs/shell.md is true: its commands are run as they stand there, and print what stands there."""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integration_tests.rows import streams_of
from integration_tests.sandbox import Sandbox, serve
from integration_tests.warm import connector

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "shell.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```\n(?:```text\n(.*?)```\n)?", PAGE, re.DOTALL)
SHOWN = [(commands, output) for commands, output in BLOCKS if output]
[NIGHTLY] = [commands for commands, _ in BLOCKS if commands.startswith("set -e")]
[WITH_JQ] = [commands for commands, _ in BLOCKS if "jq" in commands]
URL = "http://localhost:8080"


@dataclass
class Shell:
    """A shell in a user's folder, where `source-customers` is installed."""

    folder: Path
    sandbox: Sandbox

    def start(self, commands: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", "-e", "-c", commands.replace(URL, self.sandbox.url)],
            cwd=self.folder,
            env={**os.environ, "PATH": os.pathsep.join([str(connector().parent), os.environ["PATH"]])},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def run(self, commands: str) -> str:
        done = self.start(commands)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def last_state(self, messages: str) -> "subprocess.CompletedProcess[str]":
        (self.folder / "some.jsonl").write_text(messages, encoding="utf-8")
        return self.start("python examples/last_state.py < some.jsonl")

    def catalog(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        discover = "source-customers discover --config config.json"
        return self.start(f"{discover} | python examples/configured_catalog.py {' '.join(arguments)}")

    def configure(self, provider: str) -> None:
        (self.folder / "config.json").write_text(json.dumps(self.sandbox.config(provider)), encoding="utf-8")

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def lines(self, name: str) -> list[str]:
        return (self.folder / name).read_text(encoding="utf-8").splitlines()

    def counts(self) -> dict[str, int]:
        """How many rows of each stream are among the messages."""
        messages = map(json.loads, self.lines("messages.jsonl"))
        return Counter(message["record"]["stream"] for message in messages if message["type"] == "RECORD")


@pytest.fixture(scope="module")
def page_sandbox() -> Iterator[Sandbox]:
    """The sandbox as the page starts it, without options."""
    with serve(Sandbox()) as sandbox:
        yield sandbox


@pytest.fixture
def shell(page_sandbox: Sandbox, tmp_path: Path) -> Shell:
    page_sandbox.reset()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return Shell(tmp_path, page_sandbox)


def state_message(stream: str, moment: int) -> str:
    state = {"type": "STREAM", "stream": {"stream_descriptor": {"name": stream}, "stream_state": {"at": moment}}}
    return json.dumps({"type": "STATE", "state": state})


def test_each_command_prints_what_the_page_shows(shell: Shell) -> None:
    assert len(SHOWN) == 7
    assert [shell.run(commands) for commands, _ in SHOWN] == [output for _, output in SHOWN]


def test_nightly_script_goes_on_where_it_ended(shell: Shell) -> None:
    shell.configure("caoloon")
    catalog = shell.catalog()
    (shell.folder / "configured_catalog.json").write_text(catalog.stdout, encoding="utf-8")
    listed = {
        entry["stream"]["name"]: len(shell.sandbox.caoloon.expected(entry["stream"]["name"]))
        for entry in json.loads(catalog.stdout)["streams"]
        if entry["stream"]["name"] != "full_reads"
    }
    listed["full_reads"] = len(listed)  # every stream was read as a whole

    counts = []

    for _ in range(2):
        shell.run(NIGHTLY)
        counts.append(shell.counts())

    assert counts[0] == listed
    # Invitations can only be read in full; inquiries go on from the moment the sync began, the others from a last row.
    assert counts[1] == {
        "customers": 1,
        "collective_labour_agreements": 1,
        "collective_labour_agreement_details": 1,
        "invitations": listed["invitations"],
        "full_reads": 1,
    }


def test_nightly_script_keeps_the_state_of_a_read_that_failed(shell: Shell) -> None:
    shell.configure("caoloon")
    (shell.folder / "configured_catalog.json").write_text("{}", encoding="utf-8")
    (shell.folder / "state.json").write_text("[]", encoding="utf-8")

    failed = shell.start(NIGHTLY)

    assert failed.returncode == 1
    assert "keep the one that you have" in failed.stderr
    assert shell.json("state.json") == []


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_jq_makes_the_same_files(shell: Shell) -> None:
    made = ("configured_catalog.json", "state.json")
    shell.configure("caoloon")
    shell.run(WITH_JQ)
    by_jq = [shell.json(name) for name in made]
    rows = shell.lines("customers.jsonl")

    (shell.folder / made[0]).write_text(shell.catalog("customers:incremental").stdout, encoding="utf-8")
    (shell.folder / made[1]).write_text(shell.run("python examples/last_state.py < messages.jsonl"), encoding="utf-8")

    assert by_jq == [shell.json(name) for name in made]
    assert len(rows) == len(shell.sandbox.caoloon.listed())


@pytest.mark.parametrize("provider", ["caoloon", "mijnklantportaal"])
def test_without_a_name_all_streams_are_taken_as_they_can_be(shell: Shell, provider: str) -> None:
    shell.configure(provider)

    done = shell.catalog()

    entries = json.loads(done.stdout)["streams"]
    assert entries[0]["stream"]["name"] == "customers"
    assert {entry["stream"]["name"] for entry in entries} == {*streams_of(provider), "full_reads"}
    for entry in entries:
        incremental = "incremental" in entry["stream"]["supported_sync_modes"]
        assert entry["sync_mode"] == ("incremental" if incremental else "full_refresh")
        assert entry["destination_sync_mode"] == ("append_dedup" if incremental else "overwrite")
        assert entry["stream"]["source_defined_primary_key"]
        assert entry["stream"]["json_schema"]["properties"]
    assert entries[0]["sync_mode"] == ("incremental" if provider == "caoloon" else "full_refresh")


def test_mode_that_a_stream_does_not_have_is_refused(shell: Shell) -> None:
    shell.configure("mijnklantportaal")

    done = shell.catalog("customers:incremental")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The stream customers cannot be read as incremental, only as full_refresh.\n"


def test_reason_of_a_failed_discover_is_passed_on(shell: Shell) -> None:
    (shell.folder / "config.json").write_text('{"provider": {"name": "nobody"}}', encoding="utf-8")

    done = shell.catalog()

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("`discover` printed no catalog. ")
    assert "nobody" in done.stderr or "provider" in done.stderr


def test_last_state_of_each_stream_is_kept(shell: Shell) -> None:
    record = '{"type": "RECORD", "record": {"stream": "customers", "data": {"name": "\\"STATE\\" of the art"}}}'
    messages = [state_message("customers", 1), state_message("orders", 2), record, state_message("customers", 3)]

    done = shell.last_state("\n".join(messages))

    assert [state["stream"]["stream_state"] for state in json.loads(done.stdout)] == [{"at": 3}, {"at": 2}]


def test_without_a_state_there_is_no_output(shell: Shell) -> None:
    done = shell.last_state('{"type": "LOG", "log": {"level": "INFO", "message": "\\"STATE\\""}}\n')

    assert (done.returncode, done.stdout) == (1, "")
