"""A made-up API on this machine: what a manifest of its own is read from."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = Callable[[str, str | None], tuple[int, dict[str, Any]]]
"""Takes the path with its query and the header `X-Api-Key`; returns the status and the JSON."""


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """Serve an API; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(self.path, self.headers["X-Api-Key"])
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            with suppress(ConnectionError):  # the connector breaks off what it does not need any more
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
