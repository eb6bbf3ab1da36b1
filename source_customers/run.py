"""The command `source-customers spec|check|discover|read`."""

import sys

from airbyte_cdk.entrypoint import launch

from source_customers.source import SourceCustomers


def run() -> None:
    """Run the command that the arguments name, and print Airbyte messages."""
    launch(SourceCustomers(), sys.argv[1:])
