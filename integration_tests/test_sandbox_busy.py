"""Many changes at one moment, and an account that others work in meanwhile."""

from datetime import datetime, timezone
from itertools import count, pairwise

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import LISTS, ask
from integration_tests.sandbox.resource import Key, Row

NOON = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def ticking(sandbox: Sandbox) -> None:
    """A clock that is a second on whenever it is looked at."""
    seconds = count(NOON.timestamp())
    sandbox.clock = lambda: next(seconds)


@pytest.mark.usefixtures("ticking")
@pytest.mark.parametrize("name", ["caoloon", "coredination", "valomnia"])
def test_a_bulk_import_has_one_moment(sandbox: Sandbox, name: str) -> None:
    api = sandbox.providers[name]

    changed = api.change(insert=20, touch=30, update=10)
    inserted = api.insert(300)

    assert len({api.changed_at(key) for key in inserted}) == 1
    assert len({api.changed_at(key) for key in [*changed.inserted, *changed.updated]}) == 1
    assert (len(inserted), len(changed.inserted), len(changed.updated)) == (300, 20, 40)


@pytest.mark.parametrize("name", ["caoloon", "coredination", "valomnia"])
def test_the_moment_can_be_given(sandbox: Sandbox, name: str) -> None:
    api = sandbox.providers[name]
    changed = api.change(insert=2, touch=3, update=4, at=NOON)

    assert {api.changed_at(key) for key in [*changed.inserted, *changed.updated, *api.insert(2, at=NOON)]} == {NOON}


def test_a_touch_changes_the_change_time_alone(sandbox: Sandbox) -> None:
    before = sandbox.coredination.rows

    [key] = sandbox.coredination.change(touch=1, at=NOON).updated

    stamp = int(NOON.timestamp() * 1000)
    assert sandbox.coredination.rows == {**before, key: {**before[key], "lastModified": stamp}}


def test_a_change_of_another_kind_is_a_mistake(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="upsert"):
        sandbox.coredination.change(upsert=1)
    with pytest.raises(ValueError, match="only 250 rows"):
        sandbox.coredination.change(touch=200, delete=51)


def states(sandbox: Sandbox, name: str, requests: int) -> list[dict[Key, Row]]:
    """The rows at the start and after each request."""
    api = sandbox.providers[name]
    found = [api.rows]
    for _ in range(requests):
        assert ask(sandbox, name).status_code == 200
        found.append(api.rows)
    return found


@pytest.mark.parametrize("name", LISTS)
def test_somebody_changes_a_row_now_and_then(sandbox: Sandbox, name: str) -> None:
    sandbox.providers[name].busy_every = 3

    rows = states(sandbox, name, 9)

    assert [before != after for before, after in pairwise(rows)] == [False, False, True] * 3


def test_in_every_way_by_default(sandbox: Sandbox) -> None:
    sandbox.valomnia.busy_every = 1
    names = {key: row["name"] for key, row in sandbox.valomnia.rows.items()}

    after = states(sandbox, "valomnia", 40)[-1]

    assert set(after) - set(names)
    assert set(names) - set(after)
    assert [key for key in set(names) & set(after) if names[key] != after[key]["name"]]


@pytest.mark.parametrize(("kind", "rows"), [("insert", 255), ("delete", 245), ("update", 250), ("touch", 250)])
def test_or_in_the_ways_that_are_asked_for(sandbox: Sandbox, kind: str, rows: int) -> None:
    sandbox.valomnia.busy_every, sandbox.valomnia.busy_changes = 1, [kind]  # type: ignore[list-item]

    first, *_, last = states(sandbox, "valomnia", 5)

    assert len(last) == rows
    assert last != first


def test_the_changes_are_those_of_the_seed(sandbox: Sandbox) -> None:
    def run() -> list[dict[Key, Row]]:
        sandbox.reset()
        sandbox.clock = NOON.timestamp
        sandbox.caoloon.busy_every = 1
        return states(sandbox, "caoloon", 10)

    assert run() == run()


def test_the_answer_knows_of_the_change_before_it(sandbox: Sandbox) -> None:
    sandbox.coredination.busy_every, sandbox.coredination.busy_changes = 1, ["insert"]

    assert len(ask(sandbox, "coredination", "limit=500&inactive").json()) == 251


def test_a_request_that_is_refused_is_not_waited_for(sandbox: Sandbox) -> None:
    sandbox.caoloon.busy_every = 1
    before = sandbox.caoloon.rows

    ask(sandbox, "caoloon", headers={"authorization": ""})

    assert sandbox.caoloon.rows == before


def test_an_account_without_rows_cannot_lose_one(sandbox: Sandbox) -> None:
    sandbox.caoloon.delete(*sandbox.caoloon.rows)
    sandbox.caoloon.busy_every, sandbox.caoloon.busy_changes = 1, ["delete"]

    assert states(sandbox, "caoloon", 1) == [{}, {}]
