"""A row that is added while another one is deleted leaves the total as it was: what it hides is found all the same."""

from typing import Literal

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import configured_catalog, read
from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.recording import RequestRecord
from integration_tests.streams import delivered, expected


@pytest.mark.parametrize("order", ["newest", "oldest", "guid"])
@pytest.mark.parametrize("stream", ["invitations", "collective_labour_agreements", "inquiries_pay_equity"])
def test_a_swap_between_two_pages_hides_no_row(
    sandbox: Sandbox, time: Time, stream: str, order: Literal["newest", "oldest", "guid"]
) -> None:
    sandbox.clock = lambda: time.now().timestamp()
    api, table = sandbox.caoloon, sandbox.caoloon.tables[stream]
    api.list_order = order
    time.sleep(3600)
    swaps = iter(range(2))

    def swap(request: RequestRecord) -> None:
        # A row of the first page, which was answered, goes; the rows behind it move up.
        if request.value("page") == "2" and next(swaps, None) is not None:
            first = table.select(api.order(table, request), {})[0]
            table.delete(first.row[table.resource.key])
            table.insert(1)

    there = expected(sandbox, "caoloon", stream)
    api.before_answer = swap

    outcome = read(sandbox.config("caoloon", page_size=10, concurrency=1), catalog=configured_catalog([stream]))

    assert outcome.is_complete
    assert len(there) > 20  # three pages
    assert there.keys() & expected(sandbox, "caoloon", stream).keys() <= delivered(outcome, "caoloon", stream).keys()
