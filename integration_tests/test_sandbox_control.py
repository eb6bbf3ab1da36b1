"""The control API, for another process."""

from typing import Any

import pytest
import requests

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import TIMEOUT, ask, log_in


def post(sandbox: Sandbox, path: str, body: Any) -> requests.Response:
    return requests.post(f"{sandbox.url}/_sandbox/{path}", json=body, timeout=TIMEOUT)


def test_lists_and_forgets_requests(sandbox: Sandbox) -> None:
    ask(sandbox, "caoloon", "page=2")
    ask(sandbox, "coredination")
    address = f"{sandbox.url}/_sandbox/requests"

    everything = requests.get(address, timeout=TIMEOUT).json()
    caoloon = requests.get(address, params={"provider": "caoloon", "stream": "customers"}, timeout=TIMEOUT).json()
    cleared = requests.delete(address, timeout=TIMEOUT)

    assert [request["provider"] for request in everything] == ["caoloon", "coredination"]
    assert [(r["method"], r["path"], r["query"], r["status"]) for r in caoloon] == [
        ("GET", "/portal/customer/", [["page", "2"]], 200)
    ]
    assert cleared.status_code == 204
    assert requests.get(address, timeout=TIMEOUT).json() == []


def test_shows_a_config_for_each_provider(sandbox: Sandbox) -> None:
    configs = requests.get(f"{sandbox.url}/_sandbox/configs", timeout=TIMEOUT).json()

    assert configs == {name: sandbox.config(name) for name in sandbox.providers}
    assert configs["caoloon"]["provider"]["base_url"] == sandbox.url


@pytest.mark.parametrize("name", ["caoloon", "mijnklantportaal", "coredination", "valomnia"])
def test_changes_rows_and_tells_which(sandbox: Sandbox, name: str) -> None:
    before = sandbox.providers[name].rows
    wanted = {"update": 3, "insert": 2, "delete": 4, "seed": 5}

    changed = post(sandbox, f"{name}/change", wanted).json()
    after = sandbox.providers[name].rows

    assert {kind: len(keys) for kind, keys in changed.items()} == {"updated": 3, "inserted": 2, "deleted": 4}
    assert set(before) - set(after) == set(changed["deleted"])
    assert set(after) - set(before) == set(changed["inserted"])
    differing = {key for key in set(before) & set(after) if before[key] != after[key]}
    assert differing == set(changed["updated"])
    sandbox.reset()
    assert post(sandbox, f"{name}/change", wanted).json()["updated"] == changed["updated"]
    sandbox.reset()
    assert post(sandbox, f"{name}/change", {**wanted, "seed": 6}).json()["updated"] != changed["updated"]


def test_can_change_every_row_at_once(sandbox: Sandbox) -> None:
    changed = post(sandbox, "coredination/change", {"update": 200, "delete": 50}).json()

    assert (len(changed["updated"]), len(changed["deleted"])) == (200, 50)
    assert len(sandbox.coredination.rows) == 200


def test_touches_and_inserts_at_a_moment(sandbox: Sandbox) -> None:
    wanted = {"touch": 40, "insert": 20, "at": "2026-06-01T12:00:00Z"}

    changed = post(sandbox, "valomnia/change", wanted).json()

    keys = [*changed["updated"], *changed["inserted"]]
    assert (len(keys), changed["deleted"]) == (60, [])
    assert {sandbox.valomnia.rows[key]["lastUpdated"] for key in keys} == {"2026-06-01T12:00:00Z"}


def test_floods_and_odd_headers_are_faults_too(sandbox: Sandbox) -> None:
    flood = {"kind": "huge_body", "endpoint": "login", "mebibytes": 2, "status": 400}
    post(sandbox, "valomnia/fault", flood)
    post(sandbox, "caoloon/fault", {"kind": "odd_headers", "status": 503, "headers": {"Retry-After": "²"}})

    assert len(log_in(sandbox).content) == 2 * 1024 * 1024
    assert ask(sandbox, "caoloon").headers["retry-after"] == "²"


def test_adds_and_clears_faults(sandbox: Sandbox) -> None:
    added = post(sandbox, "caoloon/fault", {"kind": "status_429", "page": 1, "seconds": 9})

    assert added.status_code == 201
    assert ask(sandbox, "caoloon").headers["retry-after"] == "9"
    assert requests.delete(f"{sandbox.url}/_sandbox/caoloon/fault", timeout=TIMEOUT).status_code == 204
    assert ask(sandbox, "caoloon").status_code == 200


def test_is_neither_recorded_nor_delayed(sandbox: Sandbox) -> None:
    sandbox.latency = 30.0

    assert requests.get(f"{sandbox.url}/_sandbox/requests", timeout=TIMEOUT).json() == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("acme/change", {"update": 1}, 404),
        ("caoloon/change", [], 400),
        ("caoloon/change", {"update": "1"}, 400),
        ("caoloon/change", {"insert": -1}, 400),
        ("caoloon/change", {"upsert": 1}, 400),
        ("caoloon/change", {"update": 200, "delete": 51}, 400),
        ("caoloon/change", {"touch": 1, "at": "noon"}, 400),
        ("caoloon/change", {"touch": 1, "at": "2026-06-01T12:00:00"}, 400),
        ("caoloon/change", {"touch": 1, "at": 5}, 400),
        ("caoloon/change", {"touch": 1, "seed": "1"}, 400),
        ("mijnklantportaal/change", {"touch": 1}, 400),
        ("caoloon/fault", {"kind": "status_500", "endpoint": "login"}, 400),
        ("caoloon/fault", {}, 400),
        ("caoloon/fault", {"kind": "no_such_fault"}, 400),
        ("caoloon/fault", {"kind": "session_expired"}, 400),
        ("caoloon/fault", {"kind": "slow", "secconds": 1}, 400),
    ],
)
def test_mistakes_are_refused(sandbox: Sandbox, path: str, body: Any, status: int) -> None:
    answer = post(sandbox, path, body)

    assert answer.status_code == status
    assert answer.json()["error"]
    assert len(sandbox.caoloon.rows) == 250


def test_changes_rows_of_any_list(sandbox: Sandbox) -> None:
    before = sandbox.valomnia.tables["orders"].rows

    changed = post(sandbox, "valomnia/change", {"stream": "orders", "update": 2, "insert": 1, "delete": 1}).json()

    after = sandbox.valomnia.tables["orders"].rows
    assert set(before) ^ set(after) == {*changed["inserted"], *changed["deleted"]}
    assert {key for key in set(before) & set(after) if before[key] != after[key]} == set(changed["updated"])
    assert post(sandbox, "valomnia/change", {"stream": "invoices", "update": 1}).status_code == 400
    assert post(sandbox, "valomnia/change", {"stream": 1, "update": 1}).status_code == 400


def test_strikes_a_stream(sandbox: Sandbox) -> None:
    post(sandbox, "coredination/fault", {"kind": "status_500", "stream": "assets"})

    paths = ["/api/1/customer", "/api/1/asset", "/api/1/asset"]

    assert [ask(sandbox, "coredination", path=path).status_code for path in paths] == [200, 500, 200]
