"""Finds what is wrong with the streams of our own retriever, alone and beside the spec."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from manifest_lint.document import CONDITIONAL, Finding, Node, streams_of
from manifest_lint.keys import is_own
from source_customers.manifest.declarations import StreamDeclaration, declared, resolved, stream_mistakes
from source_customers.manifest.mistakes import Path
from source_customers.manifest.settings import PLACEHOLDER, ListSettings, Offset, QueryParameter, TimeFormat

_EXPLAINED_STATUSES = ("401", "403", "404")
_PERMISSION = "{permission}"


def settings(manifest: Node) -> Iterator[Finding]:
    """Yield what the connector refuses when it loads the manifest."""
    for stream, given in _own(manifest):
        for mistake in stream_mistakes(given):
            yield Finding(stream.member(*mistake.path).home.path, mistake.what)


def own_streams(manifest: Node) -> Iterator[tuple[Node, StreamDeclaration]]:
    """Yield the streams of our own retriever, as they are written and as they are read."""
    yield from ((stream, declared(given)) for stream, given in _own(manifest))


def connections(manifest: Node) -> Iterator[Finding]:
    """Yield connections that leave a user alone with a status, know another address, or show a secret."""
    specification = manifest.member("spec", "connection_specification")
    default = specification.member("properties", "base_url").text("default")
    required = [each.value for each in specification.member("required").elements()]
    first: StreamDeclaration | None = None
    for stream, declaration in own_streams(manifest):
        connection, written = declaration.list.connection, stream.member("retriever", "connection").home
        first = first or declaration
        if connection != first.list.connection:
            yield Finding(written.path, "another stream has another connection", "All streams share one")
        for status in _EXPLAINED_STATUSES:
            if status not in connection.messages:
                yield Finding(
                    written.path,
                    f"there is no message for status {status}",
                    f'Say under `messages`, key "{status}", what the user can do',
                )
        if default and connection.origin.rstrip("/") != default.rstrip("/"):
            yield Finding(
                written.member("origin").path,
                f"the spec's default of `base_url` is {default}",
                "Write the same address",
            )
        if not connection.origin and "base_url" not in required:
            yield Finding(written.path, "there is no `origin`", "Add it, or require `base_url` in the spec")
        for header, text in connection.headers.items():
            for name in re.findall(PLACEHOLDER, text):
                if specification.member(*_steps(name)).member("airbyte_secret").value is True:
                    place = written.member("headers", header).path
                    yield Finding(place, f"`{name}` is a secret", "Send it by `authentication`")


def permissions(manifest: Node) -> Iterator[Finding]:
    """Yield streams that leave a gap in a message, or that name a permission which no message tells."""
    for stream, declaration in own_streams(manifest):
        lists, written = declaration.list, stream.member("retriever")
        is_told = any(_PERMISSION in text for text in lists.connection.messages.values())
        if lists.path and is_told and not lists.permission:
            yield Finding(written.home.path, f"a message has `{_PERMISSION}`", "Say what a user needs: `permission`")
        if lists.permission and not is_told:
            place = written.member("permission").path
            yield Finding(place, f"no message has `{_PERMISSION}`", "Remove it, or name it in the message for 403")


def spec_forms(manifest: Node) -> Iterator[Finding]:
    """Yield config fields whose form in the spec does not fit what the settings do with them."""
    specification = manifest.member("spec", "connection_specification")
    for stream, declaration in own_streams(manifest):
        lists, written = declaration.list, stream.member("retriever")
        for path, field in _switches(lists):
            kind = specification.member(*_steps(field)).text("type")
            if kind and kind != "boolean":
                place = written.member(*path).path
                yield Finding(place, f"`{field}` is no switch", f"Leave out `{path[-1]}`, or make it a boolean")
        for index, parameter in enumerate(lists.query):
            filtered = specification.member(*_steps(parameter.field))
            yield from _parameter_forms(parameter, written.member("query", index), filtered)
        for name in ("lower", "upper"):
            bound = getattr(lists.window, name, None)
            rule = specification.member(*_steps(bound.format_field)) if bound and bound.format_field else None
            if rule and rule.members() and not _names_formats(rule):
                yield Finding(
                    rule.path, "the field names a format", f"Give it an `enum` of {', '.join(get_args(TimeFormat))}"
                )


def _parameter_forms(parameter: QueryParameter, written: Node, field: Node) -> Iterator[Finding]:
    words = {each.value for each in field.member("enum").elements()}
    for value in parameter.values if field.members() else ():
        # The filter would be left out without a word.
        if value not in words:
            place = written.member("values", value).path
            yield Finding(place, f"`{parameter.field}` is never `{value}`", "Correct it, or add it to the `enum`")


def defaults(manifest: Node) -> Iterator[Finding]:
    """Yield retrievers that would not know the spec's defaults when the manifest runs alone."""
    whole = resolved(manifest.root)
    fields = whole.get("spec", {}).get("connection_specification", {}).get("properties", {})
    for stream, given in _own(manifest):
        if given["retriever"].get("properties") != fields:
            retriever = stream.member("retriever")
            wrong = retriever.members().get("properties", retriever.base)
            yield Finding(
                wrong.path,
                "the retriever does not know the defaults of the spec",
                'Write `properties: {$ref: "#/spec/connection_specification/properties"}`',
            )


def _own(manifest: Node) -> Iterator[tuple[Node, Mapping[str, Any]]]:
    """Yield each stream of our own retriever, as it is written and with its references put in place."""
    for stream, given in zip(streams_of(manifest), _given(manifest), strict=True):
        if is_own(stream):
            yield stream, given


def _given(manifest: Node) -> Iterator[Mapping[str, Any]]:
    """Yield each stream with its references put in place, also those that exist only under a condition."""
    for stream in resolved(manifest.root).get("streams", []):
        yield from stream["streams"] if stream.get("type") == CONDITIONAL else [stream]


def _switches(lists: ListSettings) -> Iterator[tuple[Path, str]]:
    """Yield the config fields that have to be switches, by where the settings say so."""
    for index, parameter in enumerate(lists.query):
        if parameter.when_true is not None:
            yield ("query", index, "when_true"), parameter.field
    for index, each in enumerate(lists.leave_out):
        if each.unless:
            yield ("leave_out", index, "unless"), each.unless
    if isinstance(lists.paging, Offset) and lists.paging.only_if:
        yield ("paging", "only_if"), lists.paging.only_if


def _steps(field: str) -> list[str]:
    """Return the keys that lead to a config field in the spec. Fields of a `oneOf` are not found this way."""
    return [step for name in field.split(".") for step in ("properties", name)]


def _names_formats(rule: Node) -> bool:
    names = [each.value for each in rule.member("enum").elements()]
    return bool(names) and set(names) <= set(get_args(TimeFormat))
