"""Status 200, and a body that is not the document that was promised."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from integration_tests.sandbox.answers import JSON_TYPE, Answer, as_html, as_json
from integration_tests.sandbox.faults.registry import ENVELOPES, fault, register
from integration_tests.sandbox.listing import Exchange, Listing

LOGIN_PAGE = """<!DOCTYPE html>
<html><head><title>Login</title></head>
<body><form action="/j_spring_security_check" method="post">
<input name="j_username"><input name="j_password" type="password"><button>Login</button>
</form></body></html>
"""


@fault(anywhere=True)
def html_200(_exchange: Exchange) -> Answer:
    """A maintenance page."""
    return as_html("<!DOCTYPE html><html><body><h1>Back soon</h1></body></html>")


@fault(anywhere=True)
def login_page_200(_exchange: Exchange) -> Answer:
    """The login form, as it arrives when a client has followed the redirect to it."""
    return as_html(LOGIN_PAGE)


@fault(anywhere=True)
def empty_body(_exchange: Exchange) -> Answer:
    return Answer(200, b"", {"content-type": JSON_TYPE})


@fault(anywhere=True)
def cut_json(exchange: Exchange) -> Answer:
    """Half of the document, with a Content-Length that says so: only the JSON is broken."""
    body = exchange.answer().body
    return Answer(200, body[: len(body) // 2], {"content-type": JSON_TYPE})


@fault(anywhere=True)
def bom_json(exchange: Exchange) -> Answer:
    """The right document behind a UTF-8 byte order mark."""
    return Answer(200, b"\xef\xbb\xbf" + exchange.answer().body, {"content-type": JSON_TYPE})


@fault()
def nan_json(listing: Listing) -> Answer:
    """A number that JSON cannot write, which Python's own parser takes all the same."""
    page = listing.page()
    rows = [{**row, "rating": math.nan} for row in page.rows]
    document = json.dumps(listing.dialect.document(replace(page, rows=rows)))
    return Answer(200, document.encode(), {"content-type": JSON_TYPE})


@fault(anywhere=True)
def error_object_200(_exchange: Exchange) -> Answer:
    """An error that the status does not tell."""
    return as_json({"error": "server_error", "error_description": "Oops! Something went wrong..."})


@fault("coredination")
def object_instead_of_array(listing: Listing) -> Answer:
    return as_json({"customers": listing.page().rows})


@fault(*ENVELOPES)
def array_instead_of_object(listing: Listing) -> Answer:
    return as_json(listing.page().rows)


@fault(*ENVELOPES)
def list_missing(listing: Listing) -> Answer:
    document = listing.document()
    del document[listing.dialect.list_field]
    return as_json(document)


def _whole_document(document: Any) -> Callable[[Exchange], Answer]:
    return lambda _exchange: as_json(document)


def _list_replaced(value: Any) -> Callable[[Listing], Answer]:
    return lambda listing: as_json({**listing.document(), listing.dialect.list_field: value})


WHOLE_DOCUMENTS: dict[str, Any] = {
    "json_null": None,
    "json_string": "Service unavailable",
    "json_number": 503,
    "empty_object": {},
}
LISTS: dict[str, Any] = {
    "list_null": None,
    "list_is_object": {"message": "No customers"},
    "list_is_string": "No customers",
}

for _name, _value in WHOLE_DOCUMENTS.items():
    register(_name, _whole_document(_value), anywhere=True)

for _name, _value in LISTS.items():
    register(_name, _list_replaced(_value), ENVELOPES)
