"""The ASGI application: every provider's routes, and the control API beside them."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from integration_tests.sandbox.answers import Answer, as_json, http_date
from integration_tests.sandbox.control import control_routes
from integration_tests.sandbox.delivery import AnswerResponse
from integration_tests.sandbox.moments import Clock
from integration_tests.sandbox.provider import Endpoint, Provider
from integration_tests.sandbox.recording import RequestRecord

if TYPE_CHECKING:
    from integration_tests.sandbox.sandbox import Sandbox

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

Handler = Callable[[Request], Awaitable[Response]]


def build_app(sandbox: "Sandbox") -> Router:
    routes = [*control_routes(sandbox)]
    for provider in sandbox.providers.values():
        routes += [
            Route(endpoint.path, _provider_handler(sandbox, provider, endpoint), methods=[endpoint.method])
            for endpoint in provider.endpoints()
        ]
    routes.append(Route("/{path:path}", _unknown_handler(sandbox), methods=METHODS))
    return Router(routes, redirect_slashes=False)


def _provider_handler(sandbox: "Sandbox", provider: Provider, endpoint: Endpoint) -> Handler:
    async def handle(request: Request) -> Response:
        record = await _record(request, provider.name, endpoint, provider.clock())
        with sandbox.log.open(record):
            try:
                answer = provider.handle(endpoint, record)
            except Exception as error:  # noqa: BLE001 - of the sandbox or of a test's hook: `serve` raises it
                sandbox.errors.append(error)
                answer = as_json({"error": "the sandbox failed"}, 500)
            await asyncio.sleep(provider.latency + answer.delay)
            record.status = None if answer.delivery == "reset" else answer.status
        if provider.date_header:
            answer = answer.with_headers(http_date(provider.clock()))
        return AnswerResponse(answer, on_end=partial(_end, record, provider.clock))

    return handle


def _end(record: RequestRecord, clock: Clock) -> None:
    record.ended_at = clock()


def _unknown_handler(sandbox: "Sandbox") -> Handler:
    """None of the APIs has this path, or only for another method: the sandbox reads, it does not write."""

    async def handle(request: Request) -> Response:
        unknown = Endpoint(request.method, request.scope["path"], "unknown", _not_found)
        record = await _record(request, None, unknown, sandbox.clock())
        with sandbox.log.open(record):
            record.status = 404
        answer = _not_found(record).with_headers(http_date(sandbox.clock()))
        return AnswerResponse(answer, on_end=partial(_end, record, sandbox.clock))

    return handle


def _not_found(_request: RequestRecord) -> Answer:
    return as_json({"detail": "No such path in the sandbox."}, 404)


async def _record(request: Request, provider: str | None, endpoint: Endpoint, now: float) -> RequestRecord:
    raw_query = request.scope["query_string"].decode("latin-1")
    return RequestRecord(
        provider=provider,
        stream=endpoint.stream,
        kind=endpoint.kind,
        method=request.method,
        path=request.scope["path"],
        query=parse_qsl(raw_query, keep_blank_values=True),
        raw_query=raw_query,
        headers=dict(request.headers),
        body=(await request.body()).decode("utf-8", "replace"),
        received_at=now,
        path_parameters=request.path_params,
    )
