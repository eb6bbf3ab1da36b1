"""`python -m integration_tests.warm.server MODULE SOCKET` imports a module, and forks whenever a command asks for it.

Each fork gets the command's arguments, folder, environment and open files, and runs the module's `main`. It ends when
the command is killed, and the server when whoever started it does.
"""

import json
import multiprocessing
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import wait
from typing import Any

_ENOUGH = 1 << 16


def serve(module: str, listener: socket.socket) -> None:
    """Import a module, and look after each command in a fork, until standard input ends."""
    main = import_module(f"{__package__}.{module}").main
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    both: list[Any] = [listener, sys.stdin]
    while sys.stdin not in select.select(both, [], [])[0]:
        command, _ = listener.accept()
        with command:
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _look_after(command, main)
                os._exit(0)


def _look_after(command: socket.socket, main: Callable[[], None]) -> None:
    """Do a command's work in another fork, and tell it how that ended."""
    request, files, _, _ = socket.recv_fds(command, _ENOUGH, 3)
    while not request.endswith(b"\n"):
        request += command.recv(_ENOUGH)
    worker = multiprocessing.get_context("fork").Process(target=_work, args=(json.loads(request), files, main))
    worker.start()
    for file in files:
        os.close(file)
    if command in wait([command, worker.sentinel]):
        worker.kill()
    worker.join()
    command.send(bytes([(worker.exitcode or 0) & 0xFF]))


def _work(given: dict[str, Any], files: list[int], main: Callable[[], None]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # it stays open
    os.chdir(given["folder"])
    os.environ.clear()
    os.environ.update(given["variables"])
    sys.argv = given["arguments"]
    try:
        main()
    except Exception:  # noqa: BLE001  # what the interpreter does with what nobody caught
        sys.excepthook(*sys.exc_info())
        sys.exit(1)


if __name__ == "__main__":
    serve(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
