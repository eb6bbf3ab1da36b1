"""Odd headers, keys, tokens and cookies are a failed answer, or are ignored: never a crash."""

from typing import Any

import pytest

from integration_tests.connector import Json, Outcome, check, configured_catalog, read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import Sandbox

FULL = configured_catalog(sync_mode="full_refresh")
ODD_NUMBERS = ["²", "१", "1e300", "-1", "nan", "1" * 400, "", " ", "5, 6", "hush"]
ODD_DATES = [
    "hush",
    "Mon, 31 Feb 2026 25:61:61 GMT",
    "Mon, 01 Jan 99999 00:00:00 GMT",
    "²",
    "Fri, 31 Dec 9999 23:59:59 GMT",
]

REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    **{f"Retry-After: {value[:9]}": (429, {"Retry-After": value}) for value in [*ODD_NUMBERS, *ODD_DATES]},
    **{f"X-RateLimit-Reset: {value[:9]}": (429, {"X-RateLimit-Reset": value}) for value in ODD_NUMBERS},
    "two of Retry-After": (503, {"Retry-After": ["1", "²"]}),
    "a redirect to no address": (302, {"Location": "http://["}),
    "a redirect to no port": (302, {"Location": "http://127.0.0.1:²/"}),
    "a redirect that is empty": (302, {"Location": ""}),
    "status 600": (600, {}),
    "status 199": (199, {}),
    "status 304": (304, {}),
    "status 205": (205, {}),
}
ANSWERED: dict[str, dict[str, Any]] = {
    **{f"X-RateLimit-Remaining: {value[:9]}": {"X-RateLimit-Remaining": value} for value in ODD_NUMBERS},
    **{f"Date: {value[:9]}": {"Date": value} for value in ODD_DATES},
    "Set-Cookie without a name": {"Set-Cookie": "=;;=²"},
    "two cookies of a name": {"Set-Cookie": ["JSESSIONID=a; Path=/", "JSESSIONID=b; Path=/app"]},
    "Content-Type": {"Content-Type": "²; charset=²"},
    "a charset that does not exist": {"Content-Type": "application/json; charset=hush"},
    "Connection": {"Connection": "²"},
}
UNREADABLE: dict[str, dict[str, Any]] = {
    "no gzip": {"Content-Encoding": "gzip"},
    "no chunks": {"Transfer-Encoding": "chunked"},
    "a length that is larger": {"Content-Length": "99999999"},
}


def config(sandbox: Sandbox, provider: str) -> Json:
    sandbox.mijnklantportaal.rate_limit = None
    return sandbox.config(provider, concurrency=1)


def read_all(sandbox: Sandbox, provider: str) -> Outcome:
    return read(config(sandbox, provider), catalog=FULL if provider == "mijnklantportaal" else None)


def is_whole(sandbox: Sandbox, outcome: Outcome, provider: str) -> bool:
    return outcome.is_complete and delivered(outcome, provider) == listed(sandbox, provider)


def failures(outcome: Outcome) -> list[str]:
    return [kind for kind, _ in outcome.stream_errors]


@pytest.mark.parametrize(
    ("provider", "case"),
    [
        *(("mijnklantportaal", case) for case in REFUSED),
        *(("valomnia", case) for case, (status, _) in REFUSED.items() if status not in {429, 503}),
    ],
)
def test_odd_headers_of_a_refusal(sandbox: Sandbox, provider: str, case: str) -> None:
    status, headers = REFUSED[case]
    sandbox.providers[provider].fault("odd_headers", on=2, status=status, headers=headers, encoding="utf-8")
    assert is_whole(sandbox, read_all(sandbox, provider), provider)

    sandbox.providers[provider].clear_faults()
    sandbox.providers[provider].fault("odd_headers", forever=True, status=status, headers=headers, encoding="utf-8")
    outcome = read_all(sandbox, provider)
    # On Valomnia a redirect is a session that has ended. An empty address is that of the request itself.
    is_final = status == 302 and (provider == "valomnia" or not headers["Location"])
    assert failures(outcome) == ["config_error" if is_final else "transient_error"]


