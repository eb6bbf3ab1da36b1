"""Runs a command through the CDK and prints its messages."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO, cast

from airbyte_cdk.config_observation import create_connector_config_control_message
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER, is_platform_debug_log_enabled
from airbyte_cdk.models import AirbyteMessage, AirbyteStateStats, ConnectorSpecification, Type

from source_customers.config.check import provider_config
from source_customers.config.migrations import migrated
from source_customers.failures import trace_message, traced
from source_customers.manifest.catalogue import manifest_paths, specification
from source_customers.messages.lines import message_line, record_lines
from source_customers.messages.records import Records
from source_customers.source import SourceCustomers
from source_customers.startup import end_without_output


class NoOutputError(Exception):
    """Standard output is closed, or its disk is full."""


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entrypoint, with our own check of the config and our own lines.

    The CDK reports a failed `oneOf` against the wrong branch (a caoloon config without a token gets
    `'coredination' was expected`) and quotes values, which may be secrets. It writes the config with its secrets to a
    temporary file, leaves fields that are null out of a record, and makes objects of every row: here the rows of a page
    stay together until they are lines.
    """

    def __init__(self, source: SourceCustomers) -> None:
        """Take the source whose commands to run."""
        super().__init__(source)
        self._source = source

    def lines(self, parsed_args: argparse.Namespace) -> Iterator[bytes]:
        """Yield the messages of a command as lines of JSON, the records of a page together."""
        if parsed_args.command is None:
            raise SystemExit("Name a command: spec, check, discover, read or probe. `source-customers -h` tells more.")
        self.logger.setLevel("DEBUG" if parsed_args.debug or is_platform_debug_log_enabled() else "INFO")
        for item in self._messages(parsed_args):
            yield record_lines(item) if isinstance(item, Records) else message_line(item)

    def _messages(self, parsed_args: argparse.Namespace) -> Iterator[AirbyteMessage | Records]:
        if parsed_args.command == "spec":
            yield AirbyteMessage(type=Type.SPEC, spec=self.source.spec(self.logger))
            return
        given = self.source.read_config(parsed_args.config)
        config = migrated(given)
        if config is not given:
            yield create_connector_config_control_message(dict(config))
        spec = _spec_for(config)
        if parsed_args.command == "check":
            yield from self.check(spec, config)
        elif parsed_args.command == "discover":
            try:
                yield from self.discover(spec, config)
            except Exception:
                # The CDK leaves them where it fails: a credential that the provider has replaced is among them.
                yield from self._source.message_repository.consume_queue()
                raise
        else:
            self.set_up_secret_filter(config, spec.connectionSpecification)
            catalog, state = self.source.read_catalog(parsed_args.catalog), self.source.read_state(parsed_args.state)
            yield from self._counted(self._source.read_pages(self.logger, config, catalog, state))

    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: Mapping[str, Any]) -> None:  # noqa: ARG004
        """Raise a config_error that names every mistake in the config."""
        provider_config(config)

    @staticmethod
    def _counted(items: Iterator[AirbyteMessage | Records]) -> Iterator[AirbyteMessage | Records]:
        """Say in each state how many rows came since the one before."""
        counts: dict[str, float] = {}
        for item in items:
            if isinstance(item, Records):
                counts[item.stream] = counts.get(item.stream, 0.0) + len(item.rows)
            elif item.state and item.state.stream:
                name = item.state.stream.stream_descriptor.name
                item.state.sourceStats = AirbyteStateStats(recordCount=counts.pop(name, 0.0))
            yield item


def _spec_for(config: Mapping[str, Any]) -> ConnectorSpecification:
    """Return the part of the spec that is about a config's provider; all of it, where the config names none."""
    provider = config.get("provider")
    name = provider.get("name") if isinstance(provider, Mapping) else None
    return ConnectorSpecification(**specification([known for known in manifest_paths() if known == name] or None))


def launch(arguments: Sequence[str]) -> None:
    """Run a command with its options, and print what it says.

    Raises:
        SystemExit: with status 1, when the command failed; the error was printed as a message.
    """
    entrypoint = Entrypoint(SourceCustomers())
    parsed = entrypoint.parse_args(list(arguments))
    with PRINT_BUFFER:
        try:
            for lines in entrypoint.lines(parsed):
                _write(lines)
        except NoOutputError:
            end_without_output()
        except Exception as failure:  # noqa: BLE001  # whatever it is, the platform reads messages
            # Before the interpreter's own hook, which prints what an exception says: it may quote a row.
            shown = traced(failure, "The command")
            entrypoint.logger.error(shown.message)  # noqa: TRY400  # an exception's text may quote a row
            _write(message_line(trace_message(shown)))
            raise SystemExit(1) from None


def _write(lines: bytes) -> None:
    """Write lines to standard output, whole and after the logs that came before them, in UTF-8 whatever the locale.

    The buffer that the CDK's logs go through would keep a tenth of a second's rows, at four bytes a character.

    Raises:
        NoOutputError: it cannot be written to.
    """
    output = cast(TextIO, sys.__stdout__)
    try:
        with PRINT_BUFFER.lock:
            PRINT_BUFFER.flush()
            output.flush()
            output.buffer.write(lines)
            output.buffer.flush()
    except OSError:
        raise NoOutputError from None
