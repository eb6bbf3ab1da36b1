"""A page all of whose rows changed, or moved, between two requests is a move and not a fault of the API."""

from datetime import timedelta

import pytest

from integration_tests.connector import configured_catalog, read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import RequestRecord, Sandbox


@pytest.mark.parametrize("provider", ["caoloon", "coredination", "valomnia"])
@pytest.mark.parametrize("order", ["id", "newest", "oldest"])
def test_all_rows_of_the_page_that_was_read_change(sandbox: Sandbox, provider: str, order: str) -> None:
    api = sandbox.providers[provider]
    if provider == "caoloon":
        sandbox.caoloon.list_order = "guid" if order == "id" else order  # type: ignore[assignment]
    elif provider == "coredination":
        sandbox.coredination.list_order = order  # type: ignore[assignment]
    there = listed(sandbox, provider)
    # In the order of the list that the connector asks for, as far as it can ask.
    in_order = list(api.listed(sort="id")) if provider == "valomnia" else list(there)

    def before_answer(_request: RequestRecord) -> None:
        number = len(api.requests.of(kind="list"))
        if number in {3, 6}:
            api.touch(*in_order[10 * (number - 2) : 10 * (number - 1)])

    api.before_answer = before_answer

    outcome = read(sandbox.config(provider, page_size=10, concurrency=1))

    assert outcome.is_complete, outcome.stream_errors
    assert set(there) <= set(delivered(outcome, provider))


def test_the_same_rows_on_two_pages_all_of_them_changed(sandbox: Sandbox) -> None:
    api = sandbox.coredination
    api.list_order = "newest"
    there = list(listed(sandbox, "coredination"))

    def before_answer(_request: RequestRecord) -> None:
        if len(api.requests.of(kind="list")) == 2:
            for seconds, key in enumerate(there[:10]):
                api.touch(key, at=api.now() - timedelta(seconds=seconds))
            api.insert(9, at=api.now() + timedelta(seconds=1))
            assert list(listed(sandbox, "coredination"))[9:19] == there[:10]

    api.before_answer = before_answer

    outcome = read(sandbox.config("coredination", page_size=10, concurrency=1))

    assert outcome.is_complete, outcome.stream_errors
    assert set(there) <= set(delivered(outcome, "coredination"))


def test_rows_inserted_before_all_others_push_a_whole_page_on(sandbox: Sandbox) -> None:
    api = sandbox.coredination
    api.list_order = "newest"
    there = listed(sandbox, "coredination")

    def before_answer(_request: RequestRecord) -> None:
        if len(api.requests.of(kind="list")) == 4:
            api.insert(9)  # just as many as a page goes on by

    api.before_answer = before_answer

    outcome = read(sandbox.config("coredination", page_size=10, concurrency=1))

    assert outcome.is_complete, outcome.stream_errors
    assert set(there) <= set(delivered(outcome, "coredination"))


def test_a_row_that_moves_to_the_end_hides_none_where_only_a_repetition_is_noticed(sandbox: Sandbox) -> None:
    api = sandbox.mijnklantportaal
    api.rate_limit = None
    there = set(api.rows)

    def before_answer(request: RequestRecord) -> None:
        if request.value("page") == "2":
            api.before_answer = None
            key, row = next(iter(api.rows.items()))
            api.delete(key)
            api.insert(row)

    api.before_answer = before_answer

    outcome = read(
        sandbox.config("mijnklantportaal", concurrency=1), catalog=configured_catalog(sync_mode="full_refresh")
    )

    assert outcome.is_complete, outcome.stream_errors
    assert there == set(delivered(outcome, "mijnklantportaal"))
