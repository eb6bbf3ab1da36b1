"""How long a failing request is tried, and what the server may say about it."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import sleep

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import check, read
from integration_tests.sandbox import Sandbox


def test_waits_longer_and_longer_and_gives_up_within_three_minutes(sandbox: Sandbox, time: Time) -> None:
    sandbox.caoloon.fault("status_503", forever=True)

    outcome = read(sandbox.config("caoloon"))

    assert outcome.stream_errors == [
        (
            "transient_error",
            (
                "Stream customers could not be read. The API answered with status 503 (service unavailable). "
                "Try the sync again later."
            ),
        )
    ]
    assert 100 < sum(time.slept) < 180
    for wait, longest in zip(time.slept, [1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30], strict=False):
        assert longest / 2 <= wait <= longest


@pytest.mark.parametrize("fault", ["status_429", "status_429_http_date", "status_429_reset", "status_503_retry_after"])
def test_waits_as_long_as_the_server_says(sandbox: Sandbox, time: Time, fault: str) -> None:
    sandbox.clock = lambda: time.now().timestamp()
    sandbox.caoloon.fault(fault, on=2, seconds=20)

    outcome = read(sandbox.config("caoloon"))

    assert outcome.is_complete
    [wait] = time.slept
    # An HTTP date and a unix second have no fractions: a second may be missing.
    assert 19 <= wait <= 20.6


@pytest.mark.parametrize("seconds", [60, 120, 170, 171, 600])
def test_a_long_wait_is_obeyed_like_a_longer_one(sandbox: Sandbox, time: Time, seconds: int) -> None:
    sandbox.caoloon.fault("status_429", on=2, seconds=seconds)

    # One at a time: the wait passes at once by the tests' clock, also for requests that are in flight then.
    assert read(sandbox.config("caoloon", concurrency=1)).is_complete
    [wait] = time.slept
    assert seconds <= wait <= seconds + 0.5


def test_waits_that_are_named_again_and_again_end_after_an_hour_and_three_minutes(sandbox: Sandbox, time: Time) -> None:
    sandbox.caoloon.fault("status_429", forever=True, seconds=60)

    outcome = read(sandbox.config("caoloon"))

    assert outcome.stream_errors[0][0] == "transient_error"
    assert 3600 - 60 < sum(time.slept) <= 3600 + 170
    assert len(time.slept) <= 63


def test_no_time_at_all_is_not_obeyed(sandbox: Sandbox, time: Time) -> None:
    sandbox.caoloon.fault("status_429", forever=True, seconds=0)

    outcome = read(sandbox.config("caoloon"))

    assert outcome.stream_errors[0][0] == "transient_error"
    assert len(sandbox.caoloon.requests) <= 12
    assert sum(time.slept) < 180
    for wait, least in zip(time.slept, [1, 2, 4, 8, 16, 30, 30, 30], strict=False):
        assert least <= wait <= least + 0.5


@pytest.mark.parametrize("fault", ["status_429_negative", "status_429_junk", "status_429_none"])
def test_waits_its_own_time_when_the_server_says_nothing_sensible(sandbox: Sandbox, time: Time, fault: str) -> None:
    sandbox.caoloon.fault(fault, on=2)

    assert read(sandbox.config("caoloon")).is_complete
    [wait] = time.slept
    assert 0.5 <= wait <= 1


def test_an_absurd_wait_is_capped_and_logged_once(sandbox: Sandbox, time: Time) -> None:
    sandbox.caoloon.fault("status_429_absurd", on=2)

    # One at a time: ten minutes of the tests' clock pass at once, also for requests that are in flight then.
    outcome = read(sandbox.config("caoloon", concurrency=1))

    assert outcome.is_complete
    assert [round(wait) for wait in time.slept] in ([600], [601])
    assert len([log for log in outcome.logs if "Trying again in" in log]) == 1


def test_long_waits_have_an_end(sandbox: Sandbox, time: Time) -> None:
    sandbox.caoloon.fault("status_429_absurd", forever=True)

    outcome = read(sandbox.config("caoloon"))

    assert outcome.stream_errors[0][0] == "transient_error"
    assert sum(time.slept) <= 3600


@pytest.mark.parametrize("fault", ["status_503", "status_429_absurd", "html_200", "connection_reset", "status_429"])
@pytest.mark.parametrize("provider", ["caoloon", "valomnia"])
def test_check_answers_within_a_minute(sandbox: Sandbox, time: Time, provider: str, fault: str) -> None:
    sandbox.providers[provider].fault(fault, forever=True)

    outcome = check(sandbox.config(provider))

    assert outcome.status[0] == "FAILED"
    assert "Try the sync again later." in str(outcome.status[1])
    assert sum(time.slept) < 45


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(time: Time) -> None:
    class Dripping(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            for _ in range(100):
                try:
                    self.wfile.write(b" " * 70000)
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(30)
                sleep(0.01)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Dripping) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = {
            "provider": {"name": "coredination", "api_key": "k", "base_url": f"http://127.0.0.1:{server.server_port}"}
        }
        outcome = read(config)
        server.shutdown()

    assert outcome.stream_errors[0][0] == "transient_error"


def test_a_host_that_cannot_be_reached_is_a_passing_fault(time: Time) -> None:
    outcome = read({"provider": {"name": "coredination", "api_key": "k", "base_url": "http://127.0.0.1:9"}})

    [(kind, message)] = outcome.stream_errors
    assert kind == "transient_error"
    assert "The API could not be reached, or broke off the connection. Try the sync again later." in message
    assert sum(time.slept) < 180
