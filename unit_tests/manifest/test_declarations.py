"""A manifest that says something without meaning or effect is refused by its path, with what is allowed."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.manifest.catalogue import load_manifest, manifest_paths
from source_customers.manifest.declarations import (
    RETRIEVER,
    check_connections,
    declared,
    is_plain,
    list_settings,
    resolved,
    stream_mistakes,
)
from source_customers.manifest.settings import ListSettings, PageNumber

Change = Callable[[dict[str, Any]], object]


def stream(**changes: Any) -> dict[str, Any]:
    """Return a stream that is right, with changes of its retriever."""
    retriever = {
        "type": "CustomRetriever",
        "class_name": RETRIEVER,
        "connection": {
            "origin": "https://api.example.test",
            "headers": {"Accept": "application/json; version={api_version}"},
            "authentication": {"method": "headers", "headers": {"X-Api-Key": {"field": "api_key"}}},
            "messages": {"401": "The key was refused."},
        },
        "path": "/v1/rows",
        "paging": {"by": "page", "parameter": "page", "size_parameter": "size", "size": "page_size"},
        "envelope": {"rows": "items", "total": "total", "next": "next"},
        "query": [{"parameter": "city", "field": "city"}],
        "window": {"lower": {"parameter": "since", "format": "iso_seconds"}},
        **changes,
    }
    return {
        "type": "DeclarativeStream",
        "name": "rows",
        "primary_key": "id",
        "retriever": retriever,
        "incremental_sync": {
            "type": "DatetimeBasedCursor",
            "cursor_field": "changed_at",
            "datetime_format": "%Y-%m-%dT%H:%M:%SZ",
            "start_datetime": {"type": "MinMaxDatetime", "datetime": "2024-01-01"},
        },
        "schema_loader": {"type": "InlineSchemaLoader", "schema": {}},
    }


def setting(path: str, value: Any) -> Change:
    """Return what sets a value at a dotted path of a stream, or removes what is there where the value is `...`."""

    def change(given: dict[str, Any]) -> None:
        *above, last = path.split("/")
        place: Any = given
        for step in above:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value

    return change


OFFSET = {"by": "offset", "parameter": "offset"}
LOWER = {"parameter": "since", "format": "iso_seconds"}
KEY = {"field": "api_key"}

# What is set, to what, and how the refusal begins.
TYPE_MISTAKES: dict[str, tuple[str, Any, str]] = {
    "step": ("incremental_sync/step", "P30D", "incremental_sync: unknown key `step`; allowed are type"),
    "cursor_granularity": ("incremental_sync/cursor_granularity", "PT1S", "incremental_sync: unknown key"),
    "end_datetime": ("incremental_sync/end_datetime", "2024-01-01", "incremental_sync: unknown key `end_datetime`"),
    "formats": ("incremental_sync/cursor_datetime_formats", ["%s"], "incremental_sync: unknown key"),
    "start_time_option": ("incremental_sync/start_time_option", {}, "incremental_sync: unknown key"),
    "is_data_feed": ("incremental_sync/is_data_feed", True, "incremental_sync: unknown key `is_data_feed`"),
    "start_datetime": ("incremental_sync/start_datetime/max_datetime", "x", "incremental_sync.start_datetime: unknown"),
    "other cursor": ("incremental_sync/type", "IncrementingCountCursor", "incremental_sync.type: must be DatetimeBase"),
    "transformations": ("transformations", [], "unknown key `transformations`; allowed are name (required), primary_k"),
    "partition_router": ("retriever/partition_router", {}, "retriever: unknown key `partition_router`; allowed are"),
    "requester": ("retriever/requester", {}, "retriever: unknown key `requester`"),
    "parameters": ("retriever/$parameters", {}, "retriever: unknown key `$parameters`"),
    "misspelt": (
        "retriever/window/lower/parametr",
        "x",
        "retriever.window.lower: unknown key `parametr`; allowed are p",
    ),
    "envelope key": (
        "retriever/envelope/key",
        "id",
        "retriever.envelope: unknown key `key`; allowed are rows, single, keyless, total",
    ),
    "in a list": ("retriever/query/0/valeus", "x", "retriever.query[0]: unknown key `valeus`"),
    "missing": ("retriever/path", ..., "retriever: the key `path` is missing"),
    "window without format": ("retriever/window/lower/format", ..., "retriever.window.lower: the key `format` is miss"),
    "window format": (
        "retriever/window/lower/format",
        "epoch_second",
        "retriever.window.lower.format: must be one of date, epoch_milliseconds, epoch_seconds, iso_seconds",
    ),
    "window of text": (
        "retriever/window",
        "since",
        "retriever.window: must be an object; its keys are lower (required",
    ),
    "keys": (
        "primary_key",
        ["a", "b", "c"],
        "primary_key: must be the name of the field that identifies a row, or a list",
    ),
    "no key": ("primary_key", ..., "the key `primary_key` is missing"),
    "method": (
        "retriever/connection/authentication/method",
        "basic",
        "retriever.connection.authentication.method: must be one of headers, oauth_refresh, form_login, chosen",
    ),
    "no method": ("retriever/connection/authentication/method", ..., "retriever.connection.authentication: the key `m"),
    "no credentials": ("retriever/connection/authentication/headers", {}, "retriever.connection.authentication.heade"),
    "paging": ("retriever/paging/by", "cursor", "retriever.paging.by: must be one of page, offset"),
    "paging of text": (
        "retriever/paging",
        "page",
        "retriever.paging: must be an object with the key `by`, one of page",
    ),
    "overlap of pages": (
        "retriever/paging/overlap",
        True,
        "retriever.paging: unknown key `overlap`; allowed are by, p",
    ),
    "page size 0": ("retriever/paging/size", 0, "retriever.paging.size: must be a whole number from 1 on, or the name"),
    "switch for a number": (
        "retriever/paging/size",
        True,
        "retriever.paging.size: must be a whole number from 1 on, o",
    ),
    "timeout": ("retriever/connection/read_timeout", 0, "retriever.connection.read_timeout: must be a number of secon"),
    "text for a list": ("retriever/query", "city", "retriever.query: must be a list"),
    "text for a switch": ("retriever/sorted_by_key", "yes", "retriever.sorted_by_key: must be true or false"),
    "text for an object": ("retriever/connection/messages", "x", "retriever.connection.messages: must be an object"),
    "number for text": ("retriever/path", 1, "retriever.path: must be a path that begins with `/`"),
    "value that is a number": ("retriever/query/0/value", 1, "retriever.query[0].value: must be text"),
    "path with a query": (
        "retriever/path",
        "/v1/rows?sort=id",
        "retriever.path: must be a path that begins with `/`, ",
    ),
    "path with an expression": ("retriever/path", "/{{ config.x }}", "retriever.path: must be a path"),
    "origin with a path": (
        "retriever/connection/origin",
        "https://a.test/v1",
        "retriever.connection.origin: must be a",
    ),
    "header with a space": (
        "retriever/connection/headers/Accept",
        " a",
        "retriever.connection.headers.Accept: must be",
    ),
    "header of two lines": (
        "retriever/connection/headers/Accept",
        "a\n",
        "retriever.connection.headers.Accept: must be",
    ),
    "header that is not sent": (
        "retriever/connection/headers/Accept",
        "€",
        "retriever.connection.headers.Accept: must",
    ),
    "header with an expression": (
        "retriever/connection/headers/Accept",
        "{{ config['x'] }}",
        "retriever.connection.headers.Accept: must be text, in which `{name}` stands for a config field",
    ),
    "status as a number": ("retriever/connection/messages", {404: "x"}, "retriever.connection.messages: the key 404"),
    "missing change time": ("retriever/window/missing_change_time", "now", "retriever.window.missing_change_time: mus"),
}

CONTRADICTIONS: dict[str, tuple[str, Any, str]] = {
    "no incremental_sync": ("incremental_sync", ..., "retriever.window: has no effect without `incremental_sync`"),
    "no window": ("retriever/window", ..., "incremental_sync: has no effect without a `window`"),
    "state in digits": (
        "incremental_sync/datetime_format",
        "%Y%m%d%H%M%S",
        "incremental_sync.datetime_format: a state",
    ),
    "state in seconds": ("incremental_sync/datetime_format", "%s", "incremental_sync.datetime_format: a state"),
    "day first": ("incremental_sync/datetime_format", "%d/%m/%Y", "incremental_sync.datetime_format: a state"),
    "expression": (
        "retriever/query",
        [{"parameter": "city", "value": "{{ config['city'] }}"}],
        "retriever.query[0].value: an expression is not evaluated",
    ),
    "newest": ("retriever/newest", {"sort": "changed"}, "retriever.newest.sort: takes the place of no parameter"),
    "key left out": ("retriever/leave_out", [{"field": "id"}], "retriever.leave_out[0]: the key and the change time"),
    "change time left out": (
        "retriever/leave_out",
        [{"field": "changed_at"}],
        "retriever.leave_out[0]: the key and the",
    ),
    "no size": ("retriever/paging/size", ..., "retriever.paging.size_parameter: needs `size`"),
    "no size parameter": ("retriever/paging/size_parameter", ..., "retriever.paging.size: has no effect without"),
    "nothing notices a move": ("retriever/envelope", {"rows": "items"}, "retriever.paging: nothing would notice rows"),
    "no overlap": (
        "retriever",
        stream(paging={**OFFSET, "overlap": False}, envelope={})["retriever"],
        "retriever.paging: nothing would notice",
    ),
    "next_is_page alone": ("retriever/envelope", {"total": "n", "next_is_page": True}, "retriever.envelope.next_is_pa"),
    "next_is_page of offsets": (
        "retriever",
        stream(paging=OFFSET, envelope={"next": "next", "next_is_page": True})["retriever"],
        "retriever.envelope.next_is_page: needs paging `by: page`",
    ),
    "first alone": ("retriever/envelope/first", "from", "retriever.envelope: `first` and `last` go together"),
    "order without overlap": ("retriever/sorted_by_key", True, "retriever.sorted_by_key: needs paging `by: offset`"),
    "parameter without a value": (
        "retriever/query/0/field",
        ...,
        "retriever.query[0]: needs either `field` or `value`",
    ),
    "parameter with two values": (
        "retriever/query/0/value",
        "x",
        "retriever.query[0]: needs either `field` or `value`",
    ),
    "switch without a field": (
        "retriever/query",
        [{"parameter": "a", "value": "x", "when_true": "1"}],
        "retriever.query[0]: `when_true` has no effect without `field`",
    ),
    "values without a field": (
        "retriever/query",
        [{"parameter": "a", "value": "x", "values": {"1": "2"}}],
        "retriever.query[0]: `values` has no effect without `field`",
    ),
    "values beside a switch": (
        "retriever/query",
        [{"parameter": "a", "field": "x", "values": {"1": "2"}, "when_true": "1"}],
        "retriever.query[0]: `values` has no effect beside `when_true`",
    ),
    "schemes": (
        "retriever/connection/authentication/headers/X-Api-Key",
        {"field": "api_key", "scheme": "Token", "scheme_field": "scheme"},
        "retriever.connection.authentication.headers.X-Api-Key: `scheme` has no effect beside `scheme_field`",
    ),
    "schemes of a chosen method": (
        "retriever/connection/authentication",
        {
            "method": "chosen",
            "field": "kind",
            "methods": {"key": {"method": "headers", "headers": {"K": {**KEY, "scheme": "a", "scheme_field": "b"}}}},
        },
        "retriever.connection.authentication.methods.key.headers.K: `scheme` has no effect",
    ),
}


@pytest.mark.parametrize(("path", "value", "begins"), TYPE_MISTAKES.values(), ids=list(TYPE_MISTAKES))
def test_mistake_is_refused_by_its_path_with_what_is_allowed(path: str, value: Any, begins: str) -> None:
    given = stream()
    setting(path, value)(given)

    [mistake] = stream_mistakes(given)

    assert str(mistake).removeprefix(": ").startswith(begins)


@pytest.mark.parametrize(("path", "value", "begins"), CONTRADICTIONS.values(), ids=list(CONTRADICTIONS))
def test_setting_without_effect_is_refused_by_its_path(path: str, value: Any, begins: str) -> None:
    given = stream()
    setting(path, value)(given)

    [mistake] = stream_mistakes(given)

    assert str(mistake).startswith(begins)


@pytest.mark.parametrize(
    ("path", "value", "places"),
    [
        ("retriever/query/0/parameter", "page", ["retriever.query[0].parameter", "retriever.paging.parameter"]),
        ("retriever/window/upper", LOWER, ["retriever.window.lower.parameter", "retriever.window.upper.parameter"]),
        (
            "retriever/paging/size_parameter",
            "city",
            ["retriever.query[0].parameter", "retriever.paging.size_parameter"],
        ),
    ],
)
def test_parameter_that_would_be_sent_twice_is_refused_at_both_places(path: str, value: Any, places: list[str]) -> None:
    given = stream()
    setting(path, value)(given)

    assert [str(mistake).partition(": ")[0] for mistake in stream_mistakes(given)] == places


@pytest.mark.parametrize("state_format", ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%f%z", "%ms", "%Y/%m/%d"])
def test_state_in_a_format_that_is_read_again_is_right(state_format: str) -> None:
    given = stream()
    setting("incremental_sync/datetime_format", state_format)(given)

    assert not stream_mistakes(given)


def test_rows_inside_of_a_field_that_the_parent_leaves_out_are_refused() -> None:
    child = stream(parent={"stream": stream(leave_out=[{"field": "items"}]), "rows": "items", "key_field": "rowId"})
    for name in ("path", "paging", "query", "window", "envelope"):
        del child["retriever"][name]

    assert "retriever.parent.rows: is left out of the parent's rows" in map(str, stream_mistakes(child))


def test_streams_that_are_reached_in_different_ways_are_refused() -> None:
    other = {**stream()["retriever"]["connection"], "messages": {"401": "Another text."}}
    streams = [declared(stream()), declared({**stream(connection=other), "name": "others"})]

    with pytest.raises(AirbyteTracedException) as refusal:
        check_connections(streams)

    assert refusal.value.failure_type is FailureType.system_error
    assert str(refusal.value.message).startswith("The manifest is wrong: streams.others.retriever.connection: must be")
    check_connections(streams[:1] * 2)


def test_every_mistake_is_named_in_one_error_of_ours() -> None:
    given = stream(path="v1", paging={"by": "page"})
    given["primary_key"] = 1

    with pytest.raises(AirbyteTracedException) as refusal:
        declared(given)

    assert refusal.value.failure_type is FailureType.system_error
    assert refusal.value.message == (
        "The manifest is wrong: streams.rows.primary_key: must be the name of the field that identifies a row, or a "
        "list of one or two names of fields. "
        "streams.rows.retriever.path: must be a path that begins with `/`, without query, white space and braces, but "
        "for `{key}`. "
        "streams.rows.retriever.paging: the key `parameter` is missing."
    )


def test_stream_that_is_right_is_read() -> None:
    read = declared(stream())

    assert (read.name, read.key, read.cursor.cursor_field if read.cursor else "") == ("rows", "id", "changed_at")
    assert isinstance(read.list.paging, PageNumber)
    assert (read.list.path, read.list.paging.size, read.list.connection.concurrency) == (
        "/v1/rows",
        "page_size",
        "concurrency",
    )


def test_key_may_be_a_list_of_one_as_the_cdk_writes_it() -> None:
    assert declared({**stream(), "primary_key": ["id"]}).key == "id"


@pytest.mark.parametrize("provider", manifest_paths())
def test_our_own_manifests_are_right(provider: str) -> None:
    listed = resolved(load_manifest(provider))["streams"]
    # Those that exist only under a condition stand in a list of their own.
    streams = [stream for each in listed for stream in each.get("streams", [each])]

    assert {stream["name"]: stream_mistakes(stream) for stream in streams} == {each["name"]: [] for each in streams}


def test_list_alone_is_refused_in_the_same_way() -> None:
    given = {key: stream()["retriever"][key] for key in ListSettings.__struct_fields__ if key in stream()["retriever"]}
    assert list_settings(given, "rows").path == "/v1/rows"

    for wrong, path in ({"sorted_by_key": True}, "sorted_by_key"), ({"paging": {"by": "x"}}, "paging.by"):
        with pytest.raises(AirbyteTracedException, match=rf"streams\.rows\.retriever\.{path}: "):
            list_settings({**given, **wrong}, "rows")


@pytest.mark.parametrize(
    ("retriever", "plain"),
    [
        ({"type": "SimpleRetriever"}, True),
        ({"type": "CustomRetriever", "class_name": "somebody.Else"}, True),
        (None, True),
        ({"type": "CustomRetriever", "class_name": RETRIEVER}, False),
    ],
)
def test_stream_of_the_cdks_own_components_is_plain(retriever: object, *, plain: bool) -> None:
    assert is_plain({"retriever": retriever}) is plain


def test_sixty_streams_are_read_in_a_few_milliseconds() -> None:
    streams = [stream() for _ in range(60)]
    began = time.process_time()

    for each in streams:
        declared(each)

    assert time.process_time() - began < 0.05
