"""One provider: its manifest and a user's config, and what the commands do with them."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from airbyte_cdk.config_observation import create_connector_config_control_message
from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    Status,
    SyncMode,
)
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
from airbyte_cdk.utils.memory_monitor import MemoryMonitor

from source_customers.catalog import catalog_stream, inline_schema, keep_cursor_that_rows_have
from source_customers.config.state import stream_states
from source_customers.connection.attempts import PATIENCE, Patience
from source_customers.connection.connection import Connection
from source_customers.full_reads import NAME as FULL_READS
from source_customers.full_reads import full_reads_messages, full_reads_stream
from source_customers.learning.learn import Sample, learn
from source_customers.manifest.catalogue import load_manifest
from source_customers.manifest.declarations import (
    StreamDeclaration,
    check_connections,
    conditional,
    declared,
    is_plain,
    resolved,
)
from source_customers.manifest.defaults import with_defaults
from source_customers.manifest.settings import ConnectionSettings
from source_customers.reading.left_out import LeftOut
from source_customers.reading.reader import StreamReader
from source_customers.reading.sample import ListSample
from source_customers.reading.streams import outlet_of, reader_of
from source_customers.sync import Item, ListTask, StreamTask, Sync

_CHECK_PATIENCE = Patience(failing=40, named=0)
_DISCOVER_PATIENCE = Patience(failing=20, named=0)
_PAGES_BETWEEN_LOOKS = 10


class _ManifestSource(ConcurrentDeclarativeSource):
    """A manifest under the CDK, with the connector's name."""

    @property
    def name(self) -> str:
        return "source-customers"


