"""The component that a manifest names: it reads a list under the CDK."""

from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass
from functools import partial
from typing import Any

from airbyte_cdk.sources.declarative.retrievers.retriever import Retriever
from airbyte_cdk.sources.types import Record, StreamSlice

from source_customers.connection.connection import Connection
from source_customers.manifest.declarations import StreamDeclaration, key_fields, list_settings
from source_customers.manifest.defaults import with_defaults
from source_customers.manifest.settings import ListSettings
from source_customers.reading.outlets import Outlet
from source_customers.reading.page import Page
from source_customers.reading.state import State
from source_customers.reading.streams import outlet_of, reader_of


@dataclass
class ListRetriever(Retriever):
    """Reads the rows of a list that is given page by page.

    YAML's `SimpleRetriever` reads one page after another, takes a short page or an odd answer for the end, and does
    not notice rows that move from one page to another while it reads. See docs/delivery.md for what this one promises.

    All its settings are plain objects; docs/manifest.md describes them. The connector reads them itself and drives the
    reading. This class does the same for a manifest that runs alone under the CDK, whose cursor then makes the state.

    Attributes:
        properties: the fields of the manifest's own spec, for their defaults.
    """

    name: str
    config: Mapping[str, Any]
    primary_key: Any
    parameters: InitVar[Mapping[str, Any] | None] = None
    # The CDK takes the first type inside a hint for a component to build, unless it is a built-in one.
    connection: dict[str, Any] | None = None
    path: str | None = None
    paging: dict[str, Any] | None = None
    envelope: dict[str, Any] | None = None
    query: list[dict[str, Any]] | None = None
    parent: dict[str, Any] | None = None
    leave_out: list[dict[str, Any]] | None = None
    permission: str | None = None
    window: dict[str, Any] | None = None
    sorted_by_key: bool | None = None
    newest: dict[str, Any] | None = None
    properties: dict[str, Any] | None = None
    incremental_sync: Any = None

    def __post_init__(self, parameters: Mapping[str, Any] | None) -> None:
        given = {each: getattr(self, each) for each in ListSettings.__struct_fields__}
        settings = list_settings({each: value for each, value in given.items() if value is not None}, self.name)
        stream = StreamDeclaration(self.name, key_fields(self.primary_key), settings, self.incremental_sync)
        config = with_defaults(self.config, self.properties or {})
        connection = Connection(settings.connection, config)
        self._reader = reader_of(stream.source, config, connection)
        self._outlet = partial(outlet_of, stream, self._reader, config, connection)

    def read_records(
        self,
        records_schema: Mapping[str, Any],  # noqa: ARG002  # rows are delivered as they came
        stream_slice: StreamSlice | None = None,
    ) -> Iterator[Record]:
        """Yield the rows of the stream, each at least once.

        Raises:
            AirbyteTracedException: a page could not be had, or rows might be missing.
        """
        since = (stream_slice.cursor_slice if stream_slice else {}).get("start_time")
        state = {self.incremental_sync.cursor_field: since} if since and self.incremental_sync else None
        outlet = self._outlet()
        for item in self._items(outlet, state):
            if isinstance(item, Page):
                for row in item.rows:
                    yield Record(row, self.name, stream_slice)

    def _items(self, outlet: Outlet, state: Mapping[str, Any] | None) -> Iterator[Page | State]:
        for item in self._reader.read(state):
            yield from outlet.take(item)
        yield from outlet.end()
