"""What is recorded of a request, and how many are in flight."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import requests

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import TIMEOUT, ask


def test_a_request_is_recorded_as_it_was_sent(sandbox: Sandbox) -> None:
    sandbox.clock = lambda: 1234.5

    ask(sandbox, "caoloon", "status=b&status=a%20b&contains=", headers={"Accept": "application/json; version=5.0.0"})

    [request] = sandbox.requests
    assert (request.provider, request.stream, request.kind) == ("caoloon", "customers", "list")
    assert (request.method, request.path, request.status) == ("GET", "/portal/customer/", 200)
    assert request.query == [("status", "b"), ("status", "a b"), ("contains", "")]
    assert request.raw_query == "status=b&status=a%20b&contains="
    assert (request.values("status"), request.value("status"), request.value("page")) == (["b", "a b"], "a b", None)
    assert request.headers["accept"] == "application/json; version=5.0.0"
    assert request.headers["authorization"] == f"Token {sandbox.caoloon.token}"
    assert request.received_at == 1234.5


def test_bodies_are_recorded(sandbox: Sandbox) -> None:
    ask(sandbox, "valomnia")

    login, listing = sandbox.valomnia.requests
    assert (login.kind, login.method, login.stream) == ("login", "POST", None)
    assert login.body == "j_username=sync%40example.com&j_password=sandbox-valomnia-password&ajax=true"
    assert (listing.kind, listing.body) == ("list", "")


def test_requests_are_found_by_provider_stream_and_kind(sandbox: Sandbox) -> None:
    ask(sandbox, "caoloon", "page=3")
    ask(sandbox, "coredination")
    ask(sandbox, "coredination", path="/api/1/version")

    assert len(sandbox.requests) == 3
    assert sandbox.requests.of("caoloon").queries() == [{"page": "3"}]
    assert len(sandbox.requests.of("coredination", "customers")) == 1
    assert [request.path for request in sandbox.requests.of(kind="version")] == ["/api/1/version"]
    assert sandbox.coredination.requests == sandbox.requests.of("coredination")


def test_refused_and_unknown_requests_are_recorded_too(sandbox: Sandbox) -> None:
    ask(sandbox, "caoloon", headers={"authorization": ""})
    requests.get(f"{sandbox.url}/favicon.ico", timeout=TIMEOUT)
    requests.post(f"{sandbox.url}/v1/customers", timeout=TIMEOUT)

    assert [(r.provider, r.kind, r.status) for r in sandbox.requests] == [
        ("caoloon", "list", 401),
        (None, "unknown", 404),
        (None, "unknown", 404),
    ]


def test_requests_can_be_forgotten(sandbox: Sandbox) -> None:
    ask(sandbox, "caoloon")

    sandbox.clear_requests()

    assert sandbox.requests == []
    assert sandbox.caoloon.peak_in_flight == 0


def test_slow_answers_are_in_flight_at_the_same_time(sandbox: Sandbox) -> None:
    sandbox.latency = 0.2

    def ask_caoloon(_number: int) -> int:
        return ask(sandbox, "caoloon", "pageSize=1").status_code

    started = monotonic()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(ask_caoloon, range(8)))
    took = monotonic() - started

    assert statuses == [200] * 8
    assert 0.2 <= took < 1.2
    assert 2 <= sandbox.caoloon.peak_in_flight <= 8
    assert sandbox.coredination.peak_in_flight == 0


def test_one_after_the_other_is_one_in_flight(sandbox: Sandbox) -> None:
    for _ in range(3):
        ask(sandbox, "caoloon")

    assert sandbox.caoloon.peak_in_flight == 1


def test_one_provider_can_be_slower_than_the_others(sandbox: Sandbox) -> None:
    sandbox.coredination.latency = 0.2

    started = monotonic()
    ask(sandbox, "coredination")

    assert monotonic() - started >= 0.2
    assert sandbox.caoloon.latency == 0.0
