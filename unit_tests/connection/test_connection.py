"""Requests: tried again while they fail in passing, stopped at once, and kept within the origin."""

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from source_customers.connection.answers import UnexpectedAnswerError
from source_customers.connection.attempts import Patience
from source_customers.connection.connection import Call
from source_customers.connection.stop import Stop, Stopped
from source_customers.connection.transport import Limit
from unit_tests.connection.api import CONFIG, FORM_LOGIN, OAUTH, answer, connect, in_turn
from unit_tests.connection.conftest import NOON, Clock

CALL = Call("customers", "/api/customers", [("page", "1"), ("name", "a b&c")])
TRANSIENT, CONFIG_ERROR, SYSTEM = FailureType.transient_error, FailureType.config_error, FailureType.system_error


def fetch(script: Any, call: Call = CALL, **given: Any) -> Any:
    connection, _ = connect(script, **given)
    return connection.fetch(call, json.loads, Stop())


def failure_of(script: Any, call: Call = CALL, **given: Any) -> tuple[FailureType | None, str]:
    with pytest.raises(AirbyteTracedException) as caught:
        fetch(script, call, **given)
    return caught.value.failure_type, str(caught.value.message)


def test_sends_path_query_headers_and_reads_the_answer() -> None:
    connection, api = connect(
        lambda _: answer(200, b'{"a": 1}'), headers={"Accept": "application/json; version={api_version}"},
        config={**CONFIG, "api_version": "5.0.0"},
    )  # fmt: skip

    assert connection.fetch(CALL, json.loads, Stop()) == {"a": 1}
    [request] = api.requests
    assert request.url == "https://acme.example/api/customers?page=1&name=a+b%26c"
    assert request.headers["Accept"] == "application/json; version=5.0.0"
    assert request.headers["API-Key"] == "the-key"
    assert connection.requests == 1


def test_the_config_says_where_the_api_is_and_how_many_requests_it_takes() -> None:
    connection, api = connect(lambda _: answer(), config={**CONFIG, "base_url": "https://other.example/"})
    connection.fetch(CALL, json.loads, Stop())

    assert str(api.requests[0].url).startswith("https://other.example/api/customers?")
    assert connection.concurrency == 4


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"base_url": "http://acme.example"}, "`base_url` must begin with https"),
        ({"base_url": "https://*.example"}, "`base_url` must name a host"),
        ({"concurrency": 0}, "`concurrency` must be a whole number"),
        ({"concurrency": "8"}, "`concurrency` must be a whole number"),
        ({"concurrency": True}, "`concurrency` must be a whole number"),
        ({"concurrency": None}, "`concurrency` must be a whole number"),
        ({"api_version": "5\n"}, "`api_version` holds characters"),
    ],
)
def test_a_wrong_config_is_named_before_the_first_request(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(AirbyteTracedException, match=message) as caught:
        connect(lambda _: answer(), config={**CONFIG, **fields}, headers={"Accept": "v={api_version}"})

    assert caught.value.failure_type is CONFIG_ERROR


@pytest.mark.parametrize(
    "fault",
    [
        answer(503), answer(429), answer(408), answer(425), answer(599), requests.ConnectionError(), requests.Timeout(),
        requests.exceptions.SSLError(), requests.exceptions.ChunkedEncodingError(), UnicodeError(), OSError(),
        answer(200, b"<html>"), answer(200, b"[1, "), answer(206), answer(204, b""), answer(304), answer(302),
        answer(999),
        b"nothing of HTTP", b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n[]", answer(503, b"", "Retry-After: \xb2"),
        answer(302, b"", "Location: http://["), answer(302, b"", "Location: //["),
        answer(200, b"[]", "Content-Encoding: gzip"), answer(200, b"[" * 100_000),
    ],
)  # fmt: skip
def test_a_fault_that_may_pass_is_tried_again_and_then_reported(clock: Clock, fault: "bytes | Exception") -> None:
    assert fetch(in_turn(fault, answer())) == []
    assert clock.slept == [1]

    kind, message = failure_of(lambda _: fault)
    assert kind is TRANSIENT
    assert message.startswith("Stream customers could not be read. ")
    assert message.endswith(". Try the sync again later.")
    assert 100 < sum(clock.slept) < 180


@pytest.mark.parametrize(
    ("script", "call", "expected"),
    [
        (answer(401), CALL, (CONFIG_ERROR, "Stream customers: The key was refused.")),
        (answer(403), CALL, (CONFIG_ERROR, "Stream customers: the API refused with status 403.")),
        (
            answer(403),
            Call("customers", "/x", messages={"403": "No scope."}),
            (CONFIG_ERROR, "Stream customers: No scope."),
        ),
        (answer(404), CALL, (CONFIG_ERROR, "Stream customers: /api/customers was not found. Check `base_url`.")),
        (
            answer(404),
            Call("jobs", "/job/7", shown_path="/job/{id}"),
            (CONFIG_ERROR, "Stream jobs: /job/{id} was not found. Check `base_url`."),
        ),
        (answer(406), CALL, (SYSTEM, "Stream customers: the API refused the request with status 406.")),
        (
            answer(400, b'{"error": "invalid_param"}'),
            CALL,
            (SYSTEM, "Stream customers: the API refused a parameter with status 400 (invalid_param)."),
        ),
        (
            answer(400, b'{"error": "Ann does not exist"}'),
            Call("customers", "/x", has_filters=True),
            (
                CONFIG_ERROR,
                (
                    "Stream customers: the API refused a parameter with status 400. "
                    "Check the filters in the configuration."
                ),
            ),
        ),
        (
            answer(400, b"["),
            Call("customers", "/x", messages={"400": "Set `modified_format`."}),
            (CONFIG_ERROR, "Stream customers: the API refused a parameter with status 400. Set `modified_format`."),
        ),
        (
            answer(307, b"", "Location: https://evil.example/"),
            CALL,
            (
                CONFIG_ERROR,
                (
                    "Stream customers: the API sent the request on to another host, which was refused to keep the "
                    "credentials safe. Check `base_url`."
                ),
            ),
        ),
        (
            answer(307, b"", "Location: /again"),
            CALL,
            (CONFIG_ERROR, "Stream customers: The API sends the request on again and again. Check `base_url`."),
        ),
    ],
)
def test_a_refusal_is_said_at_once(clock: Clock, script: bytes, call: Call, expected: tuple[FailureType, str]) -> None:
    said = failure_of(lambda _: script, call, messages={"401": "The key was refused.", "404": "Check `base_url`."})

    assert said == expected
    assert clock.slept == []


def test_a_redirect_within_the_origin_is_followed_with_the_credentials() -> None:
    connection, api = connect(in_turn(answer(308, b"", "Location: /elsewhere?page=1"), answer()))

    assert connection.fetch(CALL, json.loads, Stop()) == []
    assert [request.url for request in api.requests][1] == "https://acme.example/elsewhere?page=1"
    assert api.requests[1].headers["API-Key"] == "the-key"
    assert connection.requests == 2


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "http://acme.example/", "https://acme.example:444/", "x://["]
)
def test_no_redirect_leads_to_another_origin(clock: Clock, target: str) -> None:
    connection, api = connect(lambda _: answer(302, b"", f"Location: {target}"))

    with pytest.raises(AirbyteTracedException):
        connection.fetch(CALL, json.loads, Stop())

    assert {request.url for request in api.requests} == {"https://acme.example/api/customers?page=1&name=a+b%26c"}
    assert len(clock.slept) in {0, 9}


