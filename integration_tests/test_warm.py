"""The commands that begin with their imports done do what the installed ones do."""

import subprocess
from pathlib import Path

import pytest

from integration_tests.connector import Outcome, command_files, configured_catalog, run_process
from integration_tests.sandbox import Sandbox
from integration_tests.warm import connector

MISSING = ["check", "--config", "missing.json"]


def run_warm(arguments: list[str]) -> Outcome:
    done = subprocess.run([connector(), *arguments], capture_output=True, text=True, check=False)
    return Outcome(done.stdout, done.returncode, done.stderr)


@pytest.mark.parametrize("arguments", [["spec"], ["read"], MISSING], ids=lambda given: given[0])
def test_a_command_says_and_ends_what_it_does_from_nothing(arguments: list[str]) -> None:
    warm, installed = run_warm(arguments), run_process(arguments)

    assert warm.exit_code == installed.exit_code == {"spec": 0, "read": 2, "check": 1}[arguments[0]]
    if arguments == MISSING:  # the error tells when it came, and from where in the code
        assert warm.errors == installed.errors
    else:
        assert (warm.output, warm.errors_output) == (installed.output, installed.errors_output)


def test_a_command_is_where_it_is_run(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    done = subprocess.run(
        [connector(), "check", "--config", "config.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert "`provider`" in done.stdout


def test_what_a_command_does_ends_when_it_is_killed(sandbox: Sandbox) -> None:
    sandbox.latency = 0.02
    config = sandbox.config("valomnia", page_size=5, concurrency=1)
    with command_files(config=config, catalog=configured_catalog()) as files:
        process = subprocess.Popen([connector(), "read", *files], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        for line in process.stdout:
            if '"RECORD"' in line:
                process.kill()
                break
        rest = process.stdout.read()
        process.wait()
        process.stdout.close()

    assert "COMPLETE" not in rest
