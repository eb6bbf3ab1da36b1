"""Finds settings that contradict each other or have no effect, which types cannot say."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import cache

import msgspec
from airbyte_cdk.sources.declarative.datetime.datetime_parser import DatetimeParser

from source_customers.manifest.mistakes import Mistake, Path
from source_customers.manifest.settings import (
    ChosenMethod,
    Days,
    EnvelopeSettings,
    HeaderCredentials,
    ListSettings,
    Offset,
    OneAnswer,
    PageNumber,
    QueryParameter,
    StreamSettings,
)
from source_customers.moments import moment_or_none

_EXAMPLE = datetime(2024, 11, 29, 13, 45, 6, tzinfo=timezone.utc)
_OF_PAGING = ("parameter", "size_parameter", "days_parameter")


def stream_contradictions(stream: StreamSettings) -> list[Mistake]:
    """Return what is wrong with a stream although each of its keys is right."""
    found = [Mistake(("retriever", *mistake.path), mistake.what) for mistake in list_contradictions(stream.retriever)]
    return [*found, *_expressions(stream), *_change_time(stream), *_keys(stream), *_parent(stream), *_left_out(stream)]


def list_contradictions(lists: ListSettings) -> list[Mistake]:
    """Return what is wrong with a list although each of its keys is right."""
    if lists.parent and lists.parent.rows:
        return [*_inside(lists), *_schemes(lists)]
    return [*_place(lists), *_paging(lists), *_parameters(lists), *_query(lists), *_newest(lists), *_schemes(lists)]


def _change_time(stream: StreamSettings) -> Iterator[Mistake]:
    lists = stream.retriever
    if lists.window and not stream.incremental_sync:
        yield Mistake(("retriever", "window"), "has no effect without `incremental_sync`")
    if isinstance(lists.paging, Days) and not stream.incremental_sync:
        yield Mistake(("retriever", "paging"), "needs `incremental_sync`, with the field that holds a row's time")
    if stream.incremental_sync and not (lists.window or lists.parent or isinstance(lists.paging, Days)):
        # Every row would be read each time, and the state would only look as if it were of use.
        yield Mistake(("incremental_sync",), "has no effect without a `window` in the retriever")
    if stream.incremental_sync and not _comes_back(stream.incremental_sync.datetime_format):
        yield Mistake(
            ("incremental_sync", "datetime_format"),
            "a state in this format is not read as the moment it was: write ISO 8601, such as `%Y-%m-%dT%H:%M:%SZ`, or "
            "`%ms`",
        )


@cache
def _comes_back(state_format: str) -> bool:
    """Return whether a moment that is written in a format is read again, to the day at least and not as a later one."""
    read = moment_or_none(DatetimeParser().format(_EXAMPLE, state_format))
    return read is not None and timedelta(0) <= _EXAMPLE - read < timedelta(days=1)


def _expressions(stream: StreamSettings) -> Iterator[Mistake]:
    """Yield the CDK's expressions in places where nobody evaluates them."""
    yield from _expressions_in(msgspec.to_builtins(stream.retriever), ("retriever",))


def _expressions_in(value: object, path: Path) -> Iterator[Mistake]:
    if isinstance(value, str) and "{{" in value:
        yield Mistake(path, "an expression is not evaluated here: name a config field")
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in members:
        # A parent is looked at as the stream that it is.
        yield from () if (*path, key) == ("retriever", "parent") else _expressions_in(below, (*path, key))


def _left_out(stream: StreamSettings) -> Iterator[Mistake]:
    """Yield fields that are left out although something is made of them."""
    keys = [stream.primary_key] if isinstance(stream.primary_key, str) else stream.primary_key
    cursor = stream.incremental_sync
    needed = {*keys, *([cursor.cursor_field] if cursor and not stream.retriever.parent else [])}
    for index, each in enumerate(stream.retriever.leave_out):
        if each.field in needed:
            yield Mistake(("retriever", "leave_out", index), "the key and the change time cannot be left out")


def _keys(stream: StreamSettings) -> Iterator[Mistake]:
    keys, parent = stream.primary_key, stream.retriever.parent
    if isinstance(keys, list) and len(keys) > 1 and (not parent or keys[0] != parent.key_field):
        yield Mistake(("primary_key",), "only a stream with a parent has two keys, and `parent.key_field` is the first")
    if parent and parent.position_field and keys != [parent.key_field, parent.position_field]:
        yield Mistake(("primary_key",), "must be `key_field` and `position_field` of the parent")


def _parent(stream: StreamSettings) -> Iterator[Mistake]:
    parent, above = stream.retriever.parent, ("retriever", "parent")
    if not parent:
        return
    if parent.stream.retriever.parent:
        yield Mistake((*above, "stream"), "a parent must not have a parent itself")
    if parent.stream.retriever.connection != stream.retriever.connection:
        yield Mistake((*above, "stream"), "must be reached over the same connection")
    if parent.rows in [each.field for each in parent.stream.retriever.leave_out]:
        yield Mistake((*above, "rows"), "is left out of the parent's rows")
    if parent.stream.incremental_sync != stream.incremental_sync:
        yield Mistake(("incremental_sync",), "must be that of the parent, since the state is the parent's")


