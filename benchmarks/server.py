"""The server that all contenders read from: the sandbox, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from benchmarks.providers import LISTINGS, Json, Listing, at, credentials, customers_for

ROOT = Path(__file__).resolve().parent.parent
# Data for a million customers is made while the first request waits.
PATIENCE = 300


class Request(NamedTuple):
    """When a request for a page came, and the status of its answer."""

    received_at: float
    status: int | None


@dataclass
class Server:
    """A running sandbox with the lists of one provider that are read, and how many rows and pages they have."""

    url: str
    provider: str
    config: Json
    headers: Json
    lists: Sequence[Listing]
    rows: int = 0
    pages: int = 0

    @property
    def description(self) -> Json:
        """What a peer that knows no provider needs to know to read this one."""
        return {"url": self.url, "headers": self.headers, "lists": [asdict(listing) for listing in self.lists]}

    def requests(self) -> list[Request]:
        """The list requests since the last time this was asked."""
        received: list[Json] = self.ask("/_sandbox/requests")
        self.ask("/_sandbox/requests", method="DELETE")
        return [Request(r["received_at"], r["status"]) for r in received if r["kind"] == "list"]

    def ask(self, path: str, *, method: str = "GET", headers: Json | None = None) -> Any:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {body[:200]!r}")
        return json.loads(body) if body else None


@contextmanager
def serve(
    provider: str, rows: int, latency: float = 0.0, rate_limit: int = 0, lists: Sequence[Listing] = ()
) -> Iterator[Server]:
    """Serve about so many rows, from data that is there before the first contender asks.

    Of each of the lists; of the customers if none are given.
    """
    customers = customers_for(provider, rows)
    command = [sys.executable, "-m", "integration_tests.sandbox", "--port", "0", "--customers", str(customers)]
    command += ["--latency", str(latency), "--rate-limit", str(rate_limit)]
    command += ["--rows", str(rows)] if lists else []
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        server = _set_up(process, provider, lists or [LISTINGS[provider]])
        _warm_up(server, customers)
        yield server
    finally:
        process.terminate()
        process.wait()


def _set_up(process: "subprocess.Popen[str]", provider: str, lists: Sequence[Listing]) -> Server:
    first = process.stdout.readline() if process.stdout else ""
    url = next((word for word in first.split() if word.startswith("http://")), None)  # ignore-https-check
    if url is None:
        raise RuntimeError(f"The sandbox did not start: {first}")
    server = Server(url, provider, {}, {}, lists)
    server.config = server.ask("/_sandbox/configs")[provider]["provider"]
    session = _log_in(url, server.config) if provider == "valomnia" else ""
    server.headers = {"Accept": "application/json", **credentials(server.config, session)}
    return server


def _warm_up(server: Server, customers: int) -> None:
    """Make the data and each list's order with a request for one page, and look how many rows the list has."""
    for listing in server.lists:
        query = {**listing.query, **({listing.size_parameter: 1} if listing.size_parameter else {})}
        document = server.ask(f"{listing.path}?{urlencode(query)}", headers=server.headers)
        rows = at(document, listing.total) if listing.total else customers
        server.rows += rows
        server.pages += listing.pages(rows)
    server.requests()


def _log_in(url: str, config: Json) -> str:
    """Valomnia's session, for peers: their recipes have no word for a login whose cookie is the credential."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    form = urlencode({"j_username": config["username"], "j_password": config["password"], "ajax": "true"})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/j_spring_security_check", form, kind)
    cookie = connection.getresponse().headers["Set-Cookie"]
    connection.close()
    return str(cookie).partition(";")[0]
