"""Reads fields of the config that settings name by a dotted path."""

import re
from collections.abc import Mapping
from typing import Any

from source_customers.failures import config_error

_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.]+)\}")


def value_at(config: Mapping[str, Any], path: str) -> Any:
    """Return the value of a config field; None where the config has none."""
    value: Any = config
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def text_at(config: Mapping[str, Any], path: str) -> str:
    """Return a config field as text; empty where the config has none.

    Raises:
        AirbyteTracedException: the field holds no single value (config_error).
    """
    value = value_at(config, path)
    if isinstance(value, (Mapping, list)):
        raise config_error(f"`{path}` must be a single value.")
    return "" if value is None else str(value)


def count_of(config: Mapping[str, Any], count: int | str) -> int:
    """Return a number that a setting gives itself, or names the config field of.

    Raises:
        AirbyteTracedException: the config field holds no whole number from 1 on (config_error).
    """
    number = value_at(config, count) if isinstance(count, str) else count
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise config_error(f"`{count}` must be a whole number, at least 1.")
    return number


def header_text(config: Mapping[str, Any], template: str) -> str:
    """Return a header's text, with the config's value in place of each `{field}`.

    Raises:
        AirbyteTracedException: a value cannot be sent in a header (config_error).
    """
    return _PLACEHOLDER.sub(lambda found: sendable(text_at(config, found[1]), found[1]), template)


def fits_header(text: str) -> bool:
    """Return whether a header can carry a text just as it is."""
    return text == text.strip() and text.isprintable() and all(character <= "\xff" for character in text)


def sendable(text: str, path: str) -> str:
    """Return the text of a config field.

    Raises:
        AirbyteTracedException: no header can carry it (config_error that names the field).
    """
    if not fits_header(text):
        # Said here, because whatever refuses it later repeats it.
        raise config_error(
            f"`{path}` holds characters that cannot be sent in a header, such as a space around it or a quotation "
            "mark of a word processor. Enter it again."
        )
    return text


def encodable(config: Mapping[str, Any], path: str) -> str:
    """Return a config field as text.

    Raises:
        AirbyteTracedException: it is no text that can be written in UTF-8 (config_error that names the field).
    """
    text = text_at(config, path)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise config_error(f"`{path}` holds characters that cannot be sent. Enter it again.") from None
    return text
