"""Pages of one row: the overlap, the only guard where there is no total, survives any page size."""

import pytest

from integration_tests.connector import read
from integration_tests.rows import delivered
from integration_tests.sandbox import RequestRecord, Sandbox


def delete_during(sandbox: Sandbox, at_request: int, first: int = 0) -> set[str | int]:
    """Delete the row at a place of the list before one request is answered; return the keys that stay."""
    api = sandbox.coredination
    gone = sorted(api.rows)[first]

    def before_answer(_request: RequestRecord) -> None:
        if len(api.requests.of(kind="list")) == at_request:
            api.delete(gone)

    api.before_answer = before_answer
    return set(api.rows) - {gone}


@pytest.fixture
def short(sandbox: Sandbox) -> Sandbox:
    """A sandbox with twelve customers of Coredination."""
    sandbox.coredination.delete(*sorted(sandbox.coredination.rows)[12:])
    return sandbox


@pytest.mark.parametrize("cap", [500, 1])
@pytest.mark.parametrize("at_request", [2, 3, 5, 9])
def test_a_deletion_between_two_pages_hides_no_row(short: Sandbox, cap: int, at_request: int) -> None:
    short.coredination.max_page_size = cap
    stay = delete_during(short, at_request)

    outcome = read(short.config("coredination", page_size=1, concurrency=1))

    assert outcome.is_complete
    assert stay <= set(delivered(outcome, "coredination"))


def test_two_rows_are_asked_for_so_that_pages_can_overlap(short: Sandbox) -> None:
    outcome = read(short.config("coredination", page_size=1, concurrency=1))

    assert outcome.is_complete
    queries = short.coredination.requests.of(kind="list").queries()
    assert {query["limit"] for query in queries} == {"2"}
    assert [query["offset"] for query in queries][:4] == ["0", "1", "2", "3"]
    assert len(outcome.rows()) == 12


@pytest.mark.parametrize("cap", [500, 2, 1])
def test_without_a_change_each_row_comes_once(short: Sandbox, cap: int) -> None:
    short.coredination.max_page_size = cap

    outcome = read(short.config("coredination", page_size=1))

    assert outcome.is_complete
    assert sorted(row["id"] for row in outcome.rows()) == sorted(short.coredination.rows)
