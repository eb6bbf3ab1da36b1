"""What happens between the two ends: broken connections, slow answers, other addresses."""

from dataclasses import replace

from integration_tests.sandbox.answers import Answer, redirect
from integration_tests.sandbox.faults.registry import fault
from integration_tests.sandbox.listing import Exchange


@fault(anywhere=True)
def connection_reset(_exchange: Exchange) -> Answer:
    """No answer: the connection is reset."""
    return Answer(0, delivery="reset")


@fault(anywhere=True)
def cut_body(exchange: Exchange) -> Answer:
    """The connection closes after half of the announced body."""
    return replace(exchange.answer(), delivery="cut")


@fault(anywhere=True)
def slow(exchange: Exchange, seconds: float = 1.0) -> Answer:
    """The right answer, late."""
    return replace(exchange.answer(), delay=seconds)


@fault(anywhere=True)
def redirect_other_host(_exchange: Exchange, location: str = "http://elsewhere.invalid/") -> Answer:
    return redirect(location)


@fault(anywhere=True)
def redirect_same_origin(exchange: Exchange, location: str | None = None) -> Answer:
    """Sends the client to another path of the same origin, or to where it already was."""
    request = exchange.request
    here = f"{request.path}?{request.raw_query}" if request.raw_query else request.path
    return redirect(request.origin + (location or here))
