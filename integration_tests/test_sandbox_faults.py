"""Every fault does what its name says, for every provider that it applies to."""

import json
import math
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

import pytest
import requests

from integration_tests.sandbox import FAULTS, Sandbox
from integration_tests.sandbox.client import ask
from integration_tests.sandbox.resource import Row

# Each asks for the second of several pages.
SECOND_PAGE = {
    "caoloon": "pageSize=10&page=2",
    "mijnklantportaal": "page=2",
    "coredination": "limit=10&offset=10",
    "valomnia": "max=10&offset=10",
}
LIST_FIELDS = {"caoloon": "models", "mijnklantportaal": "data", "valomnia": "data"}
KEYS = {"caoloon": "guid", "mijnklantportaal": "id", "coredination": "id", "valomnia": "id"}
ECHOES: dict[str, Callable[[Any], int]] = {
    "caoloon": lambda document: int(document["page"]),
    "mijnklantportaal": lambda document: int(document["current_page"]),
    "valomnia": lambda document: int(document["paging"]["offset"]) // 10 + 1,
}
NEXT: dict[str, Callable[[Any], Any]] = {
    "caoloon": lambda document: document["nextPage"],
    "mijnklantportaal": lambda document: document["next_page_url"],
    "valomnia": lambda document: document["paging"]["next"],
}


class Case:
    """An answer with a fault, and the right answer to the same request."""

    def __init__(self, sandbox: Sandbox, name: str, fault: str) -> None:
        self.name = name
        self.field = LIST_FIELDS.get(name)
        self.right = ask(sandbox, name, SECOND_PAGE[name])
        sandbox.providers[name].fault(fault)
        self.answer = ask(sandbox, name, SECOND_PAGE[name])
        self.after = ask(sandbox, name, SECOND_PAGE[name])

    @property
    def document(self) -> Any:
        return self.answer.json()

    @property
    def rows(self) -> list[Any]:
        return self.rows_of(self.answer)

    @property
    def right_rows(self) -> list[Row]:
        return self.rows_of(self.right)

    def rows_of(self, answer: requests.Response) -> list[Any]:
        return list(answer.json()[self.field] if self.field else answer.json())

    def has_last_row(self, last: Any) -> bool:
        return self.rows[:-1] == self.right_rows[:-1] and self.rows[-1] == last

    def keeps_the_envelope(self) -> bool:
        if self.field is None:
            return True
        return {**self.document, self.field: None} == {**self.right.json(), self.field: None}


def html(case: Case) -> bool:
    return case.answer.headers["content-type"].startswith("text/html") and "<html>" in case.answer.text


def nan(case: Case) -> bool:
    strict = json.loads(case.answer.text.replace("NaN", '"not a number"'))
    rows = strict[case.field] if case.field else strict
    return rows[-1]["rating"] == "not a number" and math.isnan(case.rows[-1]["rating"])


def capped(case: Case) -> bool:
    size = {"mijnklantportaal": 7}.get(case.name, 5)
    by_page = case.name in {"caoloon", "mijnklantportaal"}
    return len(case.rows) == size and (by_page or case.rows == case.right_rows[:size])


def has_key(key: Any, case: Case) -> bool:
    found = case.rows[-1][KEYS[case.name]]
    return type(found) is type(key) and case.has_last_row({**case.right_rows[-1], KEYS[case.name]: key})


