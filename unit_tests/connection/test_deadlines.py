"""Whatever a server sends byte by byte ends with the request's patience. On real sockets, in real time."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.connection import adapter
from source_customers.connection.attempts import PATIENCE, Patience
from source_customers.connection.connection import Call, Connection
from source_customers.connection.deadlines import Watch
from source_customers.connection.stop import Stop, Stopped
from source_customers.connection.transport import Limit
from source_customers.manifest.settings import ConnectionSettings
from unit_tests.connection.api import CONFIG, FORM_LOGIN, KEY, OAUTH

CALL = Call("customers", "/api/customers")
IMPATIENT = Patience(failing=0.25, named=0)
HEAD = b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n"


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve on this machine; `talk` gets each connection after the request's head was read. Yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def handle(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65536)
                talk(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=handle, args=[listener.accept()[0]], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def dripping(begin: bytes, drop: bytes = b" ") -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.sendall(begin)
        for _ in range(1000):
            connection.sendall(drop)
            time.sleep(0.01)

    return talk


def connect(
    url: str, authentication: dict[str, Any] = KEY, patience: Patience = IMPATIENT, **fields: Any
) -> Connection:
    settings = msgspec.convert({"authentication": authentication}, ConnectionSettings)
    return Connection(settings, {**CONFIG, "base_url": url, **fields}, patience)


DRIPS = {
    "status": dripping(b"HTTP/1.1 2", b""),
    "headers": dripping(HEAD + b"X: ", b"y"),
    "body with a length": dripping(HEAD + b"Content-Length: 100000\r\n\r\n"),
    "body in chunks": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "body up to the end": dripping(HEAD + b"\r\n[]"),
    "body of a connection that closes": dripping(HEAD + b"Connection: close\r\nContent-Length: 100000\r\n\r\n[]"),
    "body that stops after all of its JSON": dripping(HEAD + b"\r\n[]", b""),
    "body that stops after a part as large as one that is read": dripping(HEAD + b"\r\n[" + b" " * 65534 + b"]", b""),
    "headers of a refusal": dripping(b"HTTP/1.1 403 X\r\nX: ", b"y"),
}


LOGIN_DRIPS = [(drip, login) for drip in ("headers", "body up to the end") for login in (FORM_LOGIN, OAUTH)]


@pytest.mark.parametrize(("drip", "authentication"), [*((drip, KEY) for drip in DRIPS), *LOGIN_DRIPS])
def test_a_drip_ends_with_the_patience_and_is_never_taken_for_an_answer(
    drip: str, authentication: dict[str, Any]
) -> None:
    with serving(DRIPS[drip]) as url:
        connection = connect(url, authentication)
        began = time.monotonic()
        with pytest.raises(AirbyteTracedException, match="The API did not answer in time") as caught:
            connection.fetch(CALL, json.loads, Stop())
        connection.close()

    assert caught.value.failure_type is FailureType.transient_error
    assert 0.2 < time.monotonic() - began < 2


def test_a_refusal_whose_body_drips_is_said_all_the_same() -> None:
    with serving(dripping(b"HTTP/1.1 400 X\r\nContent-Length: 100000\r\n\r\n")) as url:
        connection = connect(url)
        with pytest.raises(AirbyteTracedException, match="the API refused a parameter with status 400"):
            connection.fetch(CALL, json.loads, Stop())
        connection.close()


def test_nobody_waits_longer_for_a_login_that_drips() -> None:
    with serving(DRIPS["body up to the end"]) as url:
        connection = connect(url, FORM_LOGIN)
        began = time.monotonic()
        futures = [connection.submit(lambda: connection.fetch(CALL, json.loads, Stop())) for _ in range(4)]
        for future in futures:
            with pytest.raises(AirbyteTracedException):
                future.result(5)
        connection.close()

    assert time.monotonic() - began < 2


def test_a_proxy_that_drips_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(DRIPS["headers"]) as url:
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", url)
        connection = connect("http://127.0.0.1:9")
        began = time.monotonic()
        with pytest.raises(AirbyteTracedException, match="The API did not answer in time"):
            connection.fetch(CALL, json.loads, Stop())
        connection.close()

    assert time.monotonic() - began < 2


@pytest.mark.parametrize("end", ["stop", "close"])
def test_a_request_that_hangs_ends_at_once_when_nobody_wants_it(end: str) -> None:
    arrived = threading.Event()

    def talk(_connection: socket.socket) -> None:
        arrived.set()
        time.sleep(5)

    others = set(threading.enumerate())
    with serving(talk) as url:
        connection, stop = connect(url, patience=PATIENCE), Stop()
        future = connection.submit(lambda: connection.fetch(CALL, json.loads, stop))
        assert arrived.wait(5)
        began = time.monotonic()
        (stop.set if end == "stop" else connection.close)()
        with pytest.raises(Stopped):
            future.result(5)
        connection.close()

    assert time.monotonic() - began < 1
    names = {"deadlines", "connection-1"}
    while any(thread.name in names for thread in set(threading.enumerate()) - others):
        assert time.monotonic() - began < 5
        time.sleep(0.005)


def test_connections_are_used_again_and_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    sockets: set[socket.socket] = set()
    attach = Watch.attach

    def attach_and_keep(watch: Watch, connection: Any) -> None:
        attach(watch, connection)
        if connection.sock is not None:
            sockets.add(connection.sock)

    monkeypatch.setattr(Watch, "attach", attach_and_keep)

    def talk(connection: socket.socket) -> None:
        while True:
            connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n[]")
            if not connection.recv(65536):
                return

    with serving(talk) as url:
        connection = connect(url, patience=PATIENCE)
        for _ in range(3):
            assert connection.fetch(CALL, json.loads, Stop()) == []
        [used] = sockets
        assert used.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        if hasattr(socket, "TCP_KEEPIDLE"):
            names = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            assert [used.getsockopt(socket.IPPROTO_TCP, name) for name in names] == [60, 10, 6]
        connection.close()


def test_what_cannot_be_watched_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_watch_pools", lambda _manager: None)
    with serving(lambda connection: connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n[]")) as url:
        connection = connect(url)
        with pytest.raises(RuntimeError, match="cannot be watched"):
            connection.fetch(CALL, json.loads, Stop())
        connection.close()


def test_after_the_deadline_no_further_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            tried.append(address[0])
            time.sleep(0.3)
            raise TimeoutError

    addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", 9)) for n in range(1, 9)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: addresses)
    monkeypatch.setattr(socket, "socket", Socket)

    with pytest.raises(AirbyteTracedException):
        connect("http://localhost:9").fetch(CALL, json.loads, Stop())

    assert tried == ["127.0.0.1"]


def test_a_small_body_that_unpacks_to_a_large_one_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("source_customers.connection.connection.LIST", Limit(1 << 20))
    packed = gzip.compress(b"[" + b" " * (8 << 20) + b"]")
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with serving(lambda connection: connection.sendall(head + packed)) as url:
        connection = connect(url)
        with pytest.raises(AirbyteTracedException, match="too large"):
            connection.fetch(CALL, json.loads, Stop())
        connection.close()
