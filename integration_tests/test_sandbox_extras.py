"""Fields that no document names."""

from typing import Any

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import LISTS, ask

KEYS = {"caoloon": "guid", "mijnklantportaal": "id", "coredination": "id", "valomnia": "id"}


def rows(sandbox: Sandbox, name: str) -> list[dict[str, Any]]:
    document = ask(sandbox, name).json()
    return list(document if name == "coredination" else document["models" if name == "caoloon" else "data"])


@pytest.mark.parametrize("name", LISTS)
def test_rows_get_further_fields(sandbox: Sandbox, name: str) -> None:
    before, key = rows(sandbox, name), KEYS[name]
    sandbox.providers[name].extra_fields = {
        "vatNumber": "NL001",
        "score": {"value": 1.5, "history": [1, None]},
        "copy": lambda row: row[key],
    }

    extended = rows(sandbox, name)

    added = {"vatNumber": "NL001", "score": {"value": 1.5, "history": [1, None]}}
    assert extended == [{**row, **added, "copy": row[key]} for row in before]


@pytest.mark.parametrize(("name", "slash"), [("caoloon", "/"), ("coredination", ""), ("valomnia", "")])
def test_details_get_them_too(sandbox: Sandbox, name: str, slash: str) -> None:
    sandbox.providers[name].extra_fields = {"vatNumber": "NL001"}
    key = next(iter(sandbox.providers[name].rows))

    assert ask(sandbox, name, path=f"{LISTS[name].rstrip('/')}/{key}{slash}").json()["vatNumber"] == "NL001"


def test_fields_inside_of_fields(sandbox: Sandbox) -> None:
    before = sandbox.coredination.listed()
    sandbox.coredination.extra_fields = {"customerProjects": {"colour": "red"}, "creatorId": {"new": True}}
    sandbox.valomnia.extra_fields = {"customerCategory": {"rank": lambda category: category["id"] * 10}}

    projects = {key: row["customerProjects"] for key, row in sandbox.coredination.listed().items()}
    category = rows(sandbox, "valomnia")[0]["customerCategory"]

    assert projects == {
        key: [{**project, "colour": "red"} for project in row["customerProjects"]] for key, row in before.items()
    }
    assert any(projects.values())
    assert next(iter(sandbox.coredination.listed().values()))["creatorId"] == {"new": True}
    assert category["rank"] == category["id"] * 10
    assert set(category) > {"id", "reference", "rank"}


def test_the_rows_themselves_stay_as_they_are(sandbox: Sandbox) -> None:
    sandbox.valomnia.extra_fields = {"customerCategory": {"rank": 1}}
    rows(sandbox, "valomnia")

    assert all("rank" not in row["customerCategory"] for row in sandbox.valomnia.rows.values())