BODIES: dict[str, Callable[[Case], bool]] = {
    "html_200": html,
    "login_page_200": lambda case: html(case) and "j_password" in case.answer.text,
    "empty_body": lambda case: case.answer.content == b"",
    "cut_json": lambda case: case.answer.content == case.right.content[: len(case.right.content) // 2],
    "bom_json": lambda case: case.answer.content == b"\xef\xbb\xbf" + case.right.content,
    "nan_json": nan,
    "json_null": lambda case: case.document is None,
    "json_string": lambda case: isinstance(case.document, str),
    "json_number": lambda case: isinstance(case.document, int),
    "empty_object": lambda case: case.document == {},
    "error_object_200": lambda case: set(case.document) == {"error", "error_description"},
    "list_missing": lambda case: set(case.right.json()) - set(case.document) == {case.field},
    "list_null": lambda case: case.document[case.field] is None and case.keeps_the_envelope(),
    "list_is_object": lambda case: isinstance(case.document[case.field], dict) and case.keeps_the_envelope(),
    "list_is_string": lambda case: isinstance(case.document[case.field], str) and case.keeps_the_envelope(),
    "object_instead_of_array": lambda case: case.document == {"customers": case.right.json()},
    "array_instead_of_object": lambda case: case.document == case.right_rows,
    "row_is_string": lambda case: case.has_last_row("Internal error") and case.keeps_the_envelope(),
    "row_is_null": lambda case: case.has_last_row(None) and case.keeps_the_envelope(),
    "row_is_list": lambda case: case.has_last_row(list(case.right_rows[-1].values())),
    "row_is_empty_object": lambda case: case.has_last_row({}) and case.keeps_the_envelope(),
    **{
        f"key_is_{name}": partial(has_key, key)
        for name, key in (("list", [1]), ("object", {"id": 1}), ("true", True), ("false", False), ("float", 1.5))
    },
    "row_without_key": lambda case: case.has_last_row(
        {field: value for field, value in case.right_rows[-1].items() if field != KEYS[case.name]}
    ),
    "wrong_page_echo": lambda case: ECHOES[case.name](case.document) == 3 and case.rows == case.right_rows,
    "repeated_page": lambda case: case.rows != case.right_rows and case.keeps_the_envelope(),
    "constant_next_page": lambda case: NEXT[case.name](case.document) != NEXT[case.name](case.right.json()),
    "page_capped": capped,
    "short_page": lambda case: case.rows == case.right_rows[:-1] and case.keeps_the_envelope(),
    "slow": lambda case: case.answer.content == case.right.content,
}
STATUSES = {
    **{f"status_{status}": status for status in (400, 401, 403, 404, 406, 408, 425, 500, 502, 503, 504)},
    **{fault: 429 for fault in FAULTS if fault.startswith("status_429")},
    "status_503_retry_after": 503,
    "html_502": 502,
    "odd_headers": 429,
    "redirect_other_host": 302,
    "redirect_same_origin": 302,
}
# The whole answer does not arrive, or another request has to follow first.
TESTED_BELOW = {"connection_reset", "cut_body", "session_expired"}

EVERY = [(fault.name, name) for fault in FAULTS.values() for name in fault.providers]


def test_every_fault_is_tested() -> None:
    assert set(FAULTS) == set(BODIES) | set(STATUSES) | TESTED_BELOW


@pytest.mark.parametrize(("fault", "name"), [case for case in EVERY if case[0] in BODIES and case[0] != "slow"])
def test_the_body_is_wrong_once(sandbox: Sandbox, fault: str, name: str) -> None:
    case = Case(sandbox, name, fault)

    assert case.answer.status_code == 200
    assert BODIES[fault](case)
    assert case.answer.content != case.right.content
    assert case.after.content == case.right.content


@pytest.mark.parametrize(("fault", "name"), [case for case in EVERY if case[0] in STATUSES])
def test_the_status_is_wrong_once(sandbox: Sandbox, fault: str, name: str) -> None:
    case = Case(sandbox, name, fault)

    assert case.answer.status_code == STATUSES[fault]
    assert case.after.content == case.right.content


@pytest.mark.parametrize("name", SECOND_PAGE)
@pytest.mark.parametrize("fault", ["connection_reset", "cut_body"])
def test_the_connection_breaks(sandbox: Sandbox, fault: str, name: str) -> None:
    sandbox.providers[name].fault(fault)

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)) as broken:
        ask(sandbox, name)

    assert ("IncompleteRead" in str(broken.value)) is (fault == "cut_body")
    assert sandbox.requests.of(kind="list")[-1].status == {"cut_body": 200, "connection_reset": None}[fault]
    assert ask(sandbox, name).status_code == 200


