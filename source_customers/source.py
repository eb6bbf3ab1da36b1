"""The source that Airbyte sees: it picks the manifest that the config names, and reads its streams."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

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
from airbyte_cdk.sources.message import InMemoryMessageRepository, MessageRepository
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.config.check import provider_config
from source_customers.config.files import read_catalog, read_config, read_state
from source_customers.failures import config_error
from source_customers.manifest.catalogue import specification
from source_customers.messages.records import Records
from source_customers.provider import Provider
from source_customers.sync import Item

_LOGGER = logging.getLogger("airbyte")


class SourceCustomers(Source):
    """Customers of CAO Loon, MijnKlantportaal, Coredination and Valomnia, and of any provider with a manifest."""

    # The spec is a oneOf, about whose branches the CDK's own check says the wrong thing and quotes secrets.
    check_config_against_spec = False

    read_config = staticmethod(read_config)
    read_catalog = staticmethod(read_catalog)
    read_state = staticmethod(read_state)

    def __init__(self) -> None:
        """Make the source of one command."""
        self._messages = InMemoryMessageRepository()

    @property
    def name(self) -> str:
        """The connector's name, as it stands in logs."""
        return "source-customers"

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:  # noqa: ARG002  # nothing to log
        """Return what a config must hold, composed of the manifests' own specs."""
        return ConnectorSpecification(**specification())

    @property
    def message_repository(self) -> MessageRepository:
        """Messages that the CDK's entrypoint prints beside those of a check or a discover."""
        return self._messages

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Return whether the credentials work, proved by one request for one row."""
        try:
            provider = Provider(*provider_config(config))
            with self._telling(provider):
                return provider.check(logger)
        except AirbyteTracedException as failure:
            return AirbyteConnectionStatus(status=Status.FAILED, message=failure.message)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """Return the provider's streams."""
        provider = Provider(*provider_config(config))
        with self._telling(provider):
            return provider.discover(logger)

    @contextmanager
    def _telling(self, provider: Provider) -> Iterator[None]:
        """Tell the platform afterwards which credentials the provider has replaced."""
        try:
            yield
        finally:
            for update in provider.updates():
                self._messages.emit_message(update)

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Yield the rows of the catalog's streams, and the states to go on from."""
        for item in self.read_pages(logger, config, catalog, state):
            if isinstance(item, Records):
                yield from item.messages()
            else:
                yield item

    def read_pages(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[Item]:
        """Yield the same as `read`, the rows of a page together."""
        provider = Provider(*provider_config(config))
        _check_catalog(catalog, provider.streams)
        for configured in catalog.streams:
            name = configured.stream.name
            if configured.sync_mode is SyncMode.incremental and not provider.is_incremental(name):
                # PyAirbyte asks for every stream like that, so it is no mistake.
                _LOGGER.info("Stream %s cannot be read incrementally: all of it is read.", name)
        yield from provider.read(logger, catalog, state or [])


def _check_catalog(catalog: ConfiguredAirbyteCatalog, streams: Sequence[str]) -> None:
    """Refuse a catalog with streams that do not exist, which the CDK skips in silence."""
    unknown = [configured.stream.name for configured in catalog.streams if configured.stream.name not in streams]
    if unknown:
        raise config_error(
            f"The catalog names streams that do not exist: {', '.join(unknown)}. The streams are {', '.join(streams)}."
        )
    if not catalog.streams:
        raise config_error("The catalog names no stream.")
