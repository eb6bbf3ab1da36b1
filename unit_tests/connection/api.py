"""An API without sockets: answers are bytes, read by the same code as those of a real one."""

import http.client
import io
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter

from source_customers.connection import adapter
from source_customers.connection.attempts import PATIENCE, Patience
from source_customers.connection.connection import Connection
from source_customers.manifest.settings import ConnectionSettings

ORIGIN = "https://acme.example"
FORM_LOGIN = {
    "method": "form_login",
    "path": "/login",
    "cookie": "JSESSIONID",
    "username_parameter": "j_username",
    "password_parameter": "j_password",
}
OAUTH = {"method": "oauth_refresh", "token_url": "https://manage.example/tokens", "token_path": "/tokens"}
KEY = {"method": "headers", "headers": {"API-Key": {"field": "api_key"}}}
CONFIG = {
    "concurrency": 4,
    "api_key": "the-key",
    "username": "ann",
    "password": "hush",
    "credentials": {"client_id": "c", "client_secret": "s", "refresh_token": "r0"},
}

Script = Callable[[requests.PreparedRequest], "bytes | Exception"]


def answer(status: int = 200, body: bytes = b"[]", *headers: str) -> bytes:
    """Return an answer as it comes from a socket."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class _Socket:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._content)


class Api:
    """Stands in for the adapter: asks the script for each answer, and keeps the requests."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[requests.PreparedRequest] = []
        self._builder = HTTPAdapter()

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        self.requests.append(request)
        adapter._current.watch.attach(type("NotConnected", (), {"sock": None}))
        content = self.script(request)
        if isinstance(content, Exception):
            raise content
        raw = http.client.HTTPResponse(_Socket(content))  # type: ignore[arg-type]
        try:
            raw.begin()
        except http.client.HTTPException as failure:
            raise requests.ConnectionError from failure
        response = urllib3.HTTPResponse(
            raw,
            headers=urllib3.HTTPHeaderDict(raw.headers.items()),
            status=raw.status,
            preload_content=False,
            original_response=raw,
        )
        return self._builder.build_response(request, response)

    def close(self) -> None:
        pass


def connect(
    script: Script,
    authentication: Mapping[str, Any] = KEY,
    patience: Patience = PATIENCE,
    config: Mapping[str, Any] = CONFIG,
    **settings: Any,
) -> tuple[Connection, Api]:
    """Return a connection to such an API, and the API."""
    parsed = msgspec.convert({"origin": ORIGIN, "authentication": authentication, **settings}, ConnectionSettings)
    connection = Connection(parsed, config, patience)
    api = Api(script)
    connection._transport._adapter = api  # type: ignore[assignment]
    return connection, api


def in_turn(*answers: "bytes | Exception") -> Script:
    """Return a script that gives these answers, and the last one for ever."""
    coming = list(answers)
    return lambda _request: coming.pop(0) if len(coming) > 1 else coming[0]
