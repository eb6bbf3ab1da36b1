"""Rows whose place the order of the list leaves open, and fields that it cannot be ordered by."""

from collections.abc import Callable
from typing import Literal

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import ask

MANY = 60


@pytest.fixture
def equals(sandbox: Sandbox) -> set[int | str]:
    """The rows of Valomnia that were changed last, all in one second."""
    return set(sandbox.valomnia.change(touch=MANY).updated)


def last_changed(sandbox: Sandbox, size: int = MANY, offset: int = 0) -> list[int]:
    query = f"sort=lastUpdated&order=desc&max={size}&offset={offset}"
    return [row["id"] for row in ask(sandbox, "valomnia", query).json()["data"]]


def test_equals_keep_their_order(sandbox: Sandbox, equals: set[int | str]) -> None:
    first = last_changed(sandbox)

    assert set(first) == equals
    assert last_changed(sandbox) == first
    assert last_changed(sandbox, 20) + last_changed(sandbox, 40, 20) == first


def test_equals_have_another_order_in_every_request(sandbox: Sandbox, equals: set[int | str]) -> None:
    sandbox.valomnia.equals = "shuffled"

    orders = [last_changed(sandbox) for _ in range(3)]

    assert [set(order) for order in orders] == [equals] * 3
    assert len({tuple(order) for order in orders}) == 3


def test_the_orders_are_those_of_the_seed(sandbox: Sandbox) -> None:
    def orders() -> list[list[int]]:
        sandbox.reset()
        sandbox.clock = lambda: 1_780_315_200.0
        sandbox.valomnia.equals = "shuffled"
        sandbox.valomnia.change(touch=MANY)
        return [last_changed(sandbox) for _ in range(2)]

    assert orders() == orders()


def test_equals_have_the_order_of_a_plan(sandbox: Sandbox, equals: set[int | str]) -> None:
    sandbox.valomnia.equals = "plan"

    first = last_changed(sandbox)

    assert set(first) == equals
    assert last_changed(sandbox) == first
    assert last_changed(sandbox, MANY - 10, 10) == first[10:]
    assert last_changed(sandbox, 20) != first[:20]


@pytest.mark.parametrize("order", ["shuffled", "plan"])
def test_rows_that_are_not_equal_keep_their_place(sandbox: Sandbox, order: Literal["shuffled", "plan"]) -> None:
    sandbox.valomnia.equals = sandbox.caoloon.equals = sandbox.coredination.equals = order
    stamps = [row["lastUpdated"] for row in ask(sandbox, "valomnia", "sort=lastUpdated&max=500").json()["data"]]
    changed = [row["updatedAt"] for row in ask(sandbox, "caoloon", "pageSize=500").json()["models"]]
    ids = [row["id"] for row in ask(sandbox, "coredination", "limit=500").json()]

    assert stamps == sorted(stamps)
    assert len(set(stamps)) < len(stamps)
    assert sorted(changed, key=lambda text: text[:10], reverse=True) == changed
    assert ids == sorted(ids)


def test_equals_of_other_apis_move_too(sandbox: Sandbox) -> None:
    sandbox.caoloon.equals = sandbox.coredination.equals = "shuffled"
    sandbox.coredination.list_order = "newest"
    lists: dict[str, Callable[[], list[str]]] = {
        "caoloon": lambda: [row["guid"] for row in ask(sandbox, "caoloon", "pageSize=500").json()["models"]],
        "coredination": lambda: [row["id"] for row in ask(sandbox, "coredination", "limit=500").json()],
    }

    for name, read in lists.items():
        sandbox.providers[name].change(touch=MANY)
        assert read() != read()


def test_a_sort_can_be_ignored_in_silence(sandbox: Sandbox) -> None:
    default = ask(sandbox, "valomnia", "max=50").json()
    sandbox.valomnia.ignored_sorts = ["id"]

    ignored = ask(sandbox, "valomnia", "max=50&sort=id&order=desc").json()
    names = [row["name"] for row in ask(sandbox, "valomnia", "max=50&sort=name").json()["data"]]

    assert ignored["data"] == default["data"]
    assert ignored["paging"]["next"].endswith("sort=id&order=desc")
    assert names == sorted(names)


def test_a_sort_can_be_refused(sandbox: Sandbox) -> None:
    sandbox.valomnia.refused_sorts = ["id"]

    refused = ask(sandbox, "valomnia", "sort=id")

    assert refused.status_code == 400
    assert refused.json() == {
        "error": "invalid_param",
        "error_description": "The parameters [sort] you provided are not valid for this request.",
    }
    assert ask(sandbox, "valomnia", "sort=lastUpdated").status_code == 200
    assert ask(sandbox, "valomnia").status_code == 200
