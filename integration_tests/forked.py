"""Runs scripts that use PyAirbyte, each in a process of its own that begins with PyAirbyte imported.

The import takes eight seconds, longer than most of what the scripts do.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

# PyAirbyte asks for these when it is imported. The examples set them before, too.
_SETTINGS = {"AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1"}


def run_forked(
    script: Path, *arguments: str, folder: Path, variables: Mapping[str, str], seconds: float
) -> "subprocess.CompletedProcess[str]":
    """Run a script with its arguments, as the interpreter would.

    Args:
        script: the file.
        arguments: what stands behind it.
        folder: where it runs.
        variables: of the environment, beside those of this process.
        seconds: how long it may take.
    """
    with TemporaryDirectory() as kept:
        outputs = [Path(kept, name) for name in ("stdout", "stderr")]
        process = _server().Process(target=_run, args=(script, arguments, folder, variables, outputs))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired([script, *arguments], seconds)
        said = [output.read_text(encoding="utf-8") for output in outputs]
    return subprocess.CompletedProcess([script, *arguments], process.exitcode, *said)


@cache
def _server() -> ForkServerContext:
    os.environ.update(_SETTINGS)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["integration_tests.quick_airbyte"])
    return context


def _run(
    script: Path, arguments: tuple[str, ...], folder: Path, variables: Mapping[str, str], outputs: list[Path]
) -> None:
    for number, output in enumerate(outputs, start=1):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(folder)
    os.environ.update(variables)
    _write_logs_below(folder)
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.parent))
    runpy.run_path(str(script), run_name="__main__")


def _write_logs_below(folder: Path) -> None:
    """Say again where logs are, which PyAirbyte asks the environment for when it is imported."""
    from airbyte import logs  # noqa: PLC0415  # only the processes that run the scripts have it

    logs.AIRBYTE_LOGGING_ROOT = folder / "logs"
