"""Reads the state that a sync goes on from, and refuses one that it cannot go on from."""

from collections.abc import Mapping, Sequence
from typing import Any

from airbyte_cdk.models import AirbyteStateBlob, AirbyteStateMessage, AirbyteStateType, AirbyteStreamState
from airbyte_cdk.sources.declarative.datetime.datetime_parser import DatetimeParser

from source_customers.components.failures import config_error
from source_customers.components.moments import parse_moment

REMEDY = "Give the state that this source printed, or none to read everything again."


def readable_state(
    messages: Sequence[AirbyteStateMessage], streams: Sequence[Mapping[str, Any]]
) -> list[AirbyteStateMessage]:
    """Return the states of a provider's incremental streams, their moments written as the manifest has them.

    Args:
        messages: one state a stream, as this or another version printed them.
        streams: the streams of the provider's manifest.

    Raises:
        AirbyteTracedException: a config_error that names the stream whose state cannot be gone on from.
    """
    cursors = {stream["name"]: stream["incremental_sync"] for stream in streams if "incremental_sync" in stream}
    readable = []
    for message in messages:
        if message.type not in (None, AirbyteStateType.STREAM) or message.stream is None:
            raise config_error(f"The state is not of the type STREAM. {REMEDY}")
        cursor = cursors.get(message.stream.stream_descriptor.name)
        if cursor:
            readable.append(_readable(message.stream, cursor["cursor_field"], cursor["datetime_format"]))
    return readable


def _readable(stream: AirbyteStreamState, cursor_field: str, datetime_format: str) -> AirbyteStateMessage:
    name, state = stream.stream_descriptor.name, vars(stream.stream_state) if stream.stream_state else {}
    if state and cursor_field not in state:
        raise config_error(f"The state of stream {name} is of another source: it has no `{cursor_field}`. {REMEDY}")
    if state:
        try:
            moment = parse_moment(state[cursor_field])
        except ValueError:
            raise config_error(
                f"The state of stream {name} cannot be read: `{cursor_field}` is not a moment in time. {REMEDY}"
            ) from None
        state = {cursor_field: DatetimeParser().format(moment, datetime_format)}
    blob = AirbyteStateBlob(**state)
    readable = AirbyteStreamState(stream_descriptor=stream.stream_descriptor, stream_state=blob)
    return AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=readable)
