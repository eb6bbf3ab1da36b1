"""Each guard is switched off once: the scenario that it is for must then go wrong, and go right with it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

import orjson
import pytest
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.components import answers, moments, origins, waiting
from source_customers.components.answers import Envelope, Page
from source_customers.components.cursor import PageCursor
from source_customers.components.listing import Listing
from source_customers.components.moments import parse_moment
from source_customers.components.paging import PageNumber
from source_customers.components.retriever import PagedRetriever
from unit_tests.moving_list import MovingList
from unit_tests.test_delivery_model import clock_of, sync

DAY = timedelta(days=1)


class WentWrongError(AssertionError):
    """The scenario lost a row, delivered what is none, or said something untrue."""


def require(truth: bool) -> None:
    if not truth:
        raise WentWrongError


def synced(provider: str, order: str, at_request: int, event: Callable[[MovingList], object], **config: Any) -> None:
    """Read a list of ten to which something happens at one request; every row that stays must come."""
    api = MovingList(provider, order)
    for index in range(10):
        api.insert(age=DAY - timedelta(seconds=index))

    def before_answer() -> None:
        if api.requests == at_request:
            event(api)

    api.before_answer = before_answer
    delivered: dict[int, int] = {}
    before = set(api.rows)
    with clock_of(api):
        sync(api, delivered, None, **{"page_size": 3, "concurrency": 1, **config})
    require(before & set(api.rows) <= set(delivered))


def delete_the_first_two(api: MovingList) -> None:
    for key in sorted(api.rows)[:2]:
        del api.rows[key]


def update_the_last(api: MovingList) -> None:
    api.update(2)


def update_the_oldest_two(api: MovingList) -> None:
    for key in sorted(api.rows)[:2]:
        api.update(key)


def listed(pages: Sequence[Page]) -> list[Any]:
    """Read a numbered list whose requests are answered with these pages, one after another."""
    given = iter([*pages, *[pages[-1]] * 5])
    paging = PageNumber({}, parameter="page")
    reading = Listing("customers", paging, lambda _position: next(given), 1, "id")
    return [row["id"] for page in reading.pages() for row in page.rows]


def rows(*ids: int) -> list[dict[str, Any]]:
    return [{"id": each} for each in ids]


def repeated_page() -> None:
    first, second = Page(rows(1, 2), total=4, more=True), Page(rows(3, 4), total=4, more=False)
    wrong = Page(rows(1, 2), total=4, more=False)
    require(set(listed([first, wrong, second])) == {1, 2, 3, 4})


def short_list() -> None:
    short = [Page(rows(1, 2), total=4, more=True), Page(rows(3), total=4, more=False)]
    whole = [Page(rows(1, 2), total=4, more=True), Page(rows(3, 4), total=4, more=False)]
    require(set(listed([*short, *whole])) == {1, 2, 3, 4})


def changed_page_size() -> None:
    first, last = Page(rows(1, 2), more=True, first=1), Page(rows(5), more=False, first=5)
    capped, whole = Page(rows(2), more=True, first=2), Page(rows(3, 4), more=True, first=3)
    require(set(listed([first, capped, last, first, whole, last])) == {1, 2, 3, 4, 5})


def changed_announced_page_size() -> None:
    first, second = Page(rows(1, 2), total=5, more=True, size=2), Page(rows(3, 4), total=5, more=True, size=2)
    capped, end = Page(rows(3), total=5, more=True, size=1), Page([], total=5, more=False, size=2)
    last = Page(rows(5), total=5, more=False, size=2)
    require(set(listed([first, second, capped, end, first, second, last])) == {1, 2, 3, 4, 5})


def refuses(envelope: Envelope, answer: Any) -> None:
    try:
        envelope.read(orjson.dumps(answer), 1)
    except answers.UnexpectedAnswerError:
        return
    raise WentWrongError


ROOT = Envelope({}, key="id")
NUMBERED = Envelope({}, key="id", rows="rows", page="page", next="next", next_is_page=True, total="total")
SPANNED = Envelope({}, key="id", rows="rows", first="from", last="to")
FINE: dict[str, Any] = {"rows": rows(1), "page": 1, "next": 2, "total": 2}


def error_object() -> None:
    refuses(ROOT, {"error": "server_error"})


def other_page() -> None:
    refuses(NUMBERED, {**FINE, "page": 2})


def constant_next_page() -> None:
    refuses(NUMBERED, {**FINE, "next": 1})


def row_without_key() -> None:
    refuses(ROOT, [{}])


def rows_missing_from_the_page() -> None:
    refuses(SPANNED, {"rows": rows(1), "from": 1, "to": 2})


def rows_within_the_last_second() -> None:
    api = MovingList("caoloon")
    row = api.insert(age=timedelta(seconds=10.3))
    api.rows = {row: api.rows[row]}
    bound = moments.UPPER_BOUND["epoch_seconds"](api.rows[row][0])
    require(datetime.fromtimestamp(int(bound), timezone.utc) >= api.rows[row][0])


def other_origin() -> None:
    require(not origins.same_origin("https://caoloon.com.evil.example/", "https://caoloon.com"))
    require(not origins.same_origin("http://caoloon.com/", "https://caoloon.com"))


def a_failed_sync() -> None:
    """With the newest rows first, a sync that fails on page 2 must leave the state where it was."""
    api = MovingList("caoloon", "newest")
    for index in range(10):
        api.insert(age=DAY - timedelta(seconds=index))

    def before_answer() -> None:
        if api.requests > 1:
            raise AirbyteTracedException("fails")

    api.before_answer = before_answer
    cursors: list[PageCursor] = []
    noting = mock.patch.object(PageCursor, "advance", autospec=True, side_effect=_noting(cursors))
    with clock_of(api), noting, pytest.raises(AirbyteTracedException):
        sync(api, {}, None, page_size=3, concurrency=1)
    require(parse_moment(cursors[0].state["updatedAt"]) == moments.EPOCH)


def _noting(cursors: list[PageCursor]) -> Callable[..., None]:
    original = PageCursor.advance

    def advance(cursor: PageCursor, moment: datetime) -> None:
        cursors.append(cursor)
        original(cursor, moment)

    return advance


def a_row_from_the_future() -> None:
    api = MovingList("caoloon", "newest")
    api.insert(age=-365 * DAY)
    destination: dict[int, int] = {}
    with clock_of(api):
        state = sync(api, destination, None)
        api.pass_time(3600)
        key = api.insert()
        api.pass_time(3600)
        sync(api, destination, state)
    require(key in destination)


def a_row_that_arrives_late() -> None:
    api = MovingList("valomnia")
    api.insert()
    destination: dict[int, int] = {}
    with clock_of(api):
        state = sync(api, destination, None)
        late = api.insert(age=timedelta(minutes=5))
        sync(api, destination, state)
    require(late in destination)


def an_order_that_was_not_given() -> None:
    """A server that does not know how to sort: what it lists last may have changed before what it lists first."""
    api = MovingList("valomnia", "key")
    for index in range(60):
        api.insert(age=DAY + timedelta(seconds=index))
    destination: dict[int, int] = {}
    with clock_of(api):
        state = sync(api, destination, None, killed_after=50, page_size=3, concurrency=1)
        sync(api, destination, state, lookback_window="PT0S")
    require(set(api.rows) <= set(destination))


def a_clock_that_is_ahead() -> None:
    """Without change times in the rows, the state is the API's clock, not ours."""
    api = MovingList("coredination")
    api.insert(age=DAY)
    destination: dict[int, int] = {}
    strip = Envelope.read

    def without_change_time(envelope: Envelope, body: bytes, position: int) -> Page:
        page = strip(envelope, body, position)
        return Page([{key: row[key] for key in ("id", "version")} for row in page.rows], page.total, page.more)

    ours_is_ahead = mock.patch.object(waiting, "now", lambda: api.now + 3 * DAY)
    with clock_of(api), ours_is_ahead, mock.patch.object(Envelope, "read", without_change_time):
        api.server_time = api.now
        state = sync(api, destination, None)
        api.pass_time(60)
        key = api.insert()
        sync(api, destination, state)
    require(key in destination)


