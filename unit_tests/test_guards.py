"""Each guard is switched off once: the scenario that it is for must then go wrong, and go right with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import Any
from unittest import mock

import orjson
import pytest
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from msgspec import structs

from source_customers import waiting
from source_customers.connection import origins
from source_customers.connection.answers import UnexpectedAnswerError
from source_customers.failures import transient_error
from source_customers.manifest.settings import EnvelopeSettings
from source_customers.moments import EPOCH, parse_moment
from source_customers.reading import bounds, listing
from source_customers.reading import cursor as cursors
from source_customers.reading import partial as partials
from source_customers.reading.bounds import Bounds, _Side
from source_customers.reading.census import Census
from source_customers.reading.cursor import Cursor
from source_customers.reading.envelope import Envelope
from source_customers.reading.incremental import IncrementalRead
from source_customers.reading.listing import Listing
from source_customers.reading.page import Page
from source_customers.reading.partial import Partial
from source_customers.reading.recent import Recent
from unit_tests.model.connection import ModelClock, TooManyRequestsError
from unit_tests.model.habits import Habits
from unit_tests.model.play import COMPLETE, World
from unit_tests.model.server import Server
from unit_tests.model.shapes import SHAPES
from unit_tests.model.table import Table
from unit_tests.model.test_scenarios import DAY, OddMoments, once, read, world_of, world_with
from unit_tests.reading.lists import OFFSETS, all_rows, rows


class WentWrongError(AssertionError):
    """The scenario lost a row, delivered what is none, or said something untrue."""


def require(truth: bool) -> None:
    if not truth:
        raise WentWrongError


def every_row_comes(
    provider: str,
    habits: Habits,
    at_request: int,
    event: Callable[[World], object],
    count: int = 10,
    **server: Any,
) -> None:
    """Read a list to which something happens at one request: every row that stays must come, and it does."""
    world = world_with(provider, count, habits, **server)
    before = set(world.table.rows)
    ending, delivered, _ = read(world, once(at_request, lambda: event(world)))
    require(ending == COMPLETE)
    require(before & set(world.table.rows) <= set(delivered))


def no_complete_read_lacks_a_row(provider: str, habits: Habits, count: int, seeds: int = 40, **config: Any) -> None:
    """Read a list of equals in which nothing changes but their order, many times."""
    for seed in range(seeds):
        world = world_with(provider, count, habits, apart=0, seed=seed)
        ending, delivered, _ = read(world, **config)
        require(ending != COMPLETE or set(delivered) == set(world.table.rows))


def no_added_row_hides_another(count: int) -> None:
    """Add a row while a list of equals is read, a few of which change places, many times."""
    for seed in range(100):
        world = world_with("coredination", count, Habits(order="none", ties="swaps"), apart=0, seed=seed)
        before = set(world.table.rows)
        ending, delivered, _ = read(world, once(2, world.table.insert))
        require(ending != COMPLETE or before <= set(delivered))


def a_first_page_with_a_row_that_has_just_changed() -> None:
    """With a total that differs from the start on, a short list would be read again as a whole."""
    world = world_with("valomnia", 25, Habits(order="key"))
    world.table.update(5)
    ending, delivered, requests = read(world, page_size=10)
    require(ending == COMPLETE)
    require(set(world.table.rows) <= set(delivered))
    pages = 3
    require(requests <= pages + 2)  # the first one again, and what changed meanwhile


def single_rows_in_another_order() -> None:
    """The keys 1, 10, 11 ... 19 and 20 rise on pages of one row, and 2 comes between the last two."""
    world = world_with("valomnia", 60, Habits(order="key_as_text", cap=1))

    def change(request: int) -> None:
        for key in (60,) if request == 20 else ():
            world.table.delete(key)

    with suppress(TooManyRequestsError):  # an order that is none takes many requests, but loses nothing
        ending, delivered, _ = read(world, change, page_size=10)
        require(ending != COMPLETE or set(world.table.rows) <= set(delivered))


def a_closing_look_whose_total_stays_the_same() -> None:
    """Between the two pages of what changed meanwhile one row goes and another one comes: row 8 changes its page."""
    world = world_with("caoloon", 8, Habits(order="oldest"))

    def change(request: int) -> None:
        for key in (5, 6, 7, 8) if request == 2 else ():
            world.table.update(key)
        if request == 5:
            world.table.delete(5)
            world.table.insert()

    ending, delivered, _ = read(world, change)
    require(ending == COMPLETE)
    require(set(world.table.rows) <= set(delivered))


def delete_two(world: World) -> None:
    for key in (1, 2):
        world.table.delete(key)


def update(key: int) -> Callable[[World], None]:
    return lambda world: world.table.update(key)


def other_size_from_the_second_page() -> None:
    every_row_comes("mijnklantportaal", Habits(cap=2, cap_changes_at=2, later_cap=4), 0, delete_two, own_size=4)


def other_announced_size() -> None:
    first, far = Page(rows(1, 2), more=True, size=2), Page(rows(5, 6, 7), more=False, size=4)
    near, last = Page(rows(3, 4), more=True, size=2), Page(rows(5, 6, 7), more=False, size=2)
    require(all_rows([first, far, first, near, last]) == {1, 2, 3, 4, 5, 6, 7})


def rows_that_come_again_in_another_order() -> None:
    """The fifth and the sixth row are where other rows were asked for before, and one of those comes again."""
    jumbled = [Page(rows(1, 2, 3, 4)), Page(rows(3, 4, 1, 7))]
    still = [Page(rows(9, 1, 2, 3)), Page(rows(3, 4, 5, 6)), Page(rows(6, 7)), Page(rows(7))]
    require(all_rows([*jumbled, still[0], Page(rows(7)), *still], OFFSETS, presumes=True) == {1, 2, 3, 4, 5, 6, 7, 9})


def one_page_for_every_number() -> None:
    answered = 0

    def answer() -> Page:
        nonlocal answered
        answered += 1
        require(answered < 200)
        return Page(rows(1, 2), more=True)

    with pytest.raises(AirbyteTracedException):
        all_rows(iter(answer, None))


def a_page_that_was_promised_and_is_empty() -> None:
    world = world_with("mijnklantportaal", 4, own_size=2)
    ending, delivered, _ = read(world, once(2, partial(delete_two, world)))
    require(ending == COMPLETE)
    require({3, 4} <= set(delivered))


class IgnoresUpper(Server):
    """Takes an upper bound for a parameter that it does not know."""

    def answer(self, query: Sequence[tuple[str, str]], meanwhile: Callable[[], None] = lambda: None) -> Any:
        return super().answer([pair for pair in query if pair[0] != "updatedTo"], meanwhile)


def a_list_that_takes_in_what_is_too_new() -> None:
    table = Table()
    for index in range(10):
        table.insert(DAY - timedelta(seconds=index))
    world = world_of("caoloon", table, IgnoresUpper("caoloon", table, Habits(order="oldest")))

    def swap() -> None:
        table.pass_time(60)
        table.delete(1)
        table.insert()

    ending, delivered, _ = read(world, once(3, swap))
    require(ending != COMPLETE or set(range(2, 11)) <= set(delivered))


def let_through(provider: str, habits: Habits, age: timedelta, **config: Any) -> None:
    """Ask for what changed in the very moment in which a row changed: the row must come."""
    table = Table()
    key = table.insert(age)
    window = SHAPES[provider].settings.window
    assert window
    moment = table.rows[key].changed
    written = Bounds(window, config).parameters(moment, moment)
    answer = Server(provider, table, habits).answer([*_WHOLE_LIST[provider], *written])
    listed = answer if isinstance(answer, list) else answer.get("models") or answer.get("data")
    require(bool(listed))


_WHOLE_LIST = {
    "caoloon": [("page", "1"), ("pageSize", "10")],
    "coredination": [("offset", "0"), ("limit", "10")],
    "valomnia": [("offset", "0"), ("max", "10"), ("sort", "id"), ("order", "asc")],
}
WHOLE_SECOND, FRACTION = timedelta(seconds=10.25), timedelta(seconds=10)
EXCLUSIVE = Habits(inclusive=False, compares_seconds=True)


def refuses(envelope: Envelope, answer: Any) -> None:
    try:
        envelope.read(orjson.dumps(answer), 1)
    except UnexpectedAnswerError:
        return
    raise WentWrongError


ROOT = Envelope(EnvelopeSettings(), "id")
NUMBERED = Envelope(EnvelopeSettings(rows="rows", page="page", next="next", next_is_page=True, total="total"), "id")
SPANNED = Envelope(EnvelopeSettings(rows="rows", first="from", last="to"), "id")
FINE: dict[str, Any] = {"rows": rows(1), "page": 1, "next": 2, "total": 2}


def other_origin() -> None:
    require(not origins.same_origin("https://caoloon.com.evil.example/", "https://caoloon.com"))
    require(not origins.same_origin("http://caoloon.com/", "https://caoloon.com"))


def fail() -> None:
    raise transient_error("The scenario's server has failed.")


def a_failed_sync() -> None:
    """With the newest rows first, a sync that fails on page 2 must leave the state where it was."""
    world = world_with("caoloon", 10, Habits(order="newest"))
    read(world, once(3, fail))
    world.table.pass_time(3600)
    read(world, lookback_window="PT0S")
    require(set(world.table.rows) <= set(world.destination))


def a_sync_that_fails_between_two_parts() -> None:
    """The newest rows were delivered before the list moved; the rows before them are still to come."""
    world = world_with("caoloon", 30, Habits(order="newest"), apart=2000)
    failed = False

    def change(request: int) -> None:
        nonlocal failed
        if request == 4:
            world.table.delete(1)
        # Once a part has left its checkpoint, the rest fails.
        if world.state and not failed:
            failed = True
            fail()

    read(world, change)
    require(failed)
    world.table.pass_time(3600)
    read(world, lookback_window="PT0S")
    require(set(world.table.rows) <= set(world.destination))


def a_row_from_the_future() -> None:
    world = world_with("caoloon", 1, Habits(order="newest"), age=-365 * DAY)
    read(world)
    world.table.pass_time(3600)
    key = world.table.insert()
    world.table.pass_time(3600)
    read(world)
    require(key in world.destination)


def a_state_from_the_future() -> None:
    world = world_with("caoloon", 1)
    world.state = {"updatedAt": (world.table.now + 365 * DAY).isoformat()}
    read(world)
    world.table.pass_time(3600)
    key = world.table.insert()
    read(world)
    require(key in world.destination)


def a_row_that_arrives_late() -> None:
    world = world_with("valomnia", 1, age=timedelta(0))
    read(world)
    late = world.table.insert(timedelta(minutes=5))
    read(world)
    require(late in world.destination)


def another_list_under_the_same_state() -> None:
    """A sync is killed on the way, and the next one is told to read another list."""
    world = world_with("valomnia", 60, Habits(order="key"))

    def kill(request: int) -> None:
        if request == 27:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(world, kill)
    assert world.state
    assert "partial" in world.state
    shape = SHAPES["valomnia"]
    other = replace(shape, settings=structs.replace(shape.settings, path="/api/v1.0/suppliers"))
    with mock.patch.dict(SHAPES, valomnia=other):
        ending, delivered, _ = read(world)
    require(ending == COMPLETE)
    require(set(delivered) == set(world.table.rows))


def seconds_where_milliseconds_are_documented() -> None:
    table = Table()
    table.insert(DAY)
    world = world_of("coredination", table, OddMoments("coredination", table, Habits()))
    read(world)
    assert world.state
    require(parse_moment(world.state["lastModified"]) == EPOCH)


def a_clock_that_is_ahead() -> None:
    """Without change times in the rows, the state is the API's clock, not ours."""
    world = world_with("coredination", 1, Habits(hidden="always"))
    world.skew = 3 * 86_400
    read(world)
    world.table.pass_time(60)
    key = world.table.insert()
    read(world)
    require(key in world.destination)