def _inside(lists: ListSettings) -> Iterator[Mistake]:
    """Yield keys that say how to ask for rows that come with their parent."""
    for name in ("path", "paging", "query", "window", "newest", "sorted_by_key", "permission"):
        if getattr(lists, name):
            yield Mistake((name,), "has no effect beside `parent.rows`: nothing is asked for")
    if lists.envelope != EnvelopeSettings():
        yield Mistake(("envelope",), "has no effect beside `parent.rows`: nothing is asked for")


def _place(lists: ListSettings) -> Iterator[Mistake]:
    if not lists.path:
        yield Mistake((), "the key `path` is missing")
    if lists.paging is None:
        yield Mistake((), "the key `paging` is missing")
    if bool(lists.parent) != ("{key}" in lists.path):
        yield Mistake(("path",), "`{key}` stands for the parent's key: it needs `parent`, and `parent` needs it")
    if lists.parent and lists.parent.position_field:
        yield Mistake(("parent", "position_field"), "has no effect without `rows`")
    if lists.parent and lists.window:
        yield Mistake(("window",), "has no effect beside `parent`, whose window it is")


def _paging(lists: ListSettings) -> Iterator[Mistake]:
    paging, envelope = lists.paging, lists.envelope
    overlaps = isinstance(paging, Offset) and paging.overlap
    if isinstance(paging, (PageNumber, Offset)):
        yield from _pages(paging, envelope)
    elif envelope != EnvelopeSettings(rows=envelope.rows, single=envelope.single, keyless=envelope.keyless):
        yield Mistake(("envelope",), "says something of pages, of which there are none")
    if envelope.single and (envelope.rows or not isinstance(paging, OneAnswer)):
        yield Mistake(("envelope", "single"), "needs paging `by: none`, and no `rows`")
    if envelope.keyless and not envelope.single:
        yield Mistake(("envelope", "keyless"), "has no effect without `single`")
    if lists.sorted_by_key and not overlaps:
        yield Mistake(("sorted_by_key",), "needs paging `by: offset` with `overlap`")
    if isinstance(paging, Days) and lists.window:
        yield Mistake(("window",), "has no effect beside paging `by: days`")
    if lists.window and lists.window.end and not lists.window.upper:
        yield Mistake(("window", "end"), "has no effect without `upper`")


def _pages(paging: PageNumber | Offset, envelope: EnvelopeSettings) -> Iterator[Mistake]:
    overlaps = isinstance(paging, Offset) and paging.overlap
    if paging.size_parameter and not paging.size:
        yield Mistake(("paging", "size_parameter"), "needs `size`")
    if paging.size and not paging.size_parameter:
        yield Mistake(("paging", "size"), "has no effect without `size_parameter`")
    if not (envelope.total or envelope.next or overlaps):
        yield Mistake(
            ("paging",),
            "nothing would notice rows that move while pages are read: the envelope needs `total` or `next`, or the "
            "paging `by: offset` with `overlap`",
        )
    if envelope.next_is_page and not envelope.next:
        yield Mistake(("envelope", "next_is_page"), "has no effect without `next`")
    if envelope.next_is_page and isinstance(paging, Offset):
        yield Mistake(("envelope", "next_is_page"), "needs paging `by: page`")
    if bool(envelope.first) != bool(envelope.last):
        yield Mistake(("envelope",), "`first` and `last` go together")


def _parameters(lists: ListSettings) -> Iterator[Mistake]:
    """Yield query parameters that would be sent twice."""
    window = lists.window
    named: list[tuple[Path, str]] = [
        *((("query", index, "parameter"), each.parameter) for index, each in enumerate(lists.query)),
        *((("paging", name), getattr(lists.paging, name, "")) for name in _OF_PAGING),
        (("window", "lower", "parameter"), window.lower.parameter if window else ""),
        (("window", "upper", "parameter"), window.upper.parameter if window and window.upper else ""),
    ]
    times = Counter(name for _, name in named if name)
    for path, name in named:
        if times[name] > 1:
            yield Mistake(path, f"the parameter `{name}` is given {times[name]} times")


def _query(lists: ListSettings) -> Iterator[Mistake]:
    for index, parameter in enumerate(lists.query):
        for what in _parameter(parameter):
            yield Mistake(("query", index), what)


def _newest(lists: ListSettings) -> Iterator[Mistake]:
    for name in lists.newest:
        if name not in [parameter.parameter for parameter in lists.query]:
            yield Mistake(("newest", name), "takes the place of no parameter in `query`")


def _parameter(parameter: QueryParameter) -> Iterator[str]:
    if bool(parameter.field) == (parameter.value is not None):
        yield "needs either `field` or `value`"
    if parameter.when_true is not None and not parameter.field:
        yield "`when_true` has no effect without `field`"
    if parameter.values and not parameter.field:
        yield "`values` has no effect without `field`"
    if parameter.when_true is not None and parameter.values:
        yield "`values` has no effect beside `when_true`"


def _schemes(lists: ListSettings) -> Iterator[Mistake]:
    """Yield credentials whose scheme is given twice."""
    method, above = lists.connection.authentication, ("connection", "authentication")
    methods: dict[Path, object] = {above: method}
    if isinstance(method, ChosenMethod):
        methods = {(*above, "methods", name): each for name, each in method.methods.items()}
    for path, each in methods.items():
        for header, credential in each.headers.items() if isinstance(each, HeaderCredentials) else ():
            if credential.scheme and credential.scheme_field:
                yield Mistake((*path, "headers", header), "`scheme` has no effect beside `scheme_field`")
