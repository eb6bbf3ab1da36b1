"""Reads a manifest into typed settings, and refuses what has no meaning or no effect."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from airbyte_cdk.sources.declarative.interpolation import InterpolatedBoolean
from airbyte_cdk.sources.declarative.parsers.manifest_reference_resolver import ManifestReferenceResolver
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.failures import system_error
from source_customers.manifest.contradictions import list_contradictions, stream_contradictions
from source_customers.manifest.mistakes import Mistake, Path, type_mistakes
from source_customers.manifest.settings import CursorSettings, ListSettings, StreamSettings

RETRIEVER = "source_customers.reading.retriever.ListRetriever"


@dataclass(frozen=True)
class StreamDeclaration:
    """A stream that is read by our own retriever.

    Attributes:
        name: name of the stream.
        primary_key: the fields that identify a row.
        list: the list it is read from.
        cursor: the change time of its rows; None for a stream that is read in full each time.
    """

    name: str
    primary_key: Sequence[str]
    list: ListSettings
    cursor: CursorSettings | None

    @property
    def key(self) -> str:
        """The field that identifies a row; of a stream with a parent, among the rows of one parent."""
        return self.primary_key[-1]

    @property
    def source(self) -> "StreamDeclaration":
        """The stream whose list is read for this one: its parent, or itself."""
        return _declaration(self.list.parent.stream) if self.list.parent else self


def resolved(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest with its references put in place."""
    whole: dict[str, Any] = ManifestReferenceResolver().preprocess_manifest(dict(manifest))
    return whole


def conditional(streams: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the streams that a config has: those of the CDK's `ConditionalStreams` where their condition holds.

    Args:
        streams: what stands in a resolved manifest's list `streams`.
        config: the provider's flat config.
    """
    found: list[Mapping[str, Any]] = []
    for stream in streams:
        if stream.get("type") != "ConditionalStreams":
            found.append(stream)
        elif InterpolatedBoolean(condition=stream["condition"], parameters={}).eval(config=config):
            found += stream["streams"]
    return found


def is_plain(stream: Mapping[str, Any]) -> bool:
    """Return whether a stream is made of the CDK's own components, and is left to the CDK."""
    retriever = stream.get("retriever")
    return not isinstance(retriever, Mapping) or retriever.get("class_name") != RETRIEVER


def list_settings(given: Mapping[str, Any], stream: str) -> ListSettings:
    """Return what plain objects say of a list.

    Raises:
        AirbyteTracedException: a system_error that names the path of what is wrong, and what is allowed.
    """
    try:
        lists = msgspec.convert(given, ListSettings)
        mistakes = list_contradictions(lists)
    except msgspec.ValidationError as refusal:
        mistakes = type_mistakes(given, ListSettings) or [Mistake((), str(refusal))]
    if mistakes:
        raise _wrong(("streams", stream, "retriever"), mistakes)
    return lists


def declared(stream: Mapping[str, Any]) -> StreamDeclaration:
    """Return what a resolved manifest says of a stream.

    Raises:
        AirbyteTracedException: a system_error that names the path of what is wrong, and what is allowed.
    """
    read, mistakes = _read(stream)
    if read is None or mistakes:
        name = stream.get("name")
        raise _wrong(("streams", name if isinstance(name, str) else "?"), mistakes)
    return _declaration(read)


def check_connections(streams: Iterable[StreamDeclaration]) -> None:
    """Refuse streams that are reached in different ways: each way would have a login, a pace and a bound of its own.

    Raises:
        AirbyteTracedException: a system_error that names the stream.
    """
    first: StreamDeclaration | None = None
    for stream in streams:
        first = first or stream
        if stream.list.connection != first.list.connection:
            what = f"must be that of `{first.name}`: all streams share one connection"
            raise _wrong(("streams", stream.name), [Mistake(("retriever", "connection"), what)])


def key_fields(given: str | Sequence[str]) -> Sequence[str]:
    """Return the fields of a primary key, which is written as a list or as the name of a single field."""
    return [given] if isinstance(given, str) else given


def stream_mistakes(stream: Mapping[str, Any]) -> list[Mistake]:
    """Return all that is wrong with a stream of a resolved manifest, by the path within the stream."""
    return _read(stream)[1]


def _declaration(read: StreamSettings) -> StreamDeclaration:
    return StreamDeclaration(read.name, key_fields(read.primary_key), read.retriever, read.incremental_sync)


def _read(stream: Mapping[str, Any]) -> tuple[StreamSettings | None, list[Mistake]]:
    try:
        read = msgspec.convert(stream, StreamSettings)
    except msgspec.ValidationError as refusal:
        return None, type_mistakes(stream, StreamSettings) or [Mistake((), str(refusal))]
    return read, stream_contradictions(read)


def _wrong(above: Path, mistakes: Sequence[Mistake]) -> AirbyteTracedException:
    told = [str(Mistake((*above, *mistake.path), mistake.what)) for mistake in mistakes]
    return system_error(f"The manifest is wrong: {'. '.join(told)}.")
