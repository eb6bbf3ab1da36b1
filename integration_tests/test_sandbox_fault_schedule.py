"""When faults strike: the n-th request, so many times, one page, one condition."""

from contextlib import suppress

import pytest
import requests

from integration_tests.sandbox import FAULTS, Sandbox
from integration_tests.sandbox.client import TIMEOUT, ask, log_in
from integration_tests.sandbox_reading import PROVIDERS, STREAMS, Reader, provider_of


def statuses(sandbox: Sandbox, count: int, query: str = "") -> list[int]:
    return [ask(sandbox, "caoloon", query).status_code for _ in range(count)]


def test_the_next_request_unless_told_otherwise(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("status_503")

    assert statuses(sandbox, 3) == [503, 200, 200]


def test_the_nth_request_counted_from_the_registration(sandbox: Sandbox) -> None:
    statuses(sandbox, 2)
    sandbox.caoloon.fault("status_503", on=2)

    assert statuses(sandbox, 3) == [200, 503, 200]


def test_several_times_in_a_row(sandbox: Sandbox) -> None:
    rule = sandbox.caoloon.fault("status_503", on=2, times=2)

    assert statuses(sandbox, 5) == [200, 503, 503, 200, 200]
    assert (rule.seen, rule.hits) == (5, 2)


def test_from_then_on(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("status_503", on=2, forever=True)

    assert statuses(sandbox, 4) == [200, 503, 503, 503]


def test_a_page_meets_its_fault_again_when_it_is_retried(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("status_503", page=2)

    assert statuses(sandbox, 1, "page=1") + statuses(sandbox, 2, "page=2") + statuses(sandbox, 1, "page=3") == [
        200,
        503,
        503,
        200,
    ]


def test_a_page_can_recover(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("status_503", page=2, times=1)

    assert statuses(sandbox, 1) + statuses(sandbox, 2, "page=2") == [200, 503, 200]


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("mijnklantportaal", "page=1", "page=2"),
        ("coredination", "limit=10&offset=0", "limit=10&offset=10"),
        ("valomnia", "max=10", "max=10&offset=10"),
    ],
)
def test_pages_are_counted_from_one_for_every_api(sandbox: Sandbox, name: str, first: str, second: str) -> None:
    sandbox.providers[name].fault("status_503", page=2)

    assert [ask(sandbox, name, query).status_code for query in (first, second)] == [200, 503]


@pytest.mark.parametrize(
    ("name", "query"),
    [("caoloon", "pageSize=5&page=3"), ("coredination", "offset=10"), ("valomnia", "max=3&offset=10")],
)
def test_or_by_the_offset(sandbox: Sandbox, name: str, query: str) -> None:
    sandbox.providers[name].fault("status_503", offset=10)

    assert [ask(sandbox, name, asked).status_code for asked in ("", query)] == [200, 503]


def test_only_under_a_condition(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("status_503", when=lambda request: request.value("contains") == "x")

    assert statuses(sandbox, 1) + statuses(sandbox, 1, "contains=x") == [200, 503]


def test_only_for_a_stream(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("status_503", stream="invitations", forever=True)
    assert statuses(sandbox, 1) == [200]

    sandbox.caoloon.fault("status_503", stream="customers")
    assert statuses(sandbox, 1) == [503]


def test_the_last_one_registered_strikes_first(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("status_500", forever=True)
    sandbox.caoloon.fault("status_503")

    assert statuses(sandbox, 2) == [503, 500]


def test_only_admitted_requests_for_lists_count(sandbox: Sandbox) -> None:
    guid = next(iter(sandbox.caoloon.rows))
    sandbox.caoloon.fault("status_503", on=1)

    assert ask(sandbox, "caoloon", headers={"authorization": ""}).status_code == 401
    assert ask(sandbox, "caoloon", path=f"/portal/customer/{guid}/").status_code == 200
    assert requests.get(f"{sandbox.url}/_sandbox/configs", timeout=TIMEOUT).status_code == 200
    assert statuses(sandbox, 2) == [503, 200]


def test_an_outage_counts_requests_that_are_not_admitted_too(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("html_502", on=2, times=2, admitted=False)
    nobody = {"authorization": ""}

    refused = [ask(sandbox, "caoloon", headers=nobody).status_code for _ in range(2)]

    assert refused + statuses(sandbox, 2) == [401, 502, 502, 200]


@pytest.mark.parametrize("fault", [fault.name for fault in FAULTS.values() if fault.anywhere])
def test_a_fault_can_strike_the_login(sandbox: Sandbox, fault: str) -> None:
    rule = sandbox.valomnia.fault(fault, endpoint="login", on=2)

    right = log_in(sandbox)
    with suppress(requests.RequestException):  # where the connection breaks
        log_in(sandbox)

    assert rule.hits == 1
    assert [request.fault for request in sandbox.requests] == [None, fault]
    assert [right.status_code, log_in(sandbox).status_code] == [302, 302]


def test_or_the_tokens(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.fault("status_500", endpoint="token")
    address = f"{sandbox.url}/oauth/tokens"

    assert [requests.post(address, timeout=TIMEOUT).status_code for _ in range(2)] == [500, 400]


def test_or_details(sandbox: Sandbox) -> None:
    first, second = list(sandbox.caoloon.rows)[:2]
    sandbox.caoloon.fault("status_503", endpoint="detail", when=lambda request: str(second) in request.path)
    paths = [f"/portal/customer/{guid}/" for guid in (first, second, second)]

    assert statuses(sandbox, 1) == [200]
    assert [ask(sandbox, "caoloon", path=path).status_code for path in paths] == [200, 503, 200]


def test_a_stream_of_details_is_struck_in_its_details(sandbox: Sandbox) -> None:
    key = next(iter(sandbox.coredination.tables["jobs"].rows))
    sandbox.coredination.fault("status_500", stream="job_details", on=2)
    paths = ["/api/1/job", f"/api/1/job/{key}", "/api/1/customer", f"/api/1/job/{key}", f"/api/1/job/{key}"]

    assert [ask(sandbox, "coredination", path=path).status_code for path in paths] == [200, 200, 200, 500, 200]


def test_only_admitted_requests_for_details_count_too(sandbox: Sandbox) -> None:
    key = next(iter(sandbox.mijnklantportaal.tables["tickets"].rows))
    nobody = {"authorization": ""}
    rule = sandbox.mijnklantportaal.fault("status_503", stream="ticket_messages")
    path = f"/v1/tickets/{key}"

    assert ask(sandbox, "mijnklantportaal", path=path, headers=nobody).status_code == 401
    assert [ask(sandbox, "mijnklantportaal", path=path).status_code for _ in range(2)] == [503, 200]
    assert (rule.seen, rule.hits) == (2, 1)
    sandbox.mijnklantportaal.fault("html_502", stream="ticket_messages", admitted=False)
    assert ask(sandbox, "mijnklantportaal", path=path, headers=nobody).status_code == 502


def test_children_are_struck_as_lists(sandbox: Sandbox) -> None:
    tables = sandbox.mijnklantportaal.tables
    first, second = list(tables["payment_links"].rows)[:2]
    sandbox.mijnklantportaal.fault("status_503", stream="payment_link_payments", on=2)
    sandbox.mijnklantportaal.fault("row_is_null", stream="issued_punch_cards", page=1)
    [card] = tables["issued_punch_cards"].insert(1)
    card = tables["issued_punch_cards"].rows[card]["punchCardId"]

    paths = [f"/v1/payment-links/{link}/payments" for link in (first, second)]
    assert [ask(sandbox, "mijnklantportaal", path=path).status_code for path in paths] == [200, 503]
    issued = ask(sandbox, "mijnklantportaal", path=f"/v1/punch-cards/{card}/issued").json()
    assert issued["data"][-1] is None


@pytest.mark.parametrize(("provider", "stream"), STREAMS)
def test_every_stream_that_is_asked_for_can_be_struck(sandbox: Sandbox, provider: str, stream: str) -> None:
    if stream in sandbox.providers[provider].nested:
        with pytest.raises(ValueError, match=f"coredination is not asked for {stream}"):
            sandbox.coredination.fault("status_500", stream=stream)
        return
    rule = provider_of(sandbox, provider).fault("slow", stream=stream, forever=True, seconds=0.0)

    rows = Reader(sandbox, provider).rows(stream)

    assert rows
    assert rule.hits == len(sandbox.requests.of(provider, stream)) > 0
    assert {request.stream for request in sandbox.requests if request.fault} == {stream}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_breaks_the_sandbox_on_any_list(sandbox: Sandbox, provider: str, fault: str) -> None:
    if provider not in FAULTS[fault].providers:
        return
    api = provider_of(sandbox, provider)
    seconds = {"seconds": 0.0} if fault == "slow" else {}
    rule = api.fault(fault, forever=True, **seconds)
    lists = [endpoint for endpoint in api.endpoints() if endpoint.kind == "list"]
    if provider == "valomnia":
        lists = lists[:2]  # they are all alike

    for endpoint in lists:
        parents = {"payment_link_payments": "payment_links", "issued_punch_cards": "punch_cards"}
        keys = list(api.tables[parents.get(endpoint.stream or "", "customers")].rows)
        reader = Reader(sandbox, provider)  # whose session an earlier fault cannot have ended
        with suppress(requests.RequestException):
            reader.get(endpoint.path.format(key=keys[0]), "q=a" if endpoint.path.endswith("search") else "")

    assert rule.hits == len(lists)
    assert sandbox.errors == []


def test_faults_can_be_cleared(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("status_503", forever=True)

    sandbox.caoloon.clear_faults()

    assert statuses(sandbox, 1) == [200]


def test_the_record_names_the_fault(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("html_200", on=2)
    statuses(sandbox, 2)

    assert [request.fault for request in sandbox.requests] == [None, "html_200"]


def test_mistakes_are_told_at_once(sandbox: Sandbox) -> None:
    with pytest.raises(KeyError):
        sandbox.caoloon.fault("no_such_fault")
    with pytest.raises(ValueError, match="session_expired does not apply to caoloon"):
        sandbox.caoloon.fault("session_expired")
    with pytest.raises(ValueError, match="caoloon has no login"):
        sandbox.caoloon.fault("status_500", endpoint="login")
    with pytest.raises(ValueError, match="valomnia is not asked for invoices"):
        sandbox.valomnia.fault("status_500", stream="invoices")
    with pytest.raises(ValueError, match="coredination has no list"):
        sandbox.coredination.fault("status_500", stream="job_details", endpoint="list")
    with pytest.raises(ValueError, match="lists only"):
        sandbox.coredination.fault("short_page", stream="job_details")
    with pytest.raises(ValueError, match="lists only"):
        sandbox.valomnia.fault("short_page", endpoint="login")
    with pytest.raises(ValueError, match="lists only"):
        sandbox.valomnia.fault("status_500", endpoint="login", page=2)
    with pytest.raises(TypeError, match="secconds"):
        sandbox.caoloon.fault("slow", secconds=1)
