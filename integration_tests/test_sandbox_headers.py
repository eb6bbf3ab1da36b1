"""Headers that servers should not send."""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import LISTS, TIMEOUT, ask, credentials


def raw(sandbox: Sandbox, method: str, path: str, headers: Mapping[str, str] | None = None) -> HTTPResponse:
    """An answer that no library has taken offence at."""
    address = urlsplit(sandbox.url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
    connection.request(method, path, headers=headers or {})
    return connection.getresponse()


def raw_list(sandbox: Sandbox, name: str) -> HTTPResponse:
    return raw(sandbox, "GET", LISTS[name], credentials(sandbox, name))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("status", "header", "value", "encoding", "sent"),
    [
        (429, "Retry-After", "²", "latin-1", b"\xb2"),
        (503, "Retry-After", "²", "utf-8", b"\xc2\xb2"),
        (200, "X-RateLimit-Remaining", "²", "latin-1", b"\xb2"),
        (302, "Location", "http://[", "latin-1", b"http://["),
        (503, "Retry-After", "0", "latin-1", b"0"),
        (599, "Retry-After", "\x01", "latin-1", b"\x01"),
        (999, "Date", "yesterday", "latin-1", b"yesterday"),
    ],
)
def test_any_status_and_header_reaches_the_wire(
    sandbox: Sandbox, name: str, status: int, header: str, value: str, encoding: str, sent: bytes
) -> None:
    sandbox.providers[name].fault("odd_headers", status=status, headers={header: value}, encoding=encoding)

    answer = raw_list(sandbox, name)

    assert answer.status == status
    assert [given.encode("latin-1") for given in answer.headers.get_all(header, [])] == [sent]
    assert len(answer.headers.get_all("date", [])) == 1


def test_a_good_answer_keeps_its_body(sandbox: Sandbox) -> None:
    right = ask(sandbox, "valomnia").content
    sandbox.valomnia.fault("odd_headers", status=200, headers={"X-RateLimit-Remaining": "²"})

    assert ask(sandbox, "valomnia").content == right


def test_a_header_can_come_twice(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("odd_headers", headers={"Retry-After": ["1", "²"]})

    assert raw_list(sandbox, "caoloon").headers.get_all("retry-after") == ["1", "²"]


def test_the_login_and_the_token_can_be_odd(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("odd_headers", endpoint="login", status=302, headers={"Location": "http://["})
    sandbox.mijnklantportaal.fault("odd_headers", endpoint="token")

    login = raw(sandbox, "POST", "/j_spring_security_check")
    token = raw(sandbox, "POST", "/oauth/tokens")

    assert (login.status, login.headers["location"]) == (302, "http://[")
    assert (token.status, token.headers["retry-after"]) == (429, "²")
