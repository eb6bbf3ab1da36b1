"""Answers on the wire, also those that break off."""

import asyncio
import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from integration_tests.sandbox.answers import Answer

LINGER_FOR_NO_TIME = struct.pack("ii", 1, 0)


class SandboxProtocol(H11Protocol):
    """Gives each request its connection, so that a fault can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class AnswerResponse(Response):
    """Sends an answer in the way it asks for."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body, answer.status, answer.headers)
        self._delivery = answer.delivery

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._delivery == "reset":
            await _reset(scope["state"]["transport"], receive)
        elif self._delivery == "cut":
            # The server closes a connection whose answer is left unfinished.
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            half = self.body[: len(self.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        else:
            await super().__call__(scope, receive, send)


async def _reset(transport: asyncio.Transport, receive: Receive) -> None:
    """Close without the farewell of TCP, so that the client sees a reset rather than an end."""
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_FOR_NO_TIME)
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
