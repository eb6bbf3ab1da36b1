"""Answers with an error status."""

from collections.abc import Callable
from email.utils import format_datetime

from integration_tests.sandbox.answers import Answer, as_html
from integration_tests.sandbox.faults.registry import fault, register
from integration_tests.sandbox.listing import Exchange
from integration_tests.sandbox.moments import utc

REASONS = {
    400: "Bad request.",
    401: "Not authenticated.",
    403: "No permission.",
    404: "Not found.",
    406: "Not acceptable.",
    408: "Request timeout.",
    425: "Too early.",
    500: "Something went wrong.",
    502: "Bad gateway.",
    503: "Temporarily offline.",
    504: "Gateway timeout.",
}

Wait = Callable[[int, float], dict[str, str]]
"""From the seconds to wait and the time of the request."""

WAITS: dict[str, Wait] = {
    "status_429": lambda seconds, _now: {"retry-after": str(seconds)},
    "status_429_http_date": lambda seconds, now: {"retry-after": format_datetime(utc(now + seconds), usegmt=True)},
    "status_429_reset": lambda seconds, now: {"x-ratelimit-reset": str(int(now) + seconds)},
    "status_429_negative": lambda seconds, _now: {"retry-after": str(-seconds)},
    "status_429_junk": lambda _seconds, _now: {"retry-after": "soon"},
    "status_429_absurd": lambda _seconds, _now: {"retry-after": str(10**12)},
    "status_429_none": lambda _seconds, _now: {},
}


def _status(status: int, reason: str) -> Callable[[Exchange], Answer]:
    return lambda exchange: exchange.dialect.error(status, reason)


def _wait(status: int, reason: str, wait: Wait) -> Callable[..., Answer]:
    def strike(exchange: Exchange, seconds: int = 1) -> Answer:
        answer = exchange.dialect.error(status, reason)
        return answer.with_headers(wait(seconds, exchange.request.received_at))

    return strike


for _code, _reason in REASONS.items():
    register(f"status_{_code}", _status(_code, _reason), anywhere=True)


@fault(anywhere=True)
def html_502(_exchange: Exchange) -> Answer:
    """The page of a server that stands before the API."""
    return as_html("<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>", 502)


for _name, _header in WAITS.items():
    register(_name, _wait(429, "Too many requests.", _header), anywhere=True)

register("status_503_retry_after", _wait(503, REASONS[503], WAITS["status_429"]), anywhere=True)
