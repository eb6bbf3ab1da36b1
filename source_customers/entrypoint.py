"""Runs a command through the CDK and prints its messages."""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO, cast

from airbyte_cdk.config_observation import create_connector_config_control_message
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER, is_platform_debug_log_enabled
from airbyte_cdk.models import AirbyteMessage, AirbyteStateStats, ConnectorSpecification, Type

from source_customers.configuration import provider_config
from source_customers.lines import message_line
from source_customers.migrations import migrated
from source_customers.source import SourceCustomers

_MOST_LINES = 100
_LONGEST_BATCH = 0.1


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entrypoint, with our own check of the config and our own lines.

    The CDK reports a failed `oneOf` against the wrong branch (a caoloon config without a token gets
    `'coredination' was expected`) and quotes values, which may be secrets. It writes the config with its secrets to a
    temporary file, leaves fields that are null out of a record, and makes an object to count every row with.
    """

    def lines(self, parsed_args: argparse.Namespace) -> Iterator[bytes]:
        """Yield the messages of a command, each as a line of JSON."""
        if parsed_args.command is None:
            raise SystemExit("Name a command: spec, check, discover or read. `source-customers -h` tells more.")
        self.logger.setLevel("DEBUG" if parsed_args.debug or is_platform_debug_log_enabled() else "INFO")
        for message in self._messages(parsed_args):
            yield message_line(message)

    def _messages(self, parsed_args: argparse.Namespace) -> Iterator[AirbyteMessage]:
        spec = self.source.spec(self.logger)
        if parsed_args.command == "spec":
            yield AirbyteMessage(type=Type.SPEC, spec=spec)
            return
        given = self.source.read_config(parsed_args.config)
        config = migrated(given)
        if config is not given:
            yield create_connector_config_control_message(dict(config))
        if parsed_args.command == "check":
            yield from self.check(spec, config)
        elif parsed_args.command == "discover":
            yield from self.discover(spec, config)
        else:
            catalog, state = self.source.read_catalog(parsed_args.catalog), self.source.read_state(parsed_args.state)
            yield from self.read(spec, config, catalog, state)

    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: Mapping[str, Any]) -> None:  # noqa: ARG004
        """Raise a config_error that names every mistake in the config."""
        provider_config(config)

    def read(
        self, source_spec: ConnectorSpecification, config: Any, catalog: Any, state: list[Any]
    ) -> Iterator[AirbyteMessage]:
        """Yield the messages of a sync; each state says how many rows came since the one before."""
        self.set_up_secret_filter(config, source_spec.connectionSpecification)
        counts: dict[str, float] = {}
        for message in self.source.read(self.logger, config, catalog, state):
            if message.record:
                counts[message.record.stream] = counts.get(message.record.stream, 0.0) + 1.0
            elif message.state and message.state.stream:
                name = message.state.stream.stream_descriptor.name
                message.state.sourceStats = AirbyteStateStats(recordCount=counts.pop(name, 0.0))
            yield message


def launch(arguments: Sequence[str]) -> None:
    """Run a command with its options, and print what it says."""
    entrypoint = Entrypoint(SourceCustomers())
    parsed = entrypoint.parse_args(list(arguments))
    with PRINT_BUFFER:
        for lines in batches(entrypoint.lines(parsed)):
            _write(lines)


def _write(lines: bytes) -> None:
    """Write lines to standard output, whole and after the logs that came before them.

    The buffer that the CDK's logs go through would keep a tenth of a second's rows, at four bytes a character.
    """
    output = cast(TextIO, sys.__stdout__)
    with PRINT_BUFFER.lock:
        PRINT_BUFFER.flush()
        output.write(lines.decode())
        output.flush()


def batches(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines joined as they come, at most a hundred or a tenth of a second's worth, since every write costs."""
    batch: list[bytes] = []
    began = time.monotonic()
    try:
        for line in lines:
            batch.append(line)
            if len(batch) >= _MOST_LINES or time.monotonic() - began > _LONGEST_BATCH:
                yield b"".join(batch)
                batch, began = [], time.monotonic()
    except Exception:
        yield b"".join(batch)
        raise
    yield b"".join(batch)
