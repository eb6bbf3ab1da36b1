"""What a state says of a list that was read in part: it comes back as it was, or not at all."""

import json
from datetime import datetime, timedelta, timezone
from itertools import repeat
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from source_customers.manifest.settings import Bound, QueryParameter, Window
from source_customers.reading.api_list import ApiList
from source_customers.reading.census import Census
from source_customers.reading.cursor import Cursor
from source_customers.reading.listing import Listing
from source_customers.reading.partial import Partial
from unit_tests.model.shapes import SHAPES
from unit_tests.reading.lists import OFFSETS, connection, look_ahead

WINDOW = Window(lower=Bound(parameter="lastUpdated_gte", format="iso_seconds"))
NOON = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001


def api(path: str = "/customers", **config: Any) -> ApiList:
    query = [QueryParameter(parameter="isActive", field="active_only"), QueryParameter(parameter="name", field="name")]
    settings = structs.replace(SHAPES["valomnia"].settings, path=path, query=query)
    return ApiList("customers", "id", settings, {"page_size": 10, **config}, connection())


def listing_at(position: int, last_key: Any, rows_read: int) -> Listing:
    listing = Listing(OFFSETS, look_ahead([]), "id", Census(), by_key=True)
    listing.resume(position, last_key, rows_read)
    return listing


def cursor_at(highest: datetime) -> Cursor:
    cursor = Cursor("customers", "lastUpdated", "%s", WINDOW, {}, {})
    cursor.resume(highest)
    return cursor


@given(
    since=st.one_of(st.none(), moments),
    until=moments,
    highest=moments,
    last_key=st.one_of(st.text(min_size=1), st.integers(-(2**60), 2**60)),
    counts=st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)),
)
def test_comes_back_from_json_as_it_was(
    since: datetime | None, until: datetime, highest: datetime, last_key: Any, counts: tuple[int, int]
) -> None:
    position, count = counts
    until = max(until, since or until)
    said = Partial(since, until).at(listing_at(position, last_key, count), cursor_at(highest)).told(api())
    back = Partial.of(json.loads(json.dumps(said)), api())
    assert back == Partial(since, until, position, last_key, count, highest)
    listing = listing_at(0, None, 0)
    back.resume(listing)
    assert (listing.position, listing.last_key, listing.rows_read) == (position, last_key, count)


def told(**changed: Any) -> dict[str, Any]:
    state = Partial(NOON, NOON).at(listing_at(20, "k", 20), cursor_at(NOON)).told(api())
    return {"lastUpdated": "2024-01-01T00:00:00Z", "partial": {**state["partial"], **changed}}


def test_the_same_list_and_filters_go_on() -> None:
    assert Partial.of(told(), api()) is not None
    assert Partial.of(told(), api(password="other")) is not None


@pytest.mark.parametrize(
    "other", [api("/suppliers"), api(active_only=True), api(name="a")], ids=["path", "filter", "other filter"]
)
def test_another_list_begins_anew(other: ApiList) -> None:
    assert Partial.of(told(), other) is None


def test_the_mark_does_not_show_the_filters() -> None:
    filtered = api(name="Customer & Sons")
    said = Partial(NOON, NOON).at(listing_at(20, "k", 20), cursor_at(NOON)).told(filtered)
    assert "Sons" not in json.dumps(said)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"lastUpdated": "2024-01-01T00:00:00Z"},
        {"partial": None},
        {"partial": 1},
        {"partial": "x"},
        {"partial": []},
        {"partial": {}},
        {"partial": {"list": None}},
        told(until=None),
        told(until="soon"),
        told(until=[]),
        told(offset=None),
        told(offset="20"),
        told(offset=1.5),
        told(rows={}),
        told(rows=None),
        told(list=1),
        told(list=["x"]),
    ],
    ids=repeat("junk"),
)
def test_what_is_no_part_is_left_alone(state: dict[str, Any]) -> None:
    assert Partial.of(state, api()) is None


@pytest.mark.parametrize(("field", "value"), [("since", "soon"), ("highest", {})])
def test_junk_in_place_of_a_moment_is_none(field: str, value: Any) -> None:
    back = Partial.of(told(**{field: value}), api())
    assert back
    assert getattr(back, field) is None


def test_a_part_of_which_nothing_was_delivered_begins_at_the_beginning() -> None:
    listing = listing_at(0, None, 0)
    Partial(None, NOON + timedelta(1), position=20, rows=20).resume(listing)
    assert (listing.position, listing.rows_read) == (0, 0)
    assert cast("object", listing.last_key) is None