def rows_of_today_come_once() -> None:
    world = world_with("coredination", 10, apart=0, age=timedelta(minutes=5))
    _, delivered, _ = read(world, modified_format="date")
    require(delivered.total() == 10)


def nothing(*_: Any, **__: Any) -> None:
    return None


def always(*_: Any, **__: Any) -> bool:
    return True


def never(*_: Any, **__: Any) -> bool:
    return False


def no_items(*_: Any) -> Iterator[Page]:
    return iter(())


def only_what_is_past(reading: IncrementalRead, part: Partial) -> Iterator[Any]:
    return reading._part(part.since, part.until, part)


def as_it_comes(reading: Listing, page: Page) -> Page:
    """Take a page for the one that follows, less the overlap."""
    return page if reading.position == reading._paging.first else page.after(reading._paging.overlap)


def known_in_any_order(keys: Sequence[Any], known: Sequence[Any]) -> int:
    return len(list(takewhile(lambda key: key in known, keys)))


def uncapped(cursor: Cursor, moment: Any) -> None:
    cursor._highest = max(cursor._highest, moment)


def begin_anywhere(cursor: Cursor, moment: Any) -> None:
    cursor.sync_start = moment


def commit_everything(cursor: Cursor, _until: Any = None) -> None:
    cursor._committed = max(cursor._committed, cursor._highest)


