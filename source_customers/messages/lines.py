"""Airbyte messages as lines of JSON."""

import json
from typing import Any

import orjson
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer

from source_customers.messages.records import Records


def message_line(message: AirbyteMessage) -> bytes:
    """Return a message as a line of JSON, in UTF-8 and with its end."""
    return _json(AirbyteMessageSerializer.dump(message)) + b"\n"


def record_lines(records: Records) -> bytes:
    """Return records as lines of JSON.

    The CDK's serializer leaves out a record's fields that are null; here a record's data stays as the API gave it.
    """
    before = b'{"type":"RECORD","record":{"stream":' + orjson.dumps(records.stream) + b',"data":'
    after = b',"emitted_at":%d}}\n' % records.emitted_at
    # Put together around the rows, since an object and a call for each would take twice as long.
    return before + (after + before).join(map(_json, records.rows)) + after


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        # orjson knows neither integers past 64 bits nor lone surrogates nor deep nesting.
        return json.dumps(value).encode()
