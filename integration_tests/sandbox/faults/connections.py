"""What happens between the two ends: broken connections, slow answers, other addresses."""

from dataclasses import replace

from integration_tests.sandbox.answers import Answer, redirect
from integration_tests.sandbox.faults.registry import fault
from integration_tests.sandbox.listing import Listing


@fault()
def connection_reset(_listing: Listing) -> Answer:
    """No answer: the connection is reset."""
    return Answer(0, delivery="reset")


@fault()
def cut_body(listing: Listing) -> Answer:
    """The connection closes after half of the announced body."""
    return replace(listing.answer(), delivery="cut")


@fault()
def slow(listing: Listing, seconds: float = 1.0) -> Answer:
    """The right answer, late."""
    return replace(listing.answer(), delay=seconds)


@fault()
def redirect_other_host(_listing: Listing, location: str = "http://elsewhere.invalid/") -> Answer:
    return redirect(location)


@fault()
def redirect_same_origin(listing: Listing, location: str | None = None) -> Answer:
    """Sends the client to another path of the same origin, or to where it already was."""
    request = listing.request
    here = f"{request.path}?{request.raw_query}" if request.raw_query else request.path
    return redirect(request.origin + (location or here))
