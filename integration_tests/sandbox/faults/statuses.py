"""Answers with an error status."""

from collections.abc import Callable
from email.utils import format_datetime

from integration_tests.sandbox.answers import Answer
from integration_tests.sandbox.faults.registry import register
from integration_tests.sandbox.listing import Listing
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

Headers = Callable[[int, float], dict[str, str]]
"""From the seconds to wait and the time of the request."""

WAITS: dict[str, Headers] = {
    "status_429": lambda seconds, _now: {"retry-after": str(seconds)},
    "status_429_http_date": lambda seconds, now: {"retry-after": format_datetime(utc(now + seconds), usegmt=True)},
    "status_429_reset": lambda seconds, now: {"x-ratelimit-reset": str(int(now) + seconds)},
    "status_429_negative": lambda seconds, _now: {"retry-after": str(-seconds)},
    "status_429_junk": lambda _seconds, _now: {"retry-after": "soon"},
    "status_429_absurd": lambda _seconds, _now: {"retry-after": str(10**12)},
    "status_429_none": lambda _seconds, _now: {},
}


def _status(status: int, reason: str) -> Callable[[Listing], Answer]:
    return lambda listing: listing.dialect.error(status, reason)


def _too_many(headers: Headers) -> Callable[..., Answer]:
    def strike(listing: Listing, seconds: int = 1) -> Answer:
        answer = listing.dialect.error(429, "Too many requests.")
        wait = headers(seconds, listing.request.received_at)
        return Answer(answer.status, answer.body, {**answer.headers, **wait})

    return strike


for _code, _reason in REASONS.items():
    register(f"status_{_code}", _status(_code, _reason))

for _name, _headers in WAITS.items():
    register(_name, _too_many(_headers))
