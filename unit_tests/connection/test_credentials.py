"""Credentials: sent as they are, renewed when they are refused, shared by all requests, and never a crash."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.connection.attempts import PATIENCE, Attempts, Patience
from source_customers.connection.connection import Call
from source_customers.connection.credentials.base import Grant
from source_customers.connection.stop import Stop, Stopped
from unit_tests.connection.api import CONFIG, FORM_LOGIN, KEY, OAUTH, Script, answer, connect
from unit_tests.connection.conftest import Clock

CALL = Call("customers", "/api/customers")


def token(**fields: Any) -> bytes:
    return answer(200, json.dumps({"access_token": "t1", "expires_in": 3600, **fields}).encode())


def api_with(login: Callable[[int], "bytes | Exception"], listing: Callable[[str], bytes]) -> Script:
    """A script that answers logins by their number, and lists by the credentials that they carry."""
    logins = 0

    def script(request: requests.PreparedRequest) -> "bytes | Exception":
        nonlocal logins
        if request.method == "POST":
            logins += 1
            return login(logins)
        return listing(request.headers.get("Authorization") or request.headers.get("Cookie") or "")

    return script


def logins_of(api: Any) -> list[requests.PreparedRequest]:
    return [request for request in api.requests if request.method == "POST"]


@pytest.mark.parametrize("key", ["12_34", "1e5", "{{ 7 * 7 }}", "ÿ", "{api_key}"])
def test_a_key_is_sent_as_it_stands_in_the_config(key: str) -> None:
    connection, api = connect(lambda _: answer(), config={**CONFIG, "api_key": key})
    connection.fetch(CALL, json.loads, Stop())

    assert api.requests[0].headers["API-Key"] == key


def test_a_scheme_comes_from_the_settings_or_the_config_and_an_absent_field_leaves_its_header_out() -> None:
    headers = {
        "Authorization": {"field": "api_key", "scheme_field": "scheme"},
        "X-Fixed": {"field": "api_key", "scheme": "Bearer"},
        "X-Absent": {"field": "api_token"},
    }
    connection, api = connect(
        lambda _: answer(), {"method": "headers", "headers": headers}, config={**CONFIG, "scheme": ""}
    )
    connection.fetch(CALL, json.loads, Stop())

    sent = api.requests[0].headers
    assert (sent["Authorization"], sent["X-Fixed"]) == ("the-key", "Bearer the-key")
    assert "X-Absent" not in sent


@pytest.mark.parametrize("key", [" k", "k\n", "k\r\nX: y", "“k”", "\ud800", ["k"], {"k": "k"}])
def test_a_key_that_no_header_can_carry_is_named_and_not_sent(key: Any) -> None:
    connection, api = connect(lambda _: answer(), config={**CONFIG, "api_key": key})

    with pytest.raises(AirbyteTracedException, match="`api_key`") as caught:
        connection.fetch(CALL, json.loads, Stop())

    assert caught.value.failure_type is FailureType.config_error
    assert api.requests == []


def test_the_user_chooses_the_method() -> None:
    chosen = {"method": "chosen", "field": "credentials.auth_type", "methods": {"key": KEY, "oauth": OAUTH}}
    connection, api = connect(lambda _: answer(), chosen, config={**CONFIG, "credentials": {"auth_type": "key"}})
    connection.fetch(CALL, json.loads, Stop())
    assert api.requests[0].headers["API-Key"] == "the-key"

    with pytest.raises(AirbyteTracedException, match="must be one of key, oauth"):
        connect(lambda _: answer(), chosen, config={**CONFIG, "credentials": {"auth_type": "kee"}})


def test_a_token_is_fetched_once_and_again_before_it_runs_out(clock: Clock) -> None:
    connection, api = connect(api_with(lambda n: token(access_token=f"t{n}"), lambda _: answer()), OAUTH)

    for _ in range(3):
        connection.fetch(CALL, json.loads, Stop())
    clock.seconds += 3575
    connection.fetch(CALL, json.loads, Stop())

    assert [r.headers.get("Authorization", "login") for r in api.requests] == [
        "login", "Bearer t1", "Bearer t1", "Bearer t1", "login", "Bearer t2",
    ]  # fmt: skip
    assert api.requests[0].url == "https://manage.example/tokens"


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [
        ("3600", 3570), (3600, 3570), (1e300, 1e9), (40, 20), (0, 270), (-5, 270), ("²", 270), (None, 270), ([], 270),
        (True, 270), (10**400, 270), (float("inf"), 270), (float("nan"), 270), ({}, 270),
    ],
)  # fmt: skip
def test_odd_lifetimes_are_taken_for_the_usual_one(clock: Clock, lifetime: Any, seconds: float) -> None:
    connection, api = connect(api_with(lambda _: token(expires_in=lifetime), lambda _: answer()), OAUTH)

    connection.fetch(CALL, json.loads, Stop())
    clock.seconds += seconds - 1
    connection.fetch(CALL, json.loads, Stop())
    assert len(logins_of(api)) == 1
    clock.seconds += 2
    connection.fetch(CALL, json.loads, Stop())
    assert len(logins_of(api)) == (1 if seconds == 1e9 else 2)


def test_a_rotated_refresh_token_is_kept_told_and_secret(clock: Clock, secrets: set[str]) -> None:
    def login(number: int) -> bytes:
        return token(access_token=f"t{number}", refresh_token=f"r{number}", expires_in=100)

    connection, api = connect(api_with(login, lambda _: answer()), OAUTH)
    for _ in range(3):
        connection.fetch(CALL, json.loads, Stop())
        clock.seconds += 90

    assert [json.loads(request.body or b"")["refresh_token"] for request in logins_of(api)] == ["r0", "r1", "r2"]
    told = [connection.updates.get_nowait() for _ in range(3)]
    assert told == [("credentials.refresh_token", f"r{number}") for number in (1, 2, 3)]
    assert secrets == {"t1", "t2", "t3", "r1", "r2", "r3"}


def test_a_rotated_refresh_token_is_kept_when_the_rest_of_the_answer_is_odd(clock: Clock) -> None:
    answers = [token(access_token=["t"], refresh_token="r1"), token()]
    connection, api = connect(api_with(lambda number: answers[number - 1], lambda _: answer()), OAUTH)

    connection.fetch(CALL, json.loads, Stop())

    assert json.loads(logins_of(api)[1].body or b"")["refresh_token"] == "r1"
    assert len(clock.slept) == 1


@pytest.mark.parametrize(
    ("base_url", "asked"),
    [
        (None, "https://manage.example/tokens"),
        ("https://acme.example", "https://manage.example/tokens"),
        ("https://ACME.example:443/", "https://manage.example/tokens"),
        ("https://other.example", "https://other.example/tokens"),
    ],
)
def test_the_token_is_asked_for_where_the_provider_has_it_unless_the_api_is_elsewhere(
    base_url: str | None, asked: str
) -> None:
    config = {**CONFIG, **({"base_url": base_url} if base_url else {})}
    connection, api = connect(api_with(lambda _: token(), lambda _: answer()), OAUTH, config=config)
    connection.fetch(CALL, json.loads, Stop())
    assert logins_of(api)[0].url == asked


@pytest.mark.parametrize("same", ["r0", "", None, 7, ["r1"]])
def test_a_refresh_token_that_is_no_new_one_is_not_told(same: Any) -> None:
    connection, _ = connect(api_with(lambda _: token(refresh_token=same), lambda _: answer()), OAUTH)

    connection.fetch(CALL, json.loads, Stop())

    assert connection.updates.empty()


@pytest.mark.parametrize("odd", [7, ["t"], {"t": "t"}, "", None, "t\nX: y", "“t”"])
def test_an_odd_access_token_is_asked_for_again_and_then_a_passing_fault(clock: Clock, odd: Any) -> None:
    connection, _ = connect(api_with(lambda _: token(access_token=odd), lambda _: answer()), OAUTH)

    with pytest.raises(AirbyteTracedException, match="no access token") as caught:
        connection.fetch(CALL, json.loads, Stop())

    assert caught.value.failure_type is FailureType.transient_error
    assert sum(clock.slept) > 100


@pytest.mark.parametrize(
    "refusal", [answer(400, b'{"error": "invalid_grant"}'), answer(401), answer(200, b'{"error":1}')]
)
def test_a_refused_refresh_token_is_sent_once_only(clock: Clock, refusal: bytes) -> None:
    connection, api = connect(api_with(lambda _: refusal, lambda _: answer()), OAUTH)

    for _ in range(3):
        with pytest.raises(AirbyteTracedException, match="Authorize the app again") as caught:
            connection.fetch(CALL, json.loads, Stop())
        assert caught.value.failure_type is FailureType.config_error

    assert len(api.requests) == 1
    assert clock.slept == []


def login_answer(*cookies: str, status: int = 302, location: str = "/login/ajaxSuccess") -> bytes:
    return answer(status, b"", f"Location: {location}", *(f"Set-Cookie: {cookie}" for cookie in cookies))


def test_a_login_sends_the_form_and_its_cookie_is_sent_back() -> None:
    settings = {**FORM_LOGIN, "extra": {"ajax": "true"}}
    connection, api = connect(api_with(lambda _: login_answer("JSESSIONID=a; Path=/"), lambda _: answer()), settings)

    connection.fetch(CALL, json.loads, Stop())

    assert api.requests[0].url == "https://acme.example/login"
    assert parse_qs(str(api.requests[0].body)) == {"j_username": ["ann"], "j_password": ["hush"], "ajax": ["true"]}
    assert api.requests[1].headers["Cookie"] == "JSESSIONID=a"


@pytest.mark.parametrize(
    ("cookies", "sent"),
    [
        (["JSESSIONID=a; Path=/", "JSESSIONID=b; Path=/app"], "a"),
        (["JSESSIONID=b; Path=/app", "JSESSIONID=a; Path=/"], "a"),
        (["JSESSIONID=a; Path=/", "JSESSIONID=b; Path=/api"], "b"),
        (["JSESSIONID=a; Path=/ap", "JSESSIONID=b; Path=/app"], "b"),
        (["other=x; Path=/", "JSESSIONID=a; Path=/api/"], "a"),
        (["²=²; Max-Age=²; Expires=junk; Path=/", ";;;=", "JSESSIONID=a; Path=/"], "a"),
    ],
)
def test_of_several_cookies_the_one_whose_path_fits_is_sent(cookies: list[str], sent: str) -> None:
    connection, api = connect(api_with(lambda _: login_answer(*cookies), lambda _: answer()), FORM_LOGIN)

    connection.fetch(CALL, json.loads, Stop())

    assert api.requests[1].headers["Cookie"] == f"JSESSIONID={sent}"


@pytest.mark.parametrize(
    "refusal",
    [
        answer(200, b'{"success": false}', "Set-Cookie: JSESSIONID=a"),
        login_answer("JSESSIONID=a; Path=/", location="/login/authfail"),
        login_answer(),
        answer(401, b"", "Set-Cookie: JSESSIONID=a"),
    ],
)
def test_a_refused_login_is_not_tried_again(clock: Clock, refusal: bytes) -> None:
    connection, api = connect(api_with(lambda _: refusal, lambda _: answer()), FORM_LOGIN)

    for _ in range(3):
        with pytest.raises(AirbyteTracedException, match="The login was refused") as caught:
            connection.fetch(CALL, json.loads, Stop())
        assert caught.value.failure_type is FailureType.config_error

    assert len(api.requests) == 1
    assert clock.slept == []


def sessions(*, alive: set[str]) -> tuple[Script, Callable[[], None]]:
    """A script with sessions s1, s2, ..., the latest of which is alive; and what ends all of them."""

    def login(number: int) -> bytes:
        alive.clear()
        alive.add(f"JSESSIONID=s{number}")
        return login_answer(f"JSESSIONID=s{number}; Path=/")

    return api_with(login, lambda cookie: answer() if cookie in alive else login_answer(location="/login")), alive.clear


def test_many_requests_share_one_login() -> None:
    script, end = sessions(alive=set())
    connection, api = connect(script, FORM_LOGIN)

    for _ in range(2):
        futures = [connection.submit(lambda: connection.fetch(CALL, json.loads, Stop())) for _ in range(20)]
        assert [future.result(10) for future in futures] == [[]] * 20
        end()

    assert len(logins_of(api)) == 2
    connection.close()


def test_a_session_may_end_any_number_of_times() -> None:
    script, end = sessions(alive=set())
    connection, api = connect(script, FORM_LOGIN)

    for _ in range(5):
        connection.fetch(CALL, json.loads, Stop())
        end()

    assert len(logins_of(api)) == 5


@pytest.mark.parametrize("refusal", [answer(401), login_answer(location="/login")])
def test_a_session_that_is_refused_right_after_the_login_is_not_renewed_again(refusal: bytes) -> None:
    connection, api = connect(
        api_with(lambda n: login_answer(f"JSESSIONID=s{n}; Path=/"), lambda _: refusal), FORM_LOGIN
    )

    with pytest.raises(AirbyteTracedException) as caught:
        connection.fetch(CALL, json.loads, Stop())

    assert caught.value.failure_type is FailureType.config_error
    assert len(logins_of(api)) == 2


def test_an_outage_does_not_use_up_the_renewal(clock: Clock) -> None:
    html = "Content-Type: text/html"
    script, end = sessions(alive=set())
    # The session ends, the API is out of order for a while, and forgets the session over that.
    events: list[Callable[[], bytes | None]] = [
        end,
        lambda: answer(502, b"<html>", html),
        lambda: answer(503, b"<html>", html),
        end,
    ]

    def outages(request: requests.PreparedRequest) -> "bytes | Exception":
        said = events.pop(0)() if events and request.method == "GET" and seen else None
        seen.append(1)
        return said or script(request)

    seen: list[int] = []
    connection, api = connect(outages, FORM_LOGIN)
    connection.fetch(CALL, json.loads, Stop())

    connection.fetch(CALL, json.loads, Stop())

    assert events == []
    assert len(logins_of(api)) == 3
    assert len(clock.slept) == 2


def test_a_page_for_people_with_an_error_status_is_an_outage_and_no_new_login(clock: Clock) -> None:
    pages = [answer(502, b"<html>", "Content-Type: text/html")] * 3 + [answer()]
    connection, api = connect(api_with(lambda _: login_answer("JSESSIONID=a"), lambda _: pages.pop(0)), FORM_LOGIN)

    connection.fetch(CALL, json.loads, Stop())

    assert len(logins_of(api)) == 1
    assert len(clock.slept) == 3


def test_a_refusal_that_comes_as_a_page_costs_no_login() -> None:
    page = answer(403, b"<html>", "Content-Type: text/html")
    connection, api = connect(api_with(lambda _: login_answer("JSESSIONID=a"), lambda _: page), FORM_LOGIN)

    with pytest.raises(AirbyteTracedException, match="status 403"):
        connection.fetch(CALL, json.loads, Stop())

    assert len(logins_of(api)) == 1


def test_a_late_refusal_of_an_old_session_leaves_the_new_one_alone() -> None:
    script = api_with(lambda n: login_answer(f"JSESSIONID=s{n}"), lambda _: answer())
    connection, api = connect(script, FORM_LOGIN)
    attempts = Attempts(PATIENCE, Stop(), "customers")

    def grant() -> Grant:
        return connection._credentials.grant(connection._post, attempts)

    old = grant()
    connection._credentials.renew(old)
    new = grant()
    connection._credentials.renew(old)

    assert grant() is new
    assert len(logins_of(api)) == 2


def test_a_login_page_with_status_200_costs_one_login_and_is_then_a_passing_fault(clock: Clock) -> None:
    page = answer(200, b"<html>", "Content-Type: text/html")
    connection, api = connect(api_with(lambda n: login_answer(f"JSESSIONID=s{n}"), lambda _: page), FORM_LOGIN)

    with pytest.raises(AirbyteTracedException, match="not what the API documents") as caught:
        connection.fetch(CALL, json.loads, Stop())

    assert caught.value.failure_type is FailureType.transient_error
    assert len(logins_of(api)) == 2
    assert sum(clock.slept) > 100


def test_a_failing_login_is_not_tried_for_as_long_by_each_request_anew(clock: Clock) -> None:
    all_wait = threading.Event()

    def login(_number: int) -> bytes:
        all_wait.wait(10)
        return answer(503)

    connection, api = connect(api_with(login, lambda _: answer()), FORM_LOGIN, Patience(failing=40, named=0))
    futures = [connection.submit(lambda: connection.fetch(CALL, json.loads, Stop())) for _ in range(4)]
    time.sleep(0.1)
    all_wait.set()
    for future in futures:
        with pytest.raises(AirbyteTracedException, match="The login was answered with status 503") as caught:
            future.result(10)
        assert caught.value.failure_type is FailureType.transient_error

    assert sum(clock.slept) < 100
    assert len(api.requests) < 20
    connection.close()


def test_who_waits_for_the_login_of_another_can_stop_and_one_that_nobody_asked_for_any_more_is_used() -> None:
    go, arrived, first = threading.Event(), threading.Event(), Stop()

    def login(number: int) -> bytes:
        if number == 1:
            arrived.set()
            go.wait(10)
        return login_answer(f"JSESSIONID=s{number}; Path=/")

    connection, api = connect(api_with(login, lambda _: answer()), FORM_LOGIN)
    leading = connection.submit(lambda: connection.fetch(CALL, json.loads, first))
    assert arrived.wait(10)
    impatient, patient = Stop(), Stop()
    leaving = connection.submit(lambda: connection.fetch(CALL, json.loads, impatient))
    staying = connection.submit(lambda: connection.fetch(CALL, json.loads, patient))

    impatient.set()
    with pytest.raises(Stopped):
        leaving.result(10)
    assert not staying.done()

    first.set()
    go.set()
    with pytest.raises(Stopped):
        leading.result(10)
    assert staying.result(10) == []
    assert len(logins_of(api)) == 1
    connection.close()


def test_a_login_that_is_on_its_way_at_the_end_brings_its_refresh_token() -> None:
    go, arrived = threading.Event(), threading.Event()

    def login(_: int) -> bytes:
        arrived.set()
        go.wait(10)
        return token(refresh_token="new")

    connection, _ = connect(api_with(login, lambda _: answer()), OAUTH)
    unwanted = Stop()
    asking = connection.submit(lambda: connection.fetch(CALL, json.loads, unwanted))
    assert arrived.wait(10)
    unwanted.set()
    threading.Timer(0.05, go.set).start()

    connection.close()

    with pytest.raises(Stopped):
        asking.result(10)
    assert connection.updates.get_nowait()[1] == "new"
