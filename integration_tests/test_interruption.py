"""Killed at any moment and resumed from the last state it printed: both runs together are the whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Json, command_files, configured_catalog, read
from integration_tests.sandbox import Sandbox

KEYS = {"caoloon": "guid", "coredination": "id", "mijnklantportaal": "id", "valomnia": "id"}


def keys_in(messages: list[Json], provider: str) -> set[object]:
    return {message["record"]["data"][KEYS[provider]] for message in messages if message["type"] == "RECORD"}


@pytest.mark.parametrize("provider", KEYS)
def test_resumes_from_wherever_it_was_cut_off(sandbox: Sandbox, time: Time, provider: str) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    sandbox.clock = lambda: time.now().timestamp()
    catalog = configured_catalog(sync_mode="full_refresh" if provider == "mijnklantportaal" else "incremental")
    config = sandbox.config(provider)
    if provider != "mijnklantportaal":
        config["provider"]["page_size"] = 9
    whole = read(config, catalog=catalog).messages

    for cut in range(0, len(whole) + 1, 37):
        states = [message["state"] for message in whole[:cut] if message["type"] == "STATE"]
        time.sleep(30)
        resumed = read(config, states[-1:] or None, catalog)
        assert resumed.is_complete
        assert keys_in(whole[:cut], provider) | keys_in(resumed.messages, provider) == keys_in(whole, provider)


def test_resumes_after_its_process_was_killed(sandbox: Sandbox) -> None:
    sandbox.latency = 0.02
    config = sandbox.config("valomnia", page_size=5)
    command = str(Path(sys.executable).with_name("source-customers"))
    with command_files(config=config, catalog=configured_catalog()) as files:
        process = subprocess.Popen([command, "read", *files], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        printed = []
        for line in process.stdout:
            printed.append(json.loads(line))
            if printed[-1]["type"] == "STATE":
                process.kill()
                break
        process.wait()
        process.stdout.close()

    resumed = read(config, [printed[-1]["state"]])

    assert keys_in(printed, "valomnia") | keys_in(resumed.messages, "valomnia") == set(sandbox.valomnia.rows)
    assert len(printed) < 250


def test_ends_with_a_sentence_when_nobody_reads_its_output_any_more(sandbox: Sandbox) -> None:
    sandbox.latency = 0.02
    command = str(Path(sys.executable).with_name("source-customers"))
    with command_files(config=sandbox.config("valomnia", page_size=5), catalog=configured_catalog()) as files:
        process = subprocess.Popen([command, "read", *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        process.stderr.close()
        process.wait()

    assert (process.returncode, said) == (1, "Standard output cannot be written to.\n")
