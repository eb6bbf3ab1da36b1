"""Airbyte messages as lines of JSON."""

import json
from typing import Any

import orjson
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer

from source_customers.records import Records


def message_line(message: AirbyteMessage) -> bytes:
    """Return a message as a line of JSON, in UTF-8 and with its end."""
    return _line(AirbyteMessageSerializer.dump(message))


def record_lines(records: Records) -> bytes:
    """Return records as lines of JSON.

    The CDK's serializer leaves out a record's fields that are null; here a record's data stays as the API gave it.
    """
    stream, emitted_at = records.stream, records.emitted_at
    return b"".join(
        _line({"type": "RECORD", "record": {"stream": stream, "data": row, "emitted_at": emitted_at}})
        for row in records.rows
    )


def _line(message: Any) -> bytes:
    try:
        return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # orjson knows neither integers past 64 bits nor lone surrogates nor deep nesting.
        return json.dumps(message).encode() + b"\n"