def unchecked_rows(envelope: Envelope, answer: Any) -> Any:
    return envelope._find(answer, "rows") if envelope._settings.rows else answer


def down(side: _Side, moment: Any) -> str:
    return side._text(moment - EPOCH)


def up(side: _Side, moment: Any) -> str:
    return side._text(moment - EPOCH, up=True)


def rounded(upwards: bool) -> Callable[..., str]:
    original = _Side._text
    return lambda side, passed, **_: original(side, passed, up=upwards)


Guard = tuple[object, str, object]
GUARDS: Mapping[str, tuple[Guard, Callable[[], None]]] = {
    # What the pages of a list prove together.
    "the order of the key is verified": (
        (Listing, "_in_order", as_it_comes),
        lambda: no_complete_read_lacks_a_row("valomnia", Habits(order="none", ties="swaps"), 20, page_size=5),
    ),
    "the next page begins at the last key or before": (
        (Listing, "_in_order", as_it_comes),
        lambda: every_row_comes("valomnia", Habits(order="key"), 3, delete_two, 60),
    ),
    "a first page of a longer list is asked for again": (
        (Listing, "_began_longer", never),
        a_first_page_with_a_row_that_has_just_changed,
    ),
    "a single row does not go back": (
        (Listing, "_goes_back", never),
        single_rows_in_another_order,
    ),
    "pages that overlap are compared": (
        (Listing, "_unknown", as_it_comes),
        lambda: every_row_comes("coredination", Habits(order="key"), 2, delete_two),
    ),
    "rows that come again have to come in their order": (
        (listing, "_length_in_order", known_in_any_order),
        rows_that_come_again_in_another_order,
    ),
    "rows that move others back have to be found": (
        (IncrementalRead, "_presumed", 0),
        lambda: no_added_row_hides_another(8),
    ),
    "rows that come again have to have moved back": (
        (Listing, "_moved_back", always),
        lambda: no_added_row_hides_another(6),
    ),
    "as many different keys as the total": (
        (Census, "counted", lambda _, total: total),
        lambda: no_complete_read_lacks_a_row("caoloon", Habits(order="none", ties="per_request"), 20, page_size=5),
    ),
    "a total that changes is noticed": (
        (Listing, "_disagrees", never),
        lambda: every_row_comes("caoloon", Habits(order="key"), 4, delete_two),
    ),
    "another number of the first row is noticed": ((Listing, "_disagrees", never), other_size_from_the_second_page),
    "another announced page size is noticed": ((Listing, "_disagrees", never), other_announced_size),
    "pages of one row are followed closely": (
        (Listing, "_follows_closely", always),
        lambda: every_row_comes("coredination", Habits(cap=1), 4, lambda world: world.table.delete(1)),
    ),
    "a promised page is not empty": ((Listing, "_keeps_its_word", always), a_page_that_was_promised_and_is_empty),
    "a page for every position is noticed": ((Listing, "_is_repeated", never), one_page_for_every_number),
    # What changes while the list is read.
    "what changed meanwhile is read": (
        (IncrementalRead, "_with_upper", only_what_is_past),
        lambda: every_row_comes("caoloon", Habits(order="newest"), 2, update(2)),
    ),
    "what changed meanwhile comes in one answer, or twice the same": (
        (Listing, "is_atomic", True),
        a_closing_look_whose_total_stays_the_same,
    ),
    "what changed meanwhile is read without an upper bound": (
        (IncrementalRead, "_changed_since", no_items),
        lambda: every_row_comes("coredination", Habits(order="newest"), 2, update(2)),
    ),
    "a row that is too new is no answer": (
        (Bounds, "slack", timedelta(days=3650)),
        a_list_that_takes_in_what_is_too_new,
    ),
    "a row is not delivered again just as it is": ((Recent, "new", lambda _, page: page), rows_of_today_come_once),
    # Bounds.
    "a lower bound is moved outwards": (
        (_Side, "down", down),
        lambda: let_through("caoloon", EXCLUSIVE, WHOLE_SECOND),
    ),
    "an upper bound is moved outwards": ((_Side, "up", up), lambda: let_through("caoloon", EXCLUSIVE, WHOLE_SECOND)),
    "a lower bound is rounded down": (
        (_Side, "_text", rounded(upwards=True)),
        lambda: let_through("valomnia", Habits(), FRACTION),
    ),
    "an upper bound is rounded up": (
        (_Side, "_text", rounded(upwards=False)),
        lambda: let_through("valomnia", Habits(), FRACTION),
    ),
    "a day begins at another time elsewhere": (
        (bounds, "_ZONES", timedelta(0)),
        lambda: let_through("coredination", Habits(zone=-5), timedelta(hours=11), modified_format="date"),
    ),
    # The state.
    "the state waits for the end": (
        (Cursor, "state", property(lambda cursor: {"updatedAt": cursor._highest.isoformat()})),
        a_failed_sync,
    ),
    "the state does not pass the part that was read": (
        (Cursor, "commit", commit_everything),
        a_sync_that_fails_between_two_parts,
    ),
    "the state is never ahead of the sync": ((Cursor, "_advance", uncapped), a_row_from_the_future),
    "a state from the future is not believed": ((Cursor, "begin", begin_anywhere), a_state_from_the_future),
    "the lookback is read again": (
        (Cursor, "lower_bound", property(lambda cursor: cursor._reached)),
        a_row_that_arrives_late,
    ),
    "a state within a list is marked with the list": (
        (partials, "_mark", lambda _: "any"),
        another_list_under_the_same_state,
    ),
    "a change time in another unit does not move the state": (
        (cursors, "_EARLIEST", EPOCH),
        seconds_where_milliseconds_are_documented,
    ),
    "the API's clock counts": ((ModelClock, "now", lambda _: waiting.now()), a_clock_that_is_ahead),
    # Answers.
    "an error object is no list": (
        (Envelope, "_rows", lambda *_: []),
        lambda: refuses(ROOT, {"error": "server_error"}),
    ),
    "rows have their key": ((Envelope, "_rows", unchecked_rows), lambda: refuses(ROOT, [{}])),
    "a list is no key": ((Envelope, "_rows", unchecked_rows), lambda: refuses(ROOT, [{"id": [1]}])),
    "an object is no key": ((Envelope, "_rows", unchecked_rows), lambda: refuses(ROOT, [{"id": {"a": 1}}])),
    "the page is the one asked for": (
        (Envelope, "_promised", lambda *_: 1),
        lambda: refuses(NUMBERED, {**FINE, "page": 2}),
    ),
    "the next page is the one after": ((Envelope, "_more", always), lambda: refuses(NUMBERED, {**FINE, "next": 1})),
    "an empty page promises no other": ((Envelope, "_more", always), lambda: refuses(NUMBERED, {**FINE, "rows": []})),
    "the rows are as many as announced": (
        (Envelope, "_first", nothing),
        lambda: refuses(SPANNED, {"rows": rows(1), "from": 1, "to": 2}),
    ),
    "origins are compared": ((origins, "same_origin", always), other_origin),
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
