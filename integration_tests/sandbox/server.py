"""Running the sandbox on a port of this machine, and of no other."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from uvicorn import Config, Server

from integration_tests.sandbox.app import build_app
from integration_tests.sandbox.delivery import SandboxProtocol
from integration_tests.sandbox.sandbox import Sandbox

HOST = "127.0.0.1"
BACKLOG = 2048


def listen(port: int = 0) -> socket.socket:
    """A socket that already takes connections, on a free port unless one is given."""
    # Only with the protocol named does asyncio turn off Nagle's algorithm, which costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    listener.listen(BACKLOG)
    return listener


def server_for(sandbox: Sandbox, listener: socket.socket) -> Server:
    """A server that is ready to run, whose address the sandbox knows."""
    sandbox.url = f"http://{HOST}:{listener.getsockname()[1]}"
    return Server(
        Config(
            build_app(sandbox),
            http=SandboxProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,  # every answer brings that of its API
            backlog=BACKLOG,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=0,
        )
    )


@contextmanager
def serve(sandbox: Sandbox, port: int = 0) -> Iterator[Sandbox]:
    """Serve from a thread of this process until the block ends.

    An error of the sandbox or of a hook would look like an answer of the API: it is raised at the end.
    """
    listener = listen(port)
    server = server_for(sandbox, listener)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    try:
        yield sandbox
    finally:
        server.should_exit = True
        thread.join()
    if sandbox.errors:
        raise sandbox.errors[0]
