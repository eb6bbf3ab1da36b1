"""A stream that has failed sends nothing more, leaves no thread, and its process ends."""

import threading
import time as real_time

import pytest

from integration_tests.connector import Json, command_files, configured_catalog, read, run_process
from integration_tests.sandbox import RequestRecord, Sandbox
from source_customers import waiting

SLEEP = waiting.sleep


@pytest.fixture(autouse=True)
def _in_real_time(monkeypatch: pytest.MonkeyPatch, time: object) -> None:  # noqa: ARG001  # after that of all tests
    """Requests that are waiting have to be there when the stream fails."""
    monkeypatch.setattr(waiting, "sleep", SLEEP)


@pytest.fixture(params=["status_503", "drip_body", "status_429_absurd"])
def failing(sandbox: Sandbox, request: pytest.FixtureRequest) -> Json:
    """A config of an API that refuses the second page, late, while later ones are tried again or drip."""

    def before_answer(asked: RequestRecord) -> None:
        if asked.value("page") == "2":
            real_time.sleep(0.3)

    def is_later(asked: RequestRecord) -> bool:
        return int(asked.value("page") or 0) > 2

    sandbox.caoloon.before_answer = before_answer
    sandbox.caoloon.fault(request.param, forever=True, when=is_later)
    sandbox.caoloon.fault("status_403", forever=True, when=lambda asked: asked.value("page") == "2")
    return sandbox.config("caoloon", page_size=10)


def test_nothing_is_sent_and_no_thread_is_left(sandbox: Sandbox, failing: Json) -> None:
    before = set(threading.enumerate())

    outcome = read(failing)

    ended = real_time.monotonic()
    assert outcome.stream_errors[0][0] == "config_error"
    assert {request.value("page") for request in sandbox.caoloon.requests} > {"1", "2", "3"}
    while left := set(threading.enumerate()) - before:
        assert real_time.monotonic() < ended + 1, left
        real_time.sleep(0.01)
    real_time.sleep(0.5)  # what was on the wire when the stream ended arrives
    asked = len(sandbox.caoloon.requests)
    real_time.sleep(max(ended + 1.2 - real_time.monotonic(), 0))
    assert len(sandbox.caoloon.requests) == asked


def test_its_process_ends(failing: Json) -> None:
    with command_files(config=failing, catalog=configured_catalog()) as files:
        began = real_time.monotonic()
        outcome = run_process(["read", *files])

    assert outcome.exit_code == 1
    assert outcome.statuses[-1] == "INCOMPLETE"
    # Most of it is the start of Python.
    assert real_time.monotonic() - began < 15


def test_a_stream_that_is_complete_leaves_no_thread(sandbox: Sandbox) -> None:
    before = set(threading.enumerate())

    assert read(sandbox.config("caoloon", page_size=10)).is_complete

    until = real_time.monotonic() + 1
    while left := set(threading.enumerate()) - before:
        assert real_time.monotonic() < until, left
        real_time.sleep(0.01)