@pytest.mark.parametrize("case", ANSWERED)
@pytest.mark.parametrize("provider", ["mijnklantportaal", "valomnia"])
def test_odd_headers_of_rows(sandbox: Sandbox, provider: str, case: str) -> None:
    headers = ANSWERED[case]
    sandbox.providers[provider].fault("odd_headers", forever=True, status=200, headers=headers, encoding="utf-8")

    assert is_whole(sandbox, read_all(sandbox, provider), provider)


@pytest.mark.parametrize("case", UNREADABLE)
@pytest.mark.parametrize("provider", ["caoloon", "mijnklantportaal"])
def test_headers_that_do_not_fit_the_body(sandbox: Sandbox, provider: str, case: str) -> None:
    headers = UNREADABLE[case]
    sandbox.providers[provider].fault("odd_headers", on=2, status=200, headers=headers)
    assert is_whole(sandbox, read_all(sandbox, provider), provider)

    sandbox.providers[provider].clear_faults()
    sandbox.providers[provider].fault("odd_headers", forever=True, status=200, headers=headers)
    assert failures(read_all(sandbox, provider)) == ["transient_error"]


@pytest.mark.parametrize("key", ["key_is_list", "key_is_object", "key_is_true", "key_is_false", "key_is_float"])
@pytest.mark.parametrize("provider", ["caoloon", "coredination", "mijnklantportaal", "valomnia"])
def test_odd_keys(sandbox: Sandbox, provider: str, key: str) -> None:
    sandbox.providers[provider].fault(key, on=2)
    assert is_whole(sandbox, read_all(sandbox, provider), provider)

    sandbox.providers[provider].clear_faults()
    sandbox.providers[provider].fault(key, forever=True)
    assert failures(read_all(sandbox, provider)) == ["transient_error"]


@pytest.mark.parametrize("expires_in", [1e300, 2**62, -1, 0, "²", "hush", [], {}, None, True])
def test_odd_lifetimes_of_a_token(sandbox: Sandbox, expires_in: object) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    sandbox.mijnklantportaal.grant_fields = {"expires_in": expires_in}

    outcome = read(sandbox.config("mijnklantportaal", oauth=True), catalog=FULL)

    assert is_whole(sandbox, outcome, "mijnklantportaal")
    # A lifetime that makes no sense is taken for the usual one.
    assert len(sandbox.mijnklantportaal.requests.of(kind="token")) == 1


@pytest.mark.parametrize("token", [[], {}, None, True, 7, "", "²", "a\r\nX-Evil: 1", "ł"])
@pytest.mark.parametrize("field", ["access_token", "refresh_token"])
def test_odd_tokens(sandbox: Sandbox, field: str, token: object) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    sandbox.mijnklantportaal.grant_fields = {field: token}

    outcome = read(sandbox.config("mijnklantportaal", oauth=True), catalog=FULL)

    if field == "refresh_token":
        assert is_whole(sandbox, outcome, "mijnklantportaal")
    else:
        # One that can be sent is refused by the API.
        assert failures(outcome) == ["config_error" if token == "²" else "transient_error"]


@pytest.mark.parametrize("paths", [("/", "/app"), ("/api", "/"), ("/api/v1.0", "/", "/other")])
@pytest.mark.parametrize("command", ["read", "check"])
def test_two_session_cookies_with_different_paths(sandbox: Sandbox, command: str, paths: tuple[str, ...]) -> None:
    sandbox.valomnia.cookie_paths = paths

    if command == "check":
        assert check(sandbox.config("valomnia")).status == ("SUCCEEDED", None)
    else:
        assert is_whole(sandbox, read_all(sandbox, "valomnia"), "valomnia")


@pytest.mark.parametrize("case", ["Retry-After: ²", "status 600", "a redirect to no address"])
@pytest.mark.parametrize("provider", ["caoloon", "valomnia"])
def test_a_check_says_that_it_may_pass(sandbox: Sandbox, provider: str, case: str) -> None:
    status, headers = REFUSED[case]
    where = {"endpoint": "login"} if provider == "valomnia" and status != 302 else {}
    sandbox.providers[provider].fault(
        "odd_headers", forever=True, status=status, headers=headers, encoding="utf-8", **where
    )

    outcome = check(sandbox.config(provider))

    assert outcome.status[0] == "FAILED"
    assert "not foreseen" not in str(outcome.status[1])
