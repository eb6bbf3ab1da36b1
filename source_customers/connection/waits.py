"""How long a server asks to wait."""

from collections.abc import Mapping
from datetime import datetime

from source_customers.connection.clock import http_date

_TOO_MANY_REQUESTS = 429
_MOST_DIGITS = 18


def whole_number(text: str) -> int | None:
    """Return the number that a header holds as plain digits; None for anything else.

    `str.isdigit` alone takes `²` as well, which `int` refuses.
    """
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def named_wait(status: int, headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that the server asks to wait; None where it names none that make sense.

    Reads `Retry-After`, in seconds or as an HTTP date, and for a rate limit also `X-RateLimit-Reset`, a moment in unix
    seconds (documented by MijnKlantportaal).

    Args:
        status: status of the answer.
        headers: headers of the answer, read whatever their case.
        now: the present moment by the API's clock; the answer's own `Date` goes first.
    """
    retry_after = headers.get("Retry-After", "").strip()
    now = http_date(headers.get("Date", "")) or now
    seconds: float | None = whole_number(retry_after)
    if seconds is None and (date := http_date(retry_after)):
        seconds = (date - now).total_seconds()
    reset = whole_number(headers.get("X-RateLimit-Reset", ""))
    if seconds is None and reset is not None and status == _TOO_MANY_REQUESTS:
        seconds = reset - now.timestamp()
    return seconds if seconds is not None and seconds >= 0 else None
