"""Commands whose processes begin with their imports done, since each is forked from one that has imported already.

The connector takes a second to start and PyAirbyte four: longer than most of what the tests have them do. Other tests
start the connector from nothing.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

_ROOT = Path(__file__).parent.parent.parent
# PyAirbyte asks for these when it is imported. The examples set them before, too.
_SETTINGS = {"AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1", "NO_LIVE_PROGRESS": "1"}
# Without site packages it starts in hundredths of a second.
_CLIENT = """\
#!{interpreter} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    given = {{"arguments": sys.argv, "folder": os.getcwd(), "variables": dict(os.environ)}}
    socket.send_fds(server, [json.dumps(given).encode() + b"\\n"], [0, 1, 2])
    ended = server.recv(1)
sys.exit(ended[0] if ended else "The server of this command is gone.")
"""


@cache
def connector() -> Path:
    """Return the command `source-customers`. It stands beside a `python`, as in an environment."""
    command = _server("connector", "source-customers").command
    _write(command.with_name("python"), f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    return command


def start_script(
    script: Path,
    *arguments: str,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> "subprocess.Popen[str]":
    """Start a script that uses PyAirbyte, with a pipe to it. It finds our `connector` beside its interpreter.

    Args:
        script: the file.
        arguments: what stands behind it.
        folder: where it runs, and where PyAirbyte writes its logs.
        variables: of the environment, beside those of this process.
        stdout: where it writes, as `subprocess` has it.
        stderr: where it writes errors.
    """
    return subprocess.Popen(
        [_server("pyairbyte", "python").command, connector(), script, *arguments],
        cwd=folder,
        env={**os.environ, **_SETTINGS, **(variables or {})},
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        text=True,
    )


def run_script(
    script: Path, *arguments: str, folder: Path, variables: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a script that uses PyAirbyte to its end, as `start_script` starts it."""
    with start_script(script, *arguments, folder=folder, variables=variables) as process:
        try:
            said = process.communicate(timeout=300)
        finally:
            process.kill()
    return subprocess.CompletedProcess([script, *arguments], process.returncode, *said)


class _Server:
    """The process that has imported, and ends with this one.

    Attributes:
        command: a program that has it fork.
    """

    def __init__(self, module: str, name: str) -> None:
        self._folder = TemporaryDirectory()
        address = f"{self._folder.name}/socket"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen(64)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "integration_tests.warm.server", module, str(listener.fileno())],
                cwd=_ROOT,
                env={**os.environ, **_SETTINGS},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
            )
        self.command = Path(self._folder.name, name)
        _write(self.command, _CLIENT.format(interpreter=sys.executable, address=address))


@cache
def _server(module: str, name: str) -> _Server:
    return _Server(module, name)


def _write(program: Path, text: str) -> None:
    program.write_text(text, encoding="utf-8")
    program.chmod(0o700)