def test_a_slow_answer_is_right_but_late(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("slow", seconds=0.2)

    started = monotonic()
    answer = ask(sandbox, "caoloon")

    assert monotonic() - started >= 0.2
    assert answer.json()["page"] == 1


@pytest.mark.parametrize(("of", "expected"), [("previous", 2), ("first", 1)])
def test_a_repeated_page_is_the_one_before_or_the_first(sandbox: Sandbox, of: str, expected: int) -> None:
    sandbox.caoloon.fault("repeated_page", page=3, of=of)

    pages = {number: ask(sandbox, "caoloon", f"page={number}").json() for number in (1, 2, 3)}

    assert pages[3]["models"] == pages[expected]["models"]
    assert pages[3]["page"] == 3


def test_the_page_before_the_first_is_the_first(sandbox: Sandbox) -> None:
    right = ask(sandbox, "caoloon").json()
    sandbox.caoloon.fault("repeated_page")

    assert ask(sandbox, "caoloon").json() == right


@pytest.mark.parametrize(
    ("name", "fault", "body"),
    [
        ("valomnia", "status_400", {"error": "invalid_param", "error_description": "Bad request."}),
        ("valomnia", "status_404", {"error": "not_found", "error_description": "Not found."}),
        ("valomnia", "status_500", {"error": "server_error", "error_description": "Something went wrong."}),
        ("mijnklantportaal", "status_429", {"code": 429, "message": "Too many requests."}),
    ],
)
def test_error_bodies_are_the_documented_ones(sandbox: Sandbox, name: str, fault: str, body: object) -> None:
    sandbox.providers[name].fault(fault)

    assert ask(sandbox, name).json() == body


@pytest.mark.parametrize("name", NEXT)
def test_a_constant_next_page_is_the_second(sandbox: Sandbox, name: str) -> None:
    sandbox.providers[name].fault("constant_next_page", forever=True)
    last_page = {"caoloon": "pageSize=100&page=3", "mijnklantportaal": "page=17", "valomnia": "max=100&offset=200"}

    first = NEXT[name](ask(sandbox, name, {**last_page, "caoloon": "pageSize=100", "valomnia": "max=100"}[name]).json())
    last = NEXT[name](ask(sandbox, name, last_page[name]).json())

    assert first == last
    assert first is not None


def test_a_capped_page_agrees_with_its_envelope(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("page_capped", size=4)
    sandbox.caoloon.fault("page_capped", size=4)

    valomnia = ask(sandbox, "valomnia", "max=10&offset=10").json()
    caoloon = ask(sandbox, "caoloon", "pageSize=10&page=2").json()

    assert (valomnia["paging"]["max"], valomnia["paging"]["offset"], len(valomnia["data"])) == (4, 10, 4)
    assert valomnia["paging"]["next"].startswith("/api/v1.0/customers?max=4&offset=14&")
    assert (caoloon["pageSize"], caoloon["page"], len(caoloon["models"])) == (4, 2, 4)
    assert [row["guid"] for row in caoloon["models"]] == list(sandbox.caoloon.listed())[4:8]


@pytest.mark.parametrize(
    ("fault", "header", "value"),
    [
        ("status_429", "retry-after", "7"),
        ("status_429_http_date", "retry-after", "Thu, 01 Jan 1970 00:16:47 GMT"),
        ("status_429_reset", "x-ratelimit-reset", "1007"),
        ("status_429_negative", "retry-after", "-7"),
        ("status_429_junk", "retry-after", "soon"),
        ("status_429_absurd", "retry-after", "1000000000000"),
        ("status_429_none", "retry-after", None),
        ("status_503_retry_after", "retry-after", "7"),
    ],
)
def test_too_many_requests_tells_the_wait_in_many_ways(
    sandbox: Sandbox, fault: str, header: str, value: str | None
) -> None:
    sandbox.clock = lambda: 1000.0
    sandbox.caoloon.fault(fault, seconds=7)

    headers = ask(sandbox, "caoloon").headers

    assert headers.get(header) == value
    assert len({"retry-after", "x-ratelimit-reset"} & set(map(str.lower, headers))) == (value is not None)


@pytest.mark.parametrize("fault", ["status_429", "status_503_retry_after"])
def test_a_wait_can_be_of_no_time(sandbox: Sandbox, fault: str) -> None:
    sandbox.caoloon.fault(fault, seconds=0)

    assert ask(sandbox, "caoloon").headers["retry-after"] == "0"


def test_an_outage_has_a_page_and_not_the_error_of_the_api(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("html_502")

    answer = ask(sandbox, "valomnia")

    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert "<html>" in answer.text


def test_redirects_lead_where_they_are_told_to(sandbox: Sandbox) -> None:
    sandbox.caoloon.fault("redirect_other_host", on=1, location="http://127.0.0.2:9/x")
    sandbox.caoloon.fault("redirect_same_origin", on=2)
    sandbox.caoloon.fault("redirect_same_origin", on=3, location="/login")

    locations = [ask(sandbox, "caoloon", "page=2").headers["location"] for _ in range(3)]

    assert locations == ["http://127.0.0.2:9/x", f"{sandbox.url}/portal/customer/?page=2", f"{sandbox.url}/login"]


def test_an_expired_session_is_gone_for_later_requests_too(sandbox: Sandbox) -> None:
    cookie = {"cookie": ask(sandbox, "valomnia").request.headers["cookie"]}
    sandbox.valomnia.fault("session_expired")

    statuses = [ask(sandbox, "valomnia", headers=cookie).status_code for _ in range(2)]

    assert statuses == [302, 302]
    assert ask(sandbox, "valomnia").status_code == 200
