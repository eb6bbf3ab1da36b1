"""Answers that never end or are larger than memory, for lists, logins, tokens and errors."""

import json
import socket
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from integration_tests.sandbox import FLOODS, Sandbox, serve
from integration_tests.sandbox.client import LISTS, TIMEOUT, ask, credentials

PATHS = {("valomnia", "login"): "/j_spring_security_check", ("mijnklantportaal", "token"): "/oauth/tokens"}
ENDPOINTS = [*[(name, "list") for name in LISTS], *PATHS]


class Client:
    """A connection that reads what comes, without a limit of any library."""

    def __init__(self, sandbox: Sandbox, name: str, endpoint: str = "list") -> None:
        address = urlsplit(sandbox.url)
        self.connection = socket.create_connection((address.hostname, address.port), TIMEOUT)
        api = sandbox.mijnklantportaal
        if endpoint == "list":
            lines = [f"{field}: {value}" for field, value in credentials(sandbox, name).items()]
            head, body = [f"GET {LISTS[name]} HTTP/1.1", *lines], ""
        else:
            form = {"j_username": sandbox.valomnia.username, "j_password": sandbox.valomnia.password}
            grant = {"grant_type": "refresh_token", "client_id": api.client_id, "client_secret": api.client_secret}
            body = urlencode(form) if name == "valomnia" else json.dumps({**grant, "refresh_token": api.refresh_token})
            head = [f"POST {PATHS[name, endpoint]} HTTP/1.1", f"content-length: {len(body)}"]
        self.connection.sendall("\r\n".join([*head, "host: sandbox", "", body]).encode())

    def read(self, size: int) -> bytes:
        """So many bytes, or all that come before the end of the connection."""
        received = b""
        while len(received) < size and (more := self.connection.recv(min(65536, size - len(received)))):
            received += more
        return received

    def close(self) -> None:
        self.connection.close()


def ended(sandbox: Sandbox) -> bool:
    """Whether the last answer has come to its end, waiting a little for it."""
    deadline = monotonic() + TIMEOUT
    while sandbox.requests[-1].ended_at is None and monotonic() < deadline:
        sleep(0.01)
    return sandbox.requests[-1].ended_at is not None


@pytest.mark.parametrize(("name", "endpoint"), ENDPOINTS)
@pytest.mark.parametrize("fault", ["drip_body", "endless_body"])
def test_a_body_never_ends_until_the_client_goes(sandbox: Sandbox, fault: str, name: str, endpoint: str) -> None:
    options = {"interval": 0.0} if fault == "drip_body" else {}
    sandbox.providers[name].fault(fault, endpoint=endpoint, **options)
    client = Client(sandbox, name, endpoint)

    received = client.read(100_000 if fault == "drip_body" else 5_000_000)

    assert received.startswith(b"HTTP/1.1 302" if endpoint == "login" else b"HTTP/1.1 200")
    assert len(received) in {100_000, 5_000_000}
    assert sandbox.requests[-1].ended_at is None
    assert sandbox.requests[-1].fault == fault
    client.close()
    assert ended(sandbox)


def test_a_drip_is_a_byte_now_and_then(sandbox: Sandbox) -> None:
    right = ask(sandbox, "caoloon").content
    sandbox.caoloon.fault("drip_body", interval=0.05)
    client = Client(sandbox, "caoloon")
    body = client.read(len(b"HTTP/1.1 200 OK\r\n"))

    started = monotonic()
    while b"\r\n\r\n" not in body or len(body.partition(b"\r\n\r\n")[2]) < 6 * len(b"1\r\n?\r\n"):
        body += client.read(1)

    assert 0.2 < monotonic() - started < 2
    chunks = body.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert chunks[:12:2] == [b"1"] * 6
    assert b"".join(chunks[1:12:2]) == right[:6]
    client.close()


def test_an_endless_body_starts_as_the_right_one(sandbox: Sandbox) -> None:
    right = ask(sandbox, "coredination").content
    sandbox.coredination.fault("endless_body")
    client = Client(sandbox, "coredination")

    received = client.read(len(right) + 100_000)

    assert right[:1000] in received
    assert received.endswith(b" " * 1000)
    client.close()


@pytest.mark.parametrize(("name", "endpoint"), ENDPOINTS)
def test_headers_drip_without_end(sandbox: Sandbox, name: str, endpoint: str) -> None:
    sandbox.providers[name].fault("drip_headers", endpoint=endpoint, interval=0.001)
    client = Client(sandbox, name, endpoint)

    received = client.read(600)

    head, _, drip = received.partition(b"x-drip: ")
    assert head.startswith(b"HTTP/1.1 302 Found\r\n" if endpoint == "login" else b"HTTP/1.1 200 OK\r\n")
    assert b"\r\ndate: " in head
    assert set(drip) == {ord("-")}
    assert b"\r\n\r\n" not in received
    client.close()
    assert ended(sandbox)


@pytest.mark.parametrize("name", LISTS)
def test_a_huge_body_is_json_all_the_same(sandbox: Sandbox, name: str) -> None:
    right = ask(sandbox, name).json()
    sandbox.providers[name].fault("huge_body", mebibytes=3)

    answer = ask(sandbox, name)

    assert len(answer.content) == int(answer.headers["content-length"]) == 3 * 1024 * 1024
    assert answer.json() == right


@pytest.mark.parametrize("fault", FLOODS)
@pytest.mark.parametrize(("name", "endpoint"), ENDPOINTS)
def test_an_error_can_be_flooded_too(sandbox: Sandbox, fault: str, name: str, endpoint: str) -> None:
    options: dict[str, Any] = {"interval": 0.001} if fault.startswith("drip") else {}
    sandbox.providers[name].fault(fault, endpoint=endpoint, status=400, **options)
    client = Client(sandbox, name, endpoint)

    assert client.read(200).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    client.close()
    assert ended(sandbox)


def test_a_long_pause_ends_when_the_client_goes(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("drip_body", interval=600)
    sandbox.caoloon.fault("drip_headers", interval=600, on=2)

    for _ in range(2):
        client = Client(sandbox, "caoloon")
        client.read(1)
        client.close()
        assert ended(sandbox)


def test_the_sandbox_ends_fast_while_answers_do_not() -> None:
    with serve(Sandbox(5)) as sandbox:
        for fault in FLOODS:
            sandbox.caoloon.fault(fault)
            Client(sandbox, "caoloon").read(10)
        started = monotonic()

    assert monotonic() - started < 3


def test_other_requests_are_answered_meanwhile(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("endless_body")
    client = Client(sandbox, "caoloon")
    client.read(10)

    assert ask(sandbox, "coredination").status_code == 200
    client.close()
