"""Pages that are well formed but not the ones asked for."""

from dataclasses import replace
from functools import reduce
from typing import Any, Literal

from integration_tests.sandbox.answers import Answer, as_json
from integration_tests.sandbox.faults.registry import ENVELOPES, fault
from integration_tests.sandbox.listing import Listing, Window


def _read(document: Any, path: tuple[str, ...]) -> Any:
    return reduce(lambda inner, name: inner[name], path, document)


def _write(document: Any, path: tuple[str, ...], other: Any) -> None:
    """Take a field from another envelope; a list that has no pages has no such field, and stays right."""
    if path[0] in document:
        _read(document, path[:-1])[path[-1]] = _read(other, path)


@fault(*ENVELOPES)
def wrong_page_echo(listing: Listing) -> Answer:
    """The rows asked for, in an envelope that claims to be one page later."""
    page, dialect = listing.page(), listing.dialect
    document = dialect.document(page)
    later = dialect.document(replace(page, offset=page.offset + page.size))
    _write(document, dialect.echo, later)
    return as_json(document)


@fault()
def repeated_page(listing: Listing, of: Literal["first", "previous"] = "previous") -> Answer:
    """The rows of the page before, or of the first, in the envelope of the page asked for."""
    offset, size = listing.window
    other = listing.page(Window(max(offset - size, 0) if of == "previous" else 0, size))
    return listing.dialect.answer(replace(listing.page(), rows=other.rows))


@fault(*ENVELOPES)
def constant_next_page(listing: Listing) -> Answer:
    """The next page is the second one, whichever is asked for."""
    page, dialect = listing.page(), listing.dialect
    document = dialect.document(page)
    first = dialect.document(replace(page, offset=0, total=page.size + 1, is_last=False))
    _write(document, dialect.next_page, first)
    return as_json(document)


@fault()
def page_capped(listing: Listing, size: int | None = None) -> Answer:
    """As from a server with a lower maximum page size, half of what was asked unless told."""
    capped = listing.dialect.window(listing.request, size or max(listing.window.size // 2, 1))
    return listing.dialect.answer(listing.page(capped))


@fault()
def short_page(listing: Listing, missing: int = 1) -> Answer:
    """The last rows of the page left out, in an envelope that knows nothing of it."""
    page = listing.page()
    document = listing.dialect.document(page)
    del page.rows[-missing:]
    return as_json(document)


@fault("valomnia")
def session_expired(listing: Listing) -> Answer:
    """Every session ends just before this request."""
    listing.dialect.expire_sessions()
    listing.dialect.admit(listing.request)
    return listing.answer()
