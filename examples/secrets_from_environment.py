"""Keep secrets out of the config: it names environment variables, and PyAirbyte fills in their values.

    export CAOLOON_API_TOKEN=...
    python examples/secrets_from_environment.py config.json

config.json may now be shown to anyone:

    {"provider": {"name": "caoloon", "api_token": "secret_reference::CAOLOON_API_TOKEN"}}

All of these examples take such a config. At the shell, `source-customers` itself does not: it wants the values.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from common import config_file, connect

PREFIX = "secret_reference::"


def main() -> None:
    """Check the credentials, and print the streams that they give access to."""
    parser = ArgumentParser(description="Check a config whose secrets come from environment variables.")
    parser.add_argument("config", type=config_file)
    config = parser.parse_args().config

    # PyAirbyte would ask for what is missing, which is of no use in a nightly job.
    missing = [name for name in referenced(config) if name not in os.environ]
    if missing:
        sys.exit(f"Set these environment variables first: {', '.join(missing)}")

    source = connect(config, "customers")  # go on from here as the other examples do, with sync(source, cache)
    print(f"The credentials work. Streams: {', '.join(source.get_available_streams())}")


def referenced(config: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the secrets that a config refers to, at whatever depth."""
    for value in config.values():
        if isinstance(value, dict):
            yield from referenced(value)
        elif isinstance(value, str) and value.startswith(PREFIX):
            yield value.removeprefix(PREFIX)


if __name__ == "__main__":
    main()
