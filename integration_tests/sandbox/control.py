"""The control API: what tests do in Python, over HTTP for another process.

Its requests are neither recorded nor delayed, and meet no faults.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integration_tests.sandbox.answers import Answer, Refusal, as_json, http_date
from integration_tests.sandbox.changes import Change
from integration_tests.sandbox.delivery import AnswerResponse
from integration_tests.sandbox.moments import EPOCH, instant
from integration_tests.sandbox.provider import Provider
from integration_tests.sandbox.recording import as_document
from integration_tests.sandbox.settings import apply

if TYPE_CHECKING:
    from integration_tests.sandbox.sandbox import Sandbox

Respond = Callable[["Sandbox", Request], Awaitable[Answer]]


def control_routes(sandbox: "Sandbox") -> list[Route]:
    routes: list[tuple[str, str, Respond]] = [
        ("GET", "/_sandbox/requests", list_requests),
        ("DELETE", "/_sandbox/requests", clear_requests),
        ("GET", "/_sandbox/configs", show_configs),
        ("POST", "/_sandbox/{provider}/change", change_rows),
        ("POST", "/_sandbox/{provider}/settings", change_settings),
        ("POST", "/_sandbox/{provider}/fault", add_fault),
        ("DELETE", "/_sandbox/{provider}/fault", clear_faults),
    ]
    return [Route(path, _handler(sandbox, respond), methods=[method]) for method, path, respond in routes]


def _handler(sandbox: "Sandbox", respond: Respond) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            answer = await respond(sandbox, request)
        except Refusal as refusal:
            answer = refusal.answer
        return AnswerResponse(answer.with_headers(http_date(sandbox.clock())))

    return handle


async def list_requests(sandbox: "Sandbox", request: Request) -> Answer:
    """The recorded requests, of one provider or stream if the query names it."""
    wanted = sandbox.requests.of(request.query_params.get("provider"), request.query_params.get("stream"))
    return as_json([as_document(record) for record in wanted])


async def clear_requests(sandbox: "Sandbox", _request: Request) -> Answer:
    sandbox.clear_requests()
    return Answer(204)


async def show_configs(sandbox: "Sandbox", _request: Request) -> Answer:
    return as_json({name: sandbox.config(name) for name in sandbox.providers})


async def change_rows(sandbox: "Sandbox", request: Request) -> Answer:
    """The arguments of ``provider.change``, with ``at`` as text; answers the keys of the changed rows."""
    asked = await _object(request)
    moment, seed, stream = asked.pop("at", None), asked.pop("seed", 0), asked.pop("stream", "customers")
    numbers = isinstance(seed, int) and all(isinstance(n, int) and n >= 0 for n in asked.values())
    if not numbers or not isinstance(stream, str):
        kinds = ", ".join(get_args(Change))
        raise Refusal(_mistake(f"expected whole numbers for {kinds} and a seed, and the name of a stream"))
    try:
        at = None if moment is None else EPOCH + timedelta(microseconds=instant(moment))
        changed = _provider(sandbox, request).change(seed, at, stream, **asked)
    except (AttributeError, TypeError, ValueError) as error:
        raise Refusal(_mistake(str(error))) from error
    return as_json(changed._asdict())


async def change_settings(sandbox: "Sandbox", request: Request) -> Answer:
    """Settings by name, as a test sets them on a provider."""
    provider = _provider(sandbox, request)
    try:
        apply(provider, await _object(request))
    except ValueError as error:
        raise Refusal(_mistake(str(error))) from error
    return Answer(204)


async def add_fault(sandbox: "Sandbox", request: Request) -> Answer:
    """The arguments of ``provider.fault``; ``when`` is for Python only."""
    asked = await _object(request)
    try:
        rule = _provider(sandbox, request).fault(asked.pop("kind", ""), **asked)
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal(_mistake(str(error))) from error
    return as_json({"kind": rule.fault.name, "first": rule.first}, 201)


async def clear_faults(sandbox: "Sandbox", request: Request) -> Answer:
    _provider(sandbox, request).clear_faults()
    return Answer(204)


def _provider(sandbox: "Sandbox", request: Request) -> Provider:
    try:
        return sandbox.providers[request.path_params["provider"]]
    except KeyError as error:
        raise Refusal(_mistake("no such provider", 404)) from error


async def _object(request: Request) -> dict[str, Any]:
    try:
        document = await request.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Refusal(_mistake("the body has to be a JSON object"))
    return document


def _mistake(message: str, status: int = 400) -> Answer:
    return as_json({"error": message}, status)
