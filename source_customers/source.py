"""The source that Airbyte sees: it picks the manifest that the config names, and lets the CDK run it."""

import ast
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    Status,
    SyncMode,
)
from airbyte_cdk.sources import Source
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
from airbyte_cdk.sources.declarative.parsers.manifest_reference_resolver import ManifestReferenceResolver
from airbyte_cdk.sources.message import InMemoryMessageRepository
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.catalogue import load_manifest, specification
from source_customers.components.backoff import Patience, patience
from source_customers.components.failures import config_error
from source_customers.configuration import provider_config
from source_customers.files import read_catalog, read_config, read_state
from source_customers.records import Records
from source_customers.startup import unchecked_manifest
from source_customers.state import readable_state
from source_customers.sync import read_streams

_LOGGER = logging.getLogger("airbyte")
_CHECK_PATIENCE = Patience(failing=40, named=0)


class _ManifestSource(ConcurrentDeclarativeSource):
    """One provider's manifest, under the connector's name."""

    def __init__(
        self,
        config: Mapping[str, Any],
        manifest: dict[str, Any],
        catalog: ConfiguredAirbyteCatalog | None = None,
        state: list[AirbyteStateMessage] | None = None,
    ) -> None:
        super().__init__(catalog, config, state, source_config=manifest)
        # The framework's own repository puts states on the queue of the loop that is not used here.
        self.states = self._constructor._message_repository = InMemoryMessageRepository()  # noqa: SLF001

    @property
    def name(self) -> str:
        return "source-customers"

    def read_pages(
        self, config: Mapping[str, Any], catalog: ConfiguredAirbyteCatalog
    ) -> Iterator[AirbyteMessage | Records]:
        streams = {stream.name: stream for stream in self.streams(config)}
        chosen = [streams[configured.stream.name] for configured in catalog.streams]
        yield from read_streams(cast("list[DefaultStream]", chosen), self.states)


class SourceCustomers(Source):
    """Customers of CAO Loon, MijnKlantportaal, Coredination and Valomnia, and of any provider with a manifest."""

    # The spec is a oneOf, about whose branches the CDK's own check says the wrong thing and quotes secrets.
    check_config_against_spec = False

    read_config = staticmethod(read_config)
    read_catalog = staticmethod(read_catalog)
    read_state = staticmethod(read_state)

    @property
    def name(self) -> str:
        """The connector's name, as it stands in logs."""
        return "source-customers"

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:  # noqa: ARG002  # nothing to log
        """Return what a config must hold, composed of the manifests' own specs."""
        return ConnectorSpecification(**specification())

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Return whether the credentials work, proved by one request for one row."""
        token = patience.set(_CHECK_PATIENCE)
        try:
            status = self._provider_source(config).check(logger, config)
        except AirbyteTracedException as failure:
            return AirbyteConnectionStatus(status=Status.FAILED, message=failure.message)
        finally:
            patience.reset(token)
        if status.message:
            # The CDK puts the sentence in quotes, behind one of its own.
            status.message = str(ast.literal_eval(status.message)).rpartition(" is not available: ")[2]
        return status

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """Return the provider's streams."""
        return self._provider_source(config).discover(logger, config)

    def read(
        self,
        logger: logging.Logger,  # noqa: ARG002  # the loop has its own
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Yield the rows of the catalog's streams, and the state to go on from."""
        for item in self.read_pages(config, catalog, state):
            if isinstance(item, Records):
                yield from item.messages()
            else:
                yield item

    def read_pages(
        self,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage | Records]:
        """Yield the same as `read`, the rows of a page together."""
        provider, flat = provider_config(config)
        manifest = ManifestReferenceResolver().preprocess_manifest(load_manifest(provider))
        streams = {stream["name"]: stream for stream in manifest["streams"]}
        _check_catalog(catalog, list(streams))
        for configured in catalog.streams:
            name = configured.stream.name
            if configured.sync_mode is SyncMode.incremental and "incremental_sync" not in streams[name]:
                # PyAirbyte asks for every stream like that, so it is no mistake.
                _LOGGER.info("Stream %s cannot be read incrementally: all of it is read.", name)
        readable = readable_state(state or [], manifest["streams"])
        # Building the streams refuses what is wrong with them all the same; `check` and `discover` refuse the rest.
        with unchecked_manifest():
            source = _ManifestSource(flat, manifest, catalog, readable)
        yield from source.read_pages(flat, catalog)

    def _provider_source(self, config: Mapping[str, Any]) -> _ManifestSource:
        provider, flat = provider_config(config)
        return _ManifestSource(flat, load_manifest(provider))


def _check_catalog(catalog: ConfiguredAirbyteCatalog, streams: Sequence[str]) -> None:
    """Refuse a catalog with streams that do not exist, which the CDK skips in silence."""
    unknown = [configured.stream.name for configured in catalog.streams if configured.stream.name not in streams]
    if unknown:
        raise config_error(
            f"The catalog names streams that do not exist: {', '.join(unknown)}. The streams are {', '.join(streams)}."
        )
    if not catalog.streams:
        raise config_error("The catalog names no stream.")