def nothing(*_: Any, **__: Any) -> None:
    return None


def always(*_: Any, **__: Any) -> bool:
    return True


def never(*_: Any, **__: Any) -> bool:
    return False


def no_pages(*_: Any) -> Iterator[Page]:
    return iter(())


def uncapped(cursor: PageCursor, moment: datetime) -> None:
    cursor._highest = max(cursor._highest, moment)


def unchecked_rows(_envelope: Envelope, answer: Any) -> Any:
    return answer if isinstance(answer, list) else answer["rows"]


GUARDS: dict[str, tuple[tuple[object, str, object], Callable[[], None]]] = {
    "a smaller total is noticed": (
        (Listing, "_follows", always),
        lambda: synced("caoloon", "key", 2, delete_the_first_two),
    ),
    "pages that overlap are compared": (
        (Listing, "_follows", always),
        lambda: synced("coredination", "key", 2, delete_the_first_two),
    ),
    "pages in the order of change are compared": (
        (Listing, "_follows", always),
        lambda: synced("valomnia", "oldest", 2, update_the_oldest_two),
    ),
    "what changed meanwhile is read": (
        (PagedRetriever, "_tail", no_pages),
        lambda: synced("caoloon", "newest", 2, update_the_last),
    ),
    "a page for two positions is noticed": ((Listing, "_is_repeated", never), repeated_page),
    "a list shorter than announced is noticed": ((Listing, "_is_whole", always), short_list),
    "another page size on the way is noticed": ((Listing, "_continues", always), changed_page_size),
    "another announced page size is noticed": ((Listing, "_continues", always), changed_announced_page_size),
    "an error object is no list": ((Envelope, "_rows", lambda *_: []), error_object),
    "rows have their key": ((Envelope, "_rows", unchecked_rows), row_without_key),
    "the page is the one asked for": ((Envelope, "_promised", lambda *_: 1), other_page),
    "the next page is the one after": ((Envelope, "_more", always), constant_next_page),
    "the rows are as many as announced": ((Envelope, "_first", nothing), rows_missing_from_the_page),
    "an upper bound is rounded up": (
        (moments, "UPPER_BOUND", moments.LOWER_BOUND),
        rows_within_the_last_second,
    ),
    "origins are compared": ((origins, "same_origin", always), other_origin),
    "the state waits for the end": (
        (PageCursor, "state", property(lambda cursor: {"updatedAt": cursor._highest.isoformat()})),
        a_failed_sync,
    ),
    "the state is never ahead of the sync": ((PageCursor, "advance", uncapped), a_row_from_the_future),
    "the lookback is read again": (
        (PageCursor, "lower_bound", property(lambda cursor: cursor._reached)),
        a_row_that_arrives_late,
    ),
    "the order is looked at": ((PageCursor, "last_in_order", lambda *_: moments.EPOCH), an_order_that_was_not_given),
    "the API's clock counts": ((PageCursor, "note_server_time", nothing), a_clock_that_is_ahead),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_the_scenario_goes_right_with_its_guard(guard: str) -> None:
    _, scenario = GUARDS[guard]
    scenario()


@pytest.mark.parametrize("guard", GUARDS)
def test_the_scenario_goes_wrong_without_its_guard(guard: str) -> None:
    (owner, name, replacement), scenario = GUARDS[guard]
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(owner, name, replacement))
        stack.enter_context(pytest.raises(WentWrongError))
        scenario()
