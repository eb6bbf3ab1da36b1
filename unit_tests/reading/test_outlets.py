"""What comes out of a list beside its own rows: every row of every parent, in order, and states behind their rows."""

import logging
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.manifest.settings import LeftOut as LeftOutSettings
from source_customers.reading.left_out import LeftOut
from source_customers.reading.outlets import RowsInside
from source_customers.reading.page import Page
from source_customers.reading.state import State
from unit_tests.reading.parents import PARENT, Dictionary, rows_in, rows_of_parents, settings, taken, tickets

FIRST, SECOND = State({"at": 1}), State({"at": 2})
NO_SECRETS = LeftOut([], {})


def messages(*keys: int) -> list[dict[str, Any]]:
    return [{"id": key} for key in keys]


def refusal(outlet: Any, *items: Any) -> AirbyteTracedException:
    with pytest.raises(AirbyteTracedException) as caught:
        taken(outlet, *items)
    return caught.value


def inside(place_field: str = "", key: str = "id", left_out: LeftOut = NO_SECRETS) -> RowsInside:
    place = {"position_field": place_field} if place_field else {}
    parent = settings(parent={**PARENT, "rows": "messages", **place}).parent
    assert parent
    return RowsInside("messages", key, "id", parent, left_out)


class TestRowsOfParents:
    def test_rows_carry_the_key_of_their_parent_unless_they_have_it(self) -> None:
        api = Dictionary({"/tickets/7/messages": [{"id": 1}, {"id": 2, "ticketId": "7"}]})

        assert rows_in(taken(rows_of_parents(api), tickets(7))) == [
            {"ticketId": 7, "id": 1},
            {"ticketId": "7", "id": 2},
        ]

    def test_key_is_quoted_in_the_path(self) -> None:
        api = Dictionary({"/tickets/a%2Fb%3F%23%20c/messages": []})

        taken(rows_of_parents(api), tickets("a/b?# c"))

        assert api.asked == ["/tickets/a%2Fb%3F%23%20c/messages"]

    def test_a_state_comes_after_the_rows_of_all_parents_before_it(self) -> None:
        api = Dictionary({f"/tickets/{n}/messages": messages(n) for n in range(1, 5)}, is_slow=True)
        outlet = rows_of_parents(api)

        assert list(outlet.take(tickets(1, 2))) == []
        assert list(outlet.take(FIRST)) == []
        api.release()
        later = [*outlet.take(tickets(3)), *outlet.take(SECOND), *outlet.end()]

        assert [[row["id"] for row in item.rows] if isinstance(item, Page) else item for item in later] == [
            [1, 2],
            FIRST,
            [3],
            SECOND,
        ]

    def test_no_more_requests_are_on_their_way_than_the_connection_allows(self) -> None:
        api = Dictionary({f"/tickets/{n}/messages": messages(n) for n in range(50)}, concurrency=4, is_slow=True)
        outlet = rows_of_parents(api)

        most = max(api.on_their_way for _ in outlet.take(tickets(*range(50))))

        assert most <= 5  # a quarter more than are in flight may wait
        assert [row["id"] for row in rows_in(list(outlet.end()))][-1] == 49

    def test_a_parent_that_comes_again_is_asked_for_only_when_it_has_changed(self) -> None:
        api = Dictionary({"/tickets/1/messages": messages(1)})

        taken(rows_of_parents(api), tickets(1, title="a"), tickets(1, title="a"), tickets(1, title="b"))

        assert api.asked == ["/tickets/1/messages"] * 2

    def test_all_pages_of_a_parent_are_read(self) -> None:
        answers = {
            "/tickets/1/messages": {"data": messages(1, 2), "next": "?page=2"},
            "/tickets/1/messages?page=2": {"data": messages(3), "next": None},
            "/tickets/2/messages": {"data": [], "next": None},
        }
        outlet = rows_of_parents(
            Dictionary(answers), paging={"by": "page", "parameter": "page"}, envelope={"rows": "data", "next": "next"}
        )

        assert [row["id"] for row in rows_in(taken(outlet, tickets(1, 2)))] == [1, 2, 3]

    def test_a_parent_that_has_gone_has_no_rows(self) -> None:
        api = Dictionary({"/tickets/1/messages": None, "/tickets/2/messages": messages(2)})

        assert rows_in(taken(rows_of_parents(api), tickets(1, 2), FIRST)) == [{"ticketId": 2, "id": 2}]

    def test_only_one_parent_that_has_gone_is_no_error(self) -> None:
        assert taken(rows_of_parents(Dictionary({"/tickets/1/messages": None})), tickets(1), FIRST) == [FIRST]

    def test_a_path_that_no_parent_has_is_wrong_and_no_state_says_otherwise(self) -> None:
        outlet = rows_of_parents(Dictionary({"/tickets/1/messages": None, "/tickets/2/messages": None}))

        failure = refusal(outlet, tickets(1, 2), FIRST)

        assert failure.failure_type is FailureType.config_error
        assert failure.message == (
            "Stream messages: /tickets/{key}/messages was not found for any of the 2 rows of tickets that were asked "
            "for. The API does not have it, or has it elsewhere."
        )

    def test_a_row_itself_is_one_row(self) -> None:
        api = Dictionary({"/tickets/1": {"id": 1, "title": "a"}, "/tickets/2": {"title": "b"}})
        outlet = rows_of_parents(
            api, path="/tickets/{key}", envelope={"single": True, "keyless": True}, parent={**PARENT, "key_field": "id"}
        )

        assert rows_in(taken(outlet, tickets(1, 2))) == [{"id": 1, "title": "a"}, {"id": 2, "title": "b"}]

    def test_sample_is_of_the_first_parent_that_has_rows(self) -> None:
        api = Dictionary({"/tickets/1/messages": None, "/tickets/2/messages": [], "/tickets/3/messages": messages(3)})

        class Parents:
            def pages(self) -> Any:
                yield tickets(1, 2, 3, 4)

        [page] = rows_of_parents(api).sample(Parents())  # type: ignore[arg-type]  # stands in for a reader

        assert [row["id"] for row in page.rows] == [3]


