"""What the examples share: a config from a file, the connector behind PyAirbyte, and syncs without needless lines.

A script of yours that started as one of the examples needs this file next to it.
"""
# ruff: noqa: E402  # PyAirbyte has to be set up before it is imported

import json
import os
import shutil
import sys
import warnings
from argparse import ArgumentTypeError
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

# PyAirbyte reads these when it is imported: it shall not look the connector up in Airbyte's registry, where it is
# not listed, and send no usage data.
os.environ.setdefault("AIRBYTE_OFFLINE_MODE", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")

# Packages of Google that PyAirbyte brings along foretell which Python they will need one day.
warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\..*")

import airbyte as ab
from airbyte import exceptions
from airbyte.caches import DuckDBCache, PostgresCache
from airbyte.caches.base import CacheBase

# The class of PyAirbyte's errors; from its version 1.0 on it has another name.
AirbyteError: Any = getattr(exceptions, "AirbyteLibError", None) or exceptions.PyAirbyteError

# The examples import PyAirbyte's caches from here, because the settings above have to be made before.
__all__ = ["DuckDBCache", "PostgresCache", "config_file", "connect", "sync"]


def config_file(path: str) -> dict[str, Any]:
    """Return the config in a file; `argparse` calls this for an argument of the command line.

    Raises:
        ArgumentTypeError: there is no config in the file.
    """
    try:
        config: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArgumentTypeError(f"{path} is not a config: {error}") from error
    if not isinstance(config, dict) or "name" not in config.get("provider", {}):
        raise ArgumentTypeError(f'{path} is not a config: it has to be {{"provider": {{"name": "...", ...}}}}')
    return config


def connect(config: dict[str, Any], *streams: str) -> ab.Source:
    """Return the connector set up to read some streams, after a check that the provider takes the credentials."""
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    executable = shutil.which("source-customers", path=folders) or sys.exit("Install source-customers first.")
    try:
        source = ab.get_source("source-customers", config=config, local_executable=executable, install_if_missing=False)
        source.check()
    except AirbyteError as error:
        reason = (error.context or {}).get("failure_reason") or error
        sys.exit(f"{config['provider']['name']}: {reason}")
    source.select_streams([*streams])
    return source


def sync(source: ab.Source, cache: CacheBase) -> ab.ReadResult:
    """Read into a cache what the cache does not hold yet. The progress is on the standard error."""
    with redirect_stdout(StringIO()):  # which PyAirbyte uses for remarks on column types
        return source.read(cache, skip_validation=True)  # `check` has validated the config
