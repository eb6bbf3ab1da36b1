"""Every list can be read to its end, page by page, as its document says."""

from typing import Any

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import ask

Json = dict[str, Any]


def caoloon_pages(sandbox: Sandbox, size: int) -> list[Json]:
    pages = [ask(sandbox, "caoloon", f"pageSize={size}").json()]
    while pages[-1]["nextPage"] is not None:
        pages.append(ask(sandbox, "caoloon", f"pageSize={size}&page={pages[-1]['nextPage']}").json())
    return pages


def mijnklantportaal_pages(sandbox: Sandbox) -> list[Json]:
    pages = [ask(sandbox, "mijnklantportaal").json()]
    while pages[-1]["next_page_url"] is not None:
        pages.append(ask(sandbox, "mijnklantportaal", f"page={len(pages) + 1}").json())
    return pages


def test_caoloon_names_the_next_page_until_the_last(sandbox: Sandbox) -> None:
    pages = caoloon_pages(sandbox, 40)

    assert [page["page"] for page in pages] == [1, 2, 3, 4, 5, 6]
    assert [page["nextPage"] for page in pages] == [2, 3, 4, 5, 6, None]
    guids = [row["guid"] for page in pages for row in page["models"]]
    assert guids == list(sandbox.caoloon.listed())


def test_caoloon_ends_on_a_full_page(sandbox: Sandbox) -> None:
    total = len(sandbox.caoloon.listed())

    assert ask(sandbox, "caoloon", f"pageSize={total}").json()["nextPage"] is None
    assert ask(sandbox, "caoloon", f"pageSize={total - 1}").json()["nextPage"] == 2


def test_mijnklantportaal_tells_the_last_page_only_by_its_missing_next(sandbox: Sandbox) -> None:
    pages = mijnklantportaal_pages(sandbox)

    assert [row["id"] for page in pages for row in page["data"]] == list(sandbox.mijnklantportaal.rows)
    assert [(page["from"], page["to"]) for page in pages[-2:]] == [(226, 240), (241, 250)]
    assert pages[1]["prev_page_url"] == f"{sandbox.url}/v1/customers?page=1"


@pytest.mark.parametrize("number", ["0", "-1", "two", ""])
def test_mijnklantportaal_takes_what_is_no_page_for_the_first(sandbox: Sandbox, number: str) -> None:
    assert ask(sandbox, "mijnklantportaal", f"page={number}").json()["current_page"] == 1


def test_mijnklantportaal_has_no_page_size_to_ask_for(sandbox: Sandbox) -> None:
    assert len(ask(sandbox, "mijnklantportaal", "per_page=50&limit=50").json()["data"]) == 15


def test_coredination_skips_and_limits(sandbox: Sandbox) -> None:
    rows = ask(sandbox, "coredination", "limit=7&offset=5").json()

    assert [row["id"] for row in rows] == list(sandbox.coredination.listed())[5:12]


def test_valomnia_links_back_and_forth(sandbox: Sandbox) -> None:
    middle = ask(sandbox, "valomnia", "max=100&offset=100&sort=name&order=desc").json()["paging"]
    last = ask(sandbox, "valomnia", "max=100&offset=200").json()["paging"]

    assert middle["previous"] == "/api/v1.0/customers?max=100&offset=0&sort=name&order=desc"
    assert middle["next"] == "/api/v1.0/customers?max=100&offset=200&sort=name&order=desc"
    assert last["next"] is None


def test_valomnia_links_leave_the_filters_out(sandbox: Sandbox) -> None:
    paging = ask(sandbox, "valomnia", "max=1&isActive=true").json()["paging"]

    assert paging["next"] == "/api/v1.0/customers?max=1&offset=1&sort=dateCreated&order=asc"


def test_page_sizes_when_none_is_asked_for(sandbox: Sandbox) -> None:
    assert ask(sandbox, "caoloon").json()["pageSize"] == 20
    assert len(ask(sandbox, "coredination").json()) == 100
    assert ask(sandbox, "valomnia").json()["paging"]["max"] == 100


def test_a_larger_page_than_allowed_is_cut_in_silence(sandbox: Sandbox) -> None:
    for provider in (sandbox.caoloon, sandbox.coredination, sandbox.valomnia):
        provider.max_page_size = 30

    caoloon = ask(sandbox, "caoloon", "pageSize=200&page=2").json()
    valomnia = ask(sandbox, "valomnia", "max=200").json()

    assert [row["guid"] for row in caoloon["models"]] == list(sandbox.caoloon.listed())[30:60]
    assert (caoloon["pageSize"], caoloon["page"], caoloon["nextPage"]) == (30, 2, 3)
    assert len(ask(sandbox, "coredination", "limit=200").json()) == 30
    assert (len(valomnia["data"]), valomnia["paging"]["max"]) == (30, 30)
    assert valomnia["paging"]["next"].startswith("/api/v1.0/customers?max=30&offset=30&")


def test_the_ceiling_is_five_hundred_unless_set(sandbox: Sandbox) -> None:
    sandbox.valomnia.insert(300)

    assert len(ask(sandbox, "valomnia", "max=1000").json()["data"]) == 500


def test_pages_past_the_end_are_empty(sandbox: Sandbox) -> None:
    caoloon = ask(sandbox, "caoloon", "page=900").json()
    mijnklantportaal = ask(sandbox, "mijnklantportaal", "page=900").json()
    valomnia = ask(sandbox, "valomnia", "offset=900").json()

    assert (caoloon["models"], caoloon["nextPage"]) == ([], None)
    assert mijnklantportaal["data"] == []
    assert (mijnklantportaal["from"], mijnklantportaal["to"], mijnklantportaal["next_page_url"]) == (None, None, None)
    assert ask(sandbox, "coredination", "offset=900").json() == []
    assert (valomnia["data"], valomnia["paging"]["next"]) == ([], None)


def test_coredination_can_answer_an_empty_list_without_a_body(sandbox: Sandbox) -> None:
    sandbox.coredination.empty_as_204 = True

    answer = ask(sandbox, "coredination", "offset=900")

    assert (answer.status_code, answer.content) == (204, b"")
    assert ask(sandbox, "coredination").status_code == 200


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("caoloon", "page=0"),
        ("caoloon", "page=two"),
        ("caoloon", "pageSize=0"),
        ("caoloon", "pageSize=1e2"),
        ("coredination", "limit=ten"),
        ("coredination", "limit=0"),
        ("coredination", "offset=-1"),
        ("valomnia", "max=0"),
        ("valomnia", "offset=x"),
    ],
)
def test_a_position_that_is_no_number_is_refused(sandbox: Sandbox, name: str, query: str) -> None:
    assert ask(sandbox, name, query).status_code == 400