class TestRowsInside:
    def test_rows_carry_the_key_of_their_parent_and_their_place(self) -> None:
        page = tickets(7, messages=[{"text": "a"}, {"text": "b"}])

        assert rows_in(taken(inside("place", "place"), page, FIRST)) == [
            {"ticketId": 7, "place": 1, "text": "a"},
            {"ticketId": 7, "place": 2, "text": "b"},
        ]

    def test_states_come_as_they_are(self) -> None:
        assert taken(inside(), tickets(7, messages=[]), FIRST, SECOND) == [FIRST, SECOND]

    def test_fields_are_left_out_of_the_rows_inside_too(self) -> None:
        left_out = LeftOut([LeftOutSettings(field="secret")], {})

        [row] = rows_in(taken(inside(left_out=left_out), tickets(7, messages=[{"id": 1, "secret": "s"}])))

        assert row == {"ticketId": 7, "id": 1}

    @pytest.mark.parametrize(
        ("given", "what"),
        [
            ({"id": 1}, "no list at `messages`"),
            ([1], "a row that is not an object"),
            ([{"text": "a"}], "a row without its key `id`"),
            ([{"id": None}], "a row without its key `id`"),
        ],
    )
    def test_what_is_no_list_of_rows_is_refused(self, given: Any, what: str) -> None:
        failure = refusal(inside(), tickets(7, messages=given))

        assert failure.failure_type is FailureType.transient_error
        assert what in str(failure.message)

    def test_a_field_that_no_parent_has_is_told(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            taken(inside(), tickets(1, 2))

        assert "none of the 2 rows that it hangs on has the field `messages`" in caplog.text

    def test_a_field_that_one_parent_has_is_not_missed(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            taken(inside(), tickets(1), tickets(2, messages=[]))

        assert caplog.text == ""