@pytest.mark.parametrize("target", ["/\xff\xb2", "?\xff", "/a b", "/%", "#", ""])
def test_an_odd_address_within_the_origin_is_no_crash(target: str) -> None:
    connection, api = connect(in_turn(answer(302, b"", f"Location: {target}"), answer()))

    assert connection.fetch(CALL, json.loads, Stop()) == []
    assert len(api.requests) == 2


def test_no_content_stands_for_what_the_settings_say() -> None:
    assert fetch(lambda _: answer(204, b""), no_content='{"data": []}') == {"data": []}


@pytest.mark.parametrize("seconds", [60, 120, 170, 171])
def test_waits_as_long_as_the_server_says(clock: Clock, seconds: int) -> None:
    busy = answer(429, b"", f"Retry-After: {seconds}")

    assert fetch(in_turn(busy, busy, busy, busy, answer())) == []
    assert clock.slept == [seconds + 0.5] * 4


def test_an_http_date_is_compared_with_the_clock_of_the_api(clock: Clock) -> None:
    date = "Date: Sun, 01 Mar 2026 09:00:00 GMT"
    busy = answer(429, b"", "Retry-After: Sun, 01 Mar 2026 09:00:20 GMT")
    connection, _ = connect(in_turn(answer(200, b"[]", date), busy, answer()))
    connection.fetch(CALL, json.loads, Stop())

    connection.fetch(CALL, json.loads, Stop())

    assert clock.slept == [20.5]
    assert connection.clock.now() == NOON - timedelta(hours=3) + timedelta(seconds=20.5)


def test_the_clock_is_not_taken_from_an_answer_that_is_not_the_apis(clock: Clock) -> None:  # noqa: ARG001
    connection, _ = connect(in_turn(answer(502, b"", "Date: Sun, 01 Mar 2026 09:00:00 GMT"), answer()))

    connection.fetch(CALL, json.loads, Stop())

    assert connection.clock.now() is None


