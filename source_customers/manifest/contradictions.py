"""Finds settings that contradict each other or have no effect, which types cannot say."""

from collections import Counter
from collections.abc import Iterator

from source_customers.manifest.mistakes import Mistake, Path
from source_customers.manifest.settings import (
    ChosenMethod,
    HeaderCredentials,
    ListSettings,
    Offset,
    QueryParameter,
    StreamSettings,
)


def stream_contradictions(stream: StreamSettings) -> list[Mistake]:
    """Return what is wrong with a stream although each of its keys is right."""
    lists = stream.retriever
    found = [Mistake(("retriever", *mistake.path), mistake.what) for mistake in list_contradictions(lists)]
    if lists.window and not stream.incremental_sync:
        found.append(Mistake(("retriever", "window"), "has no effect without `incremental_sync`"))
    if stream.incremental_sync and not lists.window:
        # Every row would be read each time, and the state would only look as if it were of use.
        found.append(Mistake(("incremental_sync",), "has no effect without a `window` in the retriever"))
    return found


def list_contradictions(lists: ListSettings) -> list[Mistake]:
    """Return what is wrong with a list although each of its keys is right."""
    return [*_paging(lists), *_parameters(lists), *_query(lists), *_schemes(lists)]


def _paging(lists: ListSettings) -> Iterator[Mistake]:
    paging, envelope = lists.paging, lists.envelope
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
    if lists.sorted_by_key and not overlaps:
        yield Mistake(("sorted_by_key",), "needs paging `by: offset` with `overlap`")


def _parameters(lists: ListSettings) -> Iterator[Mistake]:
    """Yield query parameters that would be sent twice."""
    window = lists.window
    named: list[tuple[Path, str]] = [
        *((("query", index, "parameter"), each.parameter) for index, each in enumerate(lists.query)),
        (("paging", "parameter"), lists.paging.parameter),
        (("paging", "size_parameter"), lists.paging.size_parameter),
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


def _parameter(parameter: QueryParameter) -> Iterator[str]:
    if bool(parameter.field) == (parameter.value is not None):
        yield "needs either `field` or `value`"
    if parameter.when_true is not None and not parameter.field:
        yield "`when_true` has no effect without `field`"
    if parameter.left_out_for is not None and not parameter.field:
        yield "`left_out_for` has no effect without `field`"
    if parameter.when_true is not None and parameter.left_out_for is not None:
        yield "`left_out_for` has no effect beside `when_true`"


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
