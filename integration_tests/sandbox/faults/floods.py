"""Answers that never end, or are larger than any list: on the right answer, or on an error of the given status."""

from dataclasses import replace

from integration_tests.sandbox.answers import Answer, DrippingHead, Stretched
from integration_tests.sandbox.faults.registry import flood
from integration_tests.sandbox.listing import Exchange

MEBIBYTE = 1024 * 1024


def _answer(exchange: Exchange, status: int | None) -> Answer:
    return exchange.answer() if status is None else exchange.dialect.error(status, "Something went wrong.")


@flood
def drip_body(exchange: Exchange, interval: float = 0.1, status: int | None = None) -> Answer:
    """A byte of the body now and then, and spaces when it is through."""
    return replace(_answer(exchange, status), delivery=Stretched(piece=1, pause=interval))


@flood
def drip_headers(exchange: Exchange, interval: float = 0.1, status: int | None = None) -> Answer:
    """A byte of the status line and the headers now and then; the body never comes."""
    return replace(_answer(exchange, status), delivery=DrippingHead(interval))


@flood
def endless_body(exchange: Exchange, status: int | None = None) -> Answer:
    """The body without its last byte, and spaces as fast as they are taken."""
    return replace(_answer(exchange, status), delivery=Stretched())


@flood
def huge_body(exchange: Exchange, mebibytes: int = 64, status: int | None = None) -> Answer:
    """The body as JSON that is so large because of the spaces in it, announced by its length."""
    return replace(_answer(exchange, status), delivery=Stretched(mebibytes * MEBIBYTE))
