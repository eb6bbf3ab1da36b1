"""Headers as no client expects them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from integration_tests.sandbox.answers import Answer
from integration_tests.sandbox.faults.registry import fault
from integration_tests.sandbox.listing import Exchange

SUPERSCRIPT_TWO: Mapping[str, str] = {"Retry-After": "²"}  # a digit by ``str.isdigit``, and not by ``int``


@fault(anywhere=True)
def odd_headers(
    exchange: Exchange,
    status: int = HTTPStatus.TOO_MANY_REQUESTS,
    headers: Mapping[str, str | list[str]] = SUPERSCRIPT_TWO,
    encoding: Literal["latin-1", "utf-8"] = "latin-1",
) -> Answer:
    """Any status and any headers, which reach the wire as they are: the right answer's body, or an error's."""
    right = exchange.answer() if status == HTTPStatus.OK else exchange.dialect.error(status, "Something is odd.")
    odd = {
        name: [_bytes(value, encoding) for value in ([values] if isinstance(values, str) else values)]
        for name, values in headers.items()
    }
    return Answer(status, right.body, odd, delivery="raw").with_headers(right.headers)


def _bytes(value: str, encoding: str) -> str:
    """The text whose Latin-1 bytes, which headers are sent in, are the value in another encoding."""
    return value.encode(encoding).decode("latin-1")
