"""Answers on the wire, also those that break off or never end."""

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine, Iterator
from http import HTTPStatus
from math import inf
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from integration_tests.sandbox.answers import Answer, DrippingHead, Stretched

LINGER_FOR_NO_TIME = struct.pack("ii", 1, 0)


class SandboxProtocol(H11Protocol):
    """Gives each request its connection, so that a fault can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class AnswerResponse(Response):
    """Sends an answer in the way it asks for, and tells when that has ended."""

    def __init__(self, answer: Answer, on_end: Callable[[], None] = lambda: None) -> None:
        super().__init__(answer.body, answer.status)
        self._delivery = answer.delivery
        self._on_end = on_end
        if answer.has_header("content-length") or (
            isinstance(answer.delivery, Stretched) and answer.delivery.size == inf
        ):
            self.raw_headers = []
        elif isinstance(answer.delivery, Stretched):
            self.raw_headers = [(b"content-length", b"%d" % answer.delivery.size)]
        self.raw_headers = [*_encoded(answer), *self.raw_headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._deliver(scope, receive, send)
        finally:
            self._on_end()

    async def _deliver(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope["state"]["transport"]
        delivery = self._delivery
        if isinstance(delivery, Stretched):
            await _while_connected(self._send_in_pieces(delivery, send), receive)
        elif isinstance(delivery, DrippingHead):
            await _while_connected(self._drip_head(delivery, transport), receive)
        elif delivery == "raw":
            transport.write(self._head() + b"\r\n" + bytes(self.body))
            transport.close()
            await _disconnected(receive)
        elif delivery == "reset":
            await _reset(transport, receive)
        elif delivery == "cut":
            # The server closes a connection whose answer is left unfinished.
            await self._start(send)
            half = self.body[: len(self.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        else:
            await super().__call__(scope, receive, send)

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

    async def _send_in_pieces(self, how: Stretched, send: Send) -> None:
        await self._start(send)
        for piece in _stretched(bytes(self.body), how):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(how.pause)
        await send({"type": "http.response.body", "body": b""})

    async def _drip_head(self, how: DrippingHead, transport: asyncio.Transport) -> None:
        for byte in self._head() + b"x-drip: ":
            transport.write(bytes([byte]))
            await asyncio.sleep(how.pause)
        while True:
            transport.write(b"-")
            await asyncio.sleep(how.pause)

    def _head(self) -> bytes:
        """Status line and headers as they are, without a look at what HTTP allows."""
        reason = HTTPStatus(self.status_code).phrase if self.status_code in set(HTTPStatus) else "Unknown"
        lines = [b"HTTP/1.1 %d %s" % (self.status_code, reason.encode()), b"connection: close"]
        lines += [name + b": " + value for name, value in self.raw_headers]
        return b"".join(line + b"\r\n" for line in lines)


def _encoded(answer: Answer) -> Iterator[tuple[bytes, bytes]]:
    for name, values in answer.headers.items():
        for value in [values] if isinstance(values, str) else values:
            yield name.lower().encode("latin-1"), value.encode("latin-1")


def _stretched(body: bytes, how: Stretched) -> Iterator[bytes]:
    start, end, filler = body[:-1], body[-1:], b" " * how.piece
    for offset in range(0, len(start), how.piece):
        yield start[offset : offset + how.piece]
    left = how.size - len(body)
    while left > 0:
        yield filler if left >= how.piece else filler[: int(left)]
        left -= how.piece
    yield end


async def _while_connected(sending: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Send until all is sent or the client has gone."""
    tasks = [asyncio.ensure_future(sending), asyncio.ensure_future(_disconnected(receive))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in done:
        task.result()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _reset(transport: asyncio.Transport, receive: Receive) -> None:
    """Close without the farewell of TCP, so that the client sees a reset rather than an end."""
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_FOR_NO_TIME)
    transport.abort()
    await _disconnected(receive)