@pytest.mark.parametrize("failure", [ValueError, KeyError, TypeError, RecursionError, OverflowError, AttributeError])
def test_whatever_an_odd_body_raises_is_a_failed_answer(clock: Clock, failure: type[Exception]) -> None:
    outcomes: list[Any] = [failure("hush"), UnexpectedAnswerError("no list at `data`"), "read"]

    def read(_body: bytes) -> Any:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    connection, _ = connect(lambda _: answer())

    assert connection.fetch(CALL, read, Stop()) == "read"
    assert len(clock.slept) == 2


@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from(
                ["Retry-After", "Location", "Date", "Set-Cookie", "Content-Type", "X-RateLimit-Remaining",
                 "X-RateLimit-Reset", "Content-Encoding", "Connection", "Transfer-Encoding", "Content-Length", "X"]
            ),
            st.text(st.characters(max_codepoint=255), max_size=12),
        ),
        max_size=4,
    ),
    status=st.sampled_from([200, 204, 302, 307, 400, 401, 403, 429, 500]),
    authentication=st.sampled_from([FORM_LOGIN, OAUTH]),
)  # fmt: skip
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_header_is_a_crash(
    clock: Clock, headers: list[tuple[str, str]], status: int, authentication: dict[str, str]
) -> None:
    odd = answer(status, b"[]", *(f"{name}: {value}" for name, value in headers))
    good = answer(200, b'{"access_token": "t"}', "Set-Cookie: JSESSIONID=a")
    for script in (lambda _: odd, lambda request: good if request.method == "POST" else odd):
        clock.seconds = 0
        pace = {"requests": 10, "remaining_header": "X-RateLimit-Remaining"}
        connection, _ = connect(script, authentication, Patience(failing=5, named=0), pace=pace)
        try:
            connection.fetch(CALL, json.loads, Stop())
        except AirbyteTracedException as failure:
            assert failure.failure_type in {TRANSIENT, CONFIG_ERROR} or status == 400


def test_logins_redirects_and_repetitions_take_their_turn_in_the_pace(clock: Clock) -> None:
    sent: list[float] = []

    def script(request: requests.PreparedRequest) -> bytes:
        sent.append(clock.seconds)
        if request.method == "POST":
            return answer(200, b'{"access_token": "t"}')
        return [answer(503), answer(307, b"", "Location: /x"), answer()][len(sent) % 3]

    connection, _ = connect(script, OAUTH, pace={"requests": 2, "seconds": 60})
    for _ in range(6):
        connection.fetch(CALL, json.loads, Stop())

    assert len(sent) > 8
    assert all(later - earlier >= 60 for earlier, later in zip(sent, sent[2:], strict=False))


def test_waiting_for_the_pace_does_not_count_as_failing(clock: Clock) -> None:
    connection, _ = connect(in_turn(answer(), answer(503), answer()), pace={"requests": 1, "seconds": 160})

    for _ in range(2):
        connection.fetch(CALL, json.loads, Stop())

    assert sum(clock.slept) == 320


def test_nothing_is_sent_after_the_stop(clock: Clock) -> None:
    stop = Stop()

    def script(_request: requests.PreparedRequest) -> bytes:
        stop.set()
        return answer(503)

    connection, api = connect(script)
    for _ in range(2):
        with pytest.raises(Stopped):
            connection.fetch(CALL, json.loads, stop)

    assert len(api.requests) == 1
    assert len(clock.slept) <= 1


@pytest.mark.parametrize("end", ["stop", "close"])
def test_a_wait_ends_at_once(end: str) -> None:
    connection, _ = connect(lambda _: answer(429, b"", "Retry-After: 600"))
    stop, waits = Stop(), threading.Event()

    def read() -> Any:
        waits.set()
        return connection.fetch(CALL, json.loads, stop)

    future = connection.submit(read)
    assert waits.wait(5)
    time.sleep(0.05)
    (stop.set if end == "stop" else connection.close)()

    with pytest.raises(Stopped):
        future.result(5)
    connection.close()


def test_a_body_without_end_is_given_up_and_the_user_is_told_what_to_lower(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("source_customers.connection.connection.LIST", Limit(10))
    answers = in_turn(answer(200, b"[1,2,3,4]"), answer(200, b"[1,2,3,4,5]"))
    connection, _ = connect(answers, config={**CONFIG, "page_size": 100})

    assert connection.fetch(CALL, json.loads, Stop()) == [1, 2, 3, 4]
    with pytest.raises(AirbyteTracedException) as caught:
        connection.fetch(CALL, json.loads, Stop())

    assert len(clock.slept) == 9
    assert caught.value.failure_type is TRANSIENT
    assert caught.value.message == (
        "Stream customers could not be read. The API's answer was too large. Lower `page_size`. "
        "Try the sync again later."
    )


def test_a_login_may_be_a_megabyte_at_most(clock: Clock) -> None:  # noqa: ARG001  # nobody is to wait
    body = b'{"access_token": "t"' + b" " * (1 << 20) + b"}"

    kind, message = failure_of(lambda _: answer(200, body), authentication=OAUTH)

    assert kind is TRANSIENT
    assert "too large" in message
