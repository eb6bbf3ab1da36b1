"""Airbyte messages as lines of JSON."""

import json
from typing import Any

import orjson
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer


def message_line(message: AirbyteMessage) -> bytes:
    """Return a message as a line of JSON, in UTF-8 and with its end.

    The CDK's serializer leaves out a record's fields that are null; here a record's data stays as the API gave it.
    """
    record = message.record
    if record is None or record.meta or record.file_reference or record.namespace:
        return _dumps(AirbyteMessageSerializer.dump(message))
    data = {"stream": record.stream, "data": record.data, "emitted_at": record.emitted_at}
    return _dumps({"type": "RECORD", "record": data})


def _dumps(message: Any) -> bytes:
    try:
        return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # orjson knows neither integers past 64 bits nor lone surrogates nor deep nesting.
        return json.dumps(message).encode() + b"\n"
