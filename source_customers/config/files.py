"""Reads the files that a command names: config, catalog and state."""

import json
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from airbyte_cdk.models import (
    AirbyteStateMessage,
    AirbyteStateMessageSerializer,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
)

from source_customers.failures import config_error


def read_config(config_path: str) -> MutableMapping[str, Any]:
    """Return the config in a file.

    Raises:
        AirbyteTracedException: a config_error about the file, as for the functions below.
    """
    config = _read_json("config", config_path)
    if not isinstance(config, dict):
        raise config_error("The config must be a JSON object.")
    return config


def read_catalog(catalog_path: str) -> ConfiguredAirbyteCatalog:
    """Return the configured catalog in a file."""
    content = _read_json("catalog", catalog_path)
    try:
        catalog: ConfiguredAirbyteCatalog = ConfiguredAirbyteCatalogSerializer.load(content)
    except Exception:  # noqa: BLE001  # the serializer raises errors of its own, with the content in their text
        raise config_error(
            "The catalog is not a configured catalog. It must have the form "
            '{"streams": [{"stream": {...}, "sync_mode": "...", "destination_sync_mode": "..."}]}; '
            "what discover prints holds only the part called stream."
        ) from None
    return catalog


def read_state(state_path: str | None) -> list[AirbyteStateMessage]:
    """Return the states in a file; none for no file."""
    content = _read_json("state", state_path) if state_path else None
    try:
        return [AirbyteStateMessageSerializer.load(_typed(item)) for item in content or []]
    except Exception:  # noqa: BLE001  # the serializer raises errors of its own, with the content in their text
        raise config_error(
            'The state must be a list of {"type": "STREAM", "stream": {"stream_descriptor": {"name": "..."}, '
            '"stream_state": {...}}}, as the source prints it under "state".'
        ) from None


def _typed(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state that says what type it is: the CDK leaves others out in silence."""
    return {**state, "type": state["type"]}


def _read_json(kind: str, path: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as failure:
        raise config_error(f"The {kind} file {path} cannot be read: {failure.strerror}.") from None
    except (ValueError, RecursionError):
        raise config_error(f"The {kind} file {path} is not JSON in UTF-8.") from None