class Provider:
    """A provider that a user has configured.

    Attributes:
        updates: CONTROL messages with the config as it has become, when the provider has replaced a credential.
    """

    def __init__(self, name: str, config: Mapping[str, Any]) -> None:
        """Take the provider's name and its flat config, which was checked.

        Raises:
            AirbyteTracedException: the manifest is wrong (system_error).
        """
        self._name = name
        self._given = config
        self._manifest = resolved(load_manifest(name))
        self._config = with_defaults(config, self._manifest["spec"]["connection_specification"]["properties"])
        self._manifest["streams"] = conditional(self._manifest["streams"], self._config)
        self._streams: dict[str, Mapping[str, Any]] = {stream["name"]: stream for stream in self._manifest["streams"]}
        # All of them, whatever the catalog names: a mistake shows at once, and reading sixty takes a millisecond.
        self._own = {name: declared(stream) for name, stream in self._streams.items() if not is_plain(stream)}
        check_connections(self._own.values())
        self._connections: list[tuple[ConnectionSettings, Connection]] = []

    @property
    def streams(self) -> list[str]:
        """The names of the provider's streams, in the order of the manifest, and `full_reads`."""
        return [*self._streams, FULL_READS]

    @property
    def listed(self) -> list[str]:
        """The names of the streams that the API gives, in the order of the manifest."""
        return list(self._streams)

    @property
    def declared(self) -> Mapping[str, StreamDeclaration]:
        """The streams that our own retriever reads, by name."""
        return self._own

    @property
    def config(self) -> Mapping[str, Any]:
        """The flat config, with the defaults of the manifest's spec."""
        return self._config

    def schema(self, stream: str) -> Mapping[str, Any]:
        """Return the documented schema of a stream's rows; empty where the manifest does not hold it."""
        return inline_schema(self._streams[stream]) or {}

    def is_incremental(self, stream: str) -> bool:
        """Return whether a stream can be read from a state on."""
        return stream == FULL_READS or "incremental_sync" in self._streams[stream]

    def check(self, logger: logging.Logger) -> AirbyteConnectionStatus:
        """Return whether the credentials work, proved by one request for one row.

        Raises:
            AirbyteTracedException: they do not, or the API cannot be reached.
        """
        # Those that exist only under a condition may not be there; then any other stream will do.
        names = [name for name in self._manifest["check"]["stream_names"] if name in self._streams]
        names = names or list(self._streams)[:1]
        plain = [name for name in names if name not in self._own]
        for name in names:
            if name in self._own:
                self._reader(self._own[name].source, _CHECK_PATIENCE).first_page(1)
        if plain:
            manifest = self._with_streams(plain)
            manifest["check"] = {**self._manifest["check"], "stream_names": plain}
            return _ManifestSource(None, self._config, None, source_config=manifest).check(logger, self._config)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def discover(self, logger: logging.Logger) -> AirbyteCatalog:
        """Return the provider's streams."""
        found = self._listed()
        rest = [name for name in self._streams if name not in found]
        if rest:
            source = _ManifestSource(None, self._config, None, source_config=self._with_streams(rest))
            found |= {stream.name: stream for stream in source.discover(logger, self._config).streams}
        for name, stream in found.items():
            keep_cursor_that_rows_have(stream)
            if name in self._own:
                left_out = LeftOut(self._own[name].list.leave_out, self._config)
                stream.json_schema = left_out.undeclared(stream.json_schema)
        catalog = AirbyteCatalog(streams=[found[name] for name in self._streams])
        if self._config.get("learn_fields", True):
            self._learn(catalog)
        catalog.streams.append(full_reads_stream())
        return catalog

    def _listed(self) -> dict[str, AirbyteStream]:
        """Return what a catalog says of the streams of our own retriever whose schema the manifest holds."""
        found = {}
        for name, own in self._own.items():
            schema = inline_schema(self._streams[name])
            if schema is not None:
                cursor_field = own.cursor.cursor_field if own.cursor else None
                found[name] = catalog_stream(name, schema, own.primary_key, cursor_field)
        return found

    def _learn(self, catalog: AirbyteCatalog) -> None:
        """Declare what the rows have beside what is documented."""
        try:
            learn(catalog, self._samples())
        finally:
            self.close()

    def _samples(self) -> Iterator[Sample]:
        """Yield what looks at a few rows of each stream. A list is asked for once, whatever comes out of it."""
        lists: dict[str, tuple[StreamReader, ListSample]] = {}
        for stream in self._own.values():
            source = stream.source
            connection = self.connection(source.list.connection, _DISCOVER_PATIENCE)
            if source.name not in lists:
                reader = self._reader(source, _DISCOVER_PATIENCE)
                lists[source.name] = (reader, ListSample(reader))
            reader, sample = lists[source.name]
            outlet = outlet_of(stream, reader, self._config, connection)
            yield Sample(stream.name, connection, partial(outlet.sample, sample))

    def close(self) -> None:
        """End all connections."""
        for _, connection in self._connections:
            connection.close()

    def read(
        self, logger: logging.Logger, catalog: ConfiguredAirbyteCatalog, states: Sequence[AirbyteStateMessage]
    ) -> Iterator[Item]:
        """Yield the rows of the catalog's streams, and the states to go on from.

        Raises:
            AirbyteTracedException: at the end, when a stream has failed.
        """
        left = stream_states(states, {name: self._streams[name] for name in self._own})
        own = [stream for stream in catalog.streams if stream.stream.name in self._own]
        plain = [each for each in catalog.streams if each.stream.name not in {*self._own, FULL_READS}]
        sync = Sync()
        memory = MemoryMonitor(check_interval=_PAGES_BETWEEN_LOOKS)

        def each_page() -> Iterator[AirbyteMessage]:
            memory.check_memory_usage()
            yield from self.updates()

        try:
            yield from sync.read(self._tasks(own, left), each_page)
        finally:
            self.close()
        yield from self.updates()
        if plain:
            yield from sync.delegate([each.stream.name for each in plain], self._read_plain(logger, plain, states))
        if any(each.stream.name == FULL_READS for each in catalog.streams):
            yield from full_reads_messages(sync.full_reads)
        sync.end()

    def updates(self) -> Iterator[AirbyteMessage]:
        """Yield the config as it has become, when the provider has replaced a credential."""
        for _, connection in self._connections:
            while not connection.updates.empty():
                path, value = connection.updates.get()
                self._given = _replaced(self._given, path.split("."), value)
                config = {"provider": {"name": self._name, **self._given}}
                yield create_connector_config_control_message(config)

    def _read_plain(
        self, logger: logging.Logger, streams: Sequence[ConfiguredAirbyteStream], states: Sequence[AirbyteStateMessage]
    ) -> Iterator[AirbyteMessage]:
        """Yield what the CDK makes of streams of its own components."""
        names = [stream.stream.name for stream in streams]
        catalog = ConfiguredAirbyteCatalog(streams=list(streams))
        given = [state for state in states if state.stream and state.stream.stream_descriptor.name in names]
        source = _ManifestSource(catalog, self._config, given, source_config=self._with_streams(names))
        yield from source.read(logger, self._config, catalog, given)

    def _with_streams(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the manifest with only these of its streams."""
        return {**self._manifest, "streams": [self._streams[name] for name in names]}

    def _tasks(
        self, streams: Sequence[ConfiguredAirbyteStream], states: Mapping[str, Mapping[str, Any]]
    ) -> list[ListTask]:
        """Return the lists to read. Streams that hang on one list, and go on from the same state, share it."""
        found: list[tuple[StreamDeclaration, Mapping[str, Any], list[ConfiguredAirbyteStream]]] = []
        for configured in streams:
            stream = self._own[configured.stream.name]
            full_refresh = configured.sync_mode is SyncMode.full_refresh
            state = {} if full_refresh else states.get(stream.name, {})
            for source, given, sharing in found:
                if (source, given) == (stream.source, state):
                    sharing.append(configured)
                    break
            else:
                found.append((stream.source, state, [configured]))
        return [self._task(*each) for each in found]

    def _task(
        self, source: StreamDeclaration, state: Mapping[str, Any], streams: Sequence[ConfiguredAirbyteStream]
    ) -> ListTask:
        reader, connection = self._reader(source), self.connection(source.list.connection)
        outlets = [outlet_of(self._own[each.stream.name], reader, self._config, connection) for each in streams]
        schemas = [each.stream.json_schema for each in streams]
        return ListTask(reader, connection, state, [*map(StreamTask, outlets, schemas)])

    def _reader(self, stream: StreamDeclaration, patience: Patience = PATIENCE) -> StreamReader:
        connection = self.connection(stream.list.connection, patience)
        return reader_of(stream, self._config, connection)

    def connection(self, settings: ConnectionSettings, patience: Patience = PATIENCE) -> Connection:
        """Return the one connection of all streams that are reached in the same way."""
        for known, connection in self._connections:
            if known == settings:
                return connection
        connection = Connection(settings, self._config, patience)
        self._connections.append((settings, connection))
        return connection


def _replaced(config: Mapping[str, Any], path: Sequence[str], value: str) -> dict[str, Any]:
    """Return a config with another value at a path."""
    first, *rest = path
    return {**config, first: _replaced(config[first], rest, value) if rest else value}
