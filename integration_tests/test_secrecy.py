"""Credentials go to the configured origin alone, and into no output."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from integration_tests.connector import Json, check, configured_catalog, read, secrets_of, written_forms
from integration_tests.rows import streams_of
from integration_tests.sandbox import Sandbox

PROVIDERS = ["caoloon", "coredination", "mijnklantportaal", "valomnia"]


def everything(provider: str) -> Json:
    """A catalog of all streams, to be read in full."""
    return configured_catalog(streams_of(provider), "full_refresh")


@contextmanager
def other_host() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Serve on another port, which is another origin; yield its address and the headers of what it receives."""
    received: list[dict[str, str]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            received.append(dict(self.headers))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", received
        server.shutdown()


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "form", ["http://{host}/x", "//{host}/x", "http://user@{host}/x", "{origin}@{host}/x", "{origin}.{host}/"]
)
def test_no_redirect_takes_credentials_to_another_host(sandbox: Sandbox, provider: str, form: str) -> None:
    with other_host() as (host, received):
        location = form.format(host=host, origin=sandbox.url)
        sandbox.providers[provider].fault("redirect_other_host", forever=True, location=location)
        outcome = read(sandbox.config(provider), catalog=configured_catalog(sync_mode="full_refresh"))

    assert received == []
    [(kind, message)] = outcome.stream_errors
    # With a host behind the port it is no address at all, which may be a passing fault. Valomnia's are all new logins.
    is_an_address = form != "{origin}.{host}/" or provider == "valomnia"
    assert kind == ("config_error" if is_an_address else "transient_error")
    assert message.startswith("Stream customers")


@pytest.mark.parametrize("provider", ["caoloon", "coredination", "mijnklantportaal"])
@pytest.mark.parametrize("form", ["{path}", "{origin}{path}", "HTTP://{host}{path}"])
def test_a_redirect_within_the_origin_is_followed(sandbox: Sandbox, provider: str, form: str) -> None:
    api = sandbox.providers[provider]
    path = api.customers.resource.path
    location = form.format(path=path, origin=sandbox.url, host=sandbox.url.removeprefix("http://"))
    api.fault("redirect_other_host", location=location)

    assert check(sandbox.config(provider)).status == ("SUCCEEDED", None)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_links_in_envelopes_and_rows_are_never_followed(sandbox: Sandbox, provider: str) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    with other_host() as (host, received):
        sandbox.providers[provider].extra_fields = dict.fromkeys(["href", "contentUrl", "link"], f"http://{host}/")
        outcome = read(sandbox.config(provider), catalog=everything(provider))

    assert outcome.is_complete
    assert received == []
    assert all(outcome.rows(stream) for stream in streams_of(provider))
    assert {request.status for request in sandbox.requests} <= {200, 302}
    kinds = {request.kind for request in sandbox.requests}
    assert kinds <= {"list", "detail", "login", "token"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_awkward_credentials_are_in_no_output_even_when_refused(sandbox: Sandbox, provider: str) -> None:
    awkward = 'p"w\\d &+%/é='
    fields: Any = {
        "caoloon": {"api_token": awkward},
        "coredination": {"api_key": awkward, "api_token": awkward},
        "mijnklantportaal": {"credentials": {"auth_type": "api_key", "api_key": awkward}},
        "valomnia": {"password": awkward},
    }[provider]
    config = sandbox.config(provider, **fields)

    output = check(config).output + read(config, options=["--debug"]).output

    assert not [secret for secret in written_forms([awkward]) if secret in output]


def test_refused_oauth_secrets_are_in_no_output(sandbox: Sandbox) -> None:
    config = sandbox.config("mijnklantportaal", oauth=True)
    config["provider"]["credentials"]["client_secret"] = "wrong-but-secret"

    output = check(config).output + read(config, options=["--debug"]).output

    assert not [secret for secret in written_forms(secrets_of(config)) if secret in output]


def test_sessions_and_access_tokens_are_in_no_output(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    output = ""
    for config in (sandbox.config("valomnia"), sandbox.config("mijnklantportaal", oauth=True)):
        output += read(config, catalog=everything(config["provider"]["name"]), options=["--debug"]).output

    cookies = {request.headers.get("cookie", "") for request in sandbox.requests.of("valomnia")}
    sessions = [cookie.removeprefix("JSESSIONID=") for cookie in cookies if cookie]
    tokens = {request.headers.get("authorization", "") for request in sandbox.requests.of("mijnklantportaal")}
    bearer = [token.removeprefix("Bearer ") for token in tokens if token]
    assert sessions
    assert bearer
    assert not [secret for secret in written_forms(sessions + bearer) if secret in output]


def test_the_environments_netrc_does_not_replace_the_credentials(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert check(sandbox.config("caoloon")).status == ("SUCCEEDED", None)


def test_customers_data_stand_in_records_alone(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    for provider in PROVIDERS:
        outcome = read(sandbox.config(provider), catalog=everything(provider))
        rows = [row for stream in streams_of(provider) for row in outcome.rows(stream)]
        texts = {text for row in rows for text in row.values() if isinstance(text, str) and len(text) > 8}
        others = json.dumps([message for message in outcome.messages if message["type"] != "RECORD"])
        assert len(texts) > 100
        cursor_values = json.dumps(outcome.states)
        assert not [text for text in texts if text in others and text not in cursor_values]


@pytest.mark.parametrize("credential", [" secret-1", "secret-1 ", "secret-1\u20ac"])
def test_a_credential_that_no_header_can_carry_is_named_and_not_repeated(sandbox: Sandbox, credential: str) -> None:
    outcome = check(sandbox.config("coredination", api_key=credential))

    status, message = outcome.status
    assert status == "FAILED"
    assert str(message).startswith("`api_key` holds characters that cannot be sent in a header")
    assert "secret-1" not in outcome.output
    assert len(sandbox.requests) == 0


def test_headers_that_cannot_be_read_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"count": 0, "data": [], "nextPage": null}'
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nX-Seen by Jansen\r\nX-Next: hush-hush\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        given = {"base_url": f"http://127.0.0.1:{server.server_port}", "api_token": "token"}
        config = {"provider": {"name": "caoloon", **given, "customers": {"contains": "Pietersen"}}}
        outcome = read(config)
        server.shutdown()

    assert outcome.statuses
    for text in ("Jansen", "hush-hush", "Pietersen", "contains"):
        assert text not in outcome.output
        assert text not in caplog.text
