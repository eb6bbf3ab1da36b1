"""The command `source-customers spec|check|discover|read`."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER, is_platform_debug_log_enabled
from airbyte_cdk.models import AirbyteMessage, ConnectorSpecification, Type

from source_customers.configuration import provider_config
from source_customers.lines import message_line
from source_customers.source import SourceCustomers


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entrypoint, with our own check of the config and our own lines.

    The CDK reports a failed `oneOf` against the wrong branch (a caoloon config without a token gets
    `'coredination' was expected`) and quotes values, which may be secrets. It writes the config with its secrets to a
    temporary file, and leaves fields that are null out of a record.
    """

    def run(self, parsed_args: argparse.Namespace) -> Iterator[str]:
        """Yield the messages of a command, each as a line of JSON."""
        if parsed_args.command is None:
            raise SystemExit("Name a command: spec, check, discover or read. `source-customers -h` tells more.")
        if parsed_args.debug or is_platform_debug_log_enabled():
            self.logger.setLevel("DEBUG")
        for message in self._messages(parsed_args):
            yield message_line(message)

    def _messages(self, parsed_args: argparse.Namespace) -> Iterable[AirbyteMessage]:
        spec = self.source.spec(self.logger)
        if parsed_args.command == "spec":
            return [AirbyteMessage(type=Type.SPEC, spec=spec)]
        config = self.source.read_config(parsed_args.config)
        if parsed_args.command == "check":
            return self.check(spec, config)
        if parsed_args.command == "discover":
            return self.discover(spec, config)
        catalog = self.source.read_catalog(parsed_args.catalog)
        return self.read(spec, config, catalog, self.source.read_state(parsed_args.state))

    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: Mapping[str, Any]) -> None:  # noqa: ARG004
        """Raise a config_error that names every mistake in the config."""
        provider_config(config)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run a command and print its Airbyte messages.

    Args:
        arguments: the command and its options; those of the process when left out.
    """
    entrypoint = Entrypoint(SourceCustomers())
    parsed = entrypoint.parse_args(list(sys.argv[1:] if arguments is None else arguments))
    with PRINT_BUFFER:
        for line in entrypoint.run(parsed):
            print(f"{line}\n", end="")  # noqa: T201  # standard output is the protocol; one write keeps lines whole
