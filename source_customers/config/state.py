"""Reads the state that a sync goes on from, and refuses one that it cannot go on from."""

from collections.abc import Mapping, Sequence
from typing import Any

from airbyte_cdk.models import AirbyteStateMessage, AirbyteStateType, AirbyteStreamState

from source_customers.failures import config_error
from source_customers.moments import parse_moment

REMEDY = "Give the state that this source printed, or none to read everything again."


def stream_states(
    messages: Sequence[AirbyteStateMessage], streams: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return the state of each incremental stream, by its name.

    Args:
        messages: one state a stream, as this or another version printed them.
        streams: the streams of the provider's manifest, by name.

    Raises:
        AirbyteTracedException: a config_error that names the stream whose state cannot be gone on from.
    """
    states = {}
    for message in messages:
        if message.type not in {None, AirbyteStateType.STREAM} or message.stream is None:
            raise config_error(f"The state is not of the type STREAM. {REMEDY}")
        name = message.stream.stream_descriptor.name
        cursor = streams.get(name, {}).get("incremental_sync")
        if cursor:
            states[name] = _readable(message.stream, cursor["cursor_field"])
    return states


def _readable(stream: AirbyteStreamState, cursor_field: str) -> dict[str, Any]:
    name, state = stream.stream_descriptor.name, vars(stream.stream_state) if stream.stream_state else {}
    if state and cursor_field not in state:
        raise config_error(f"The state of stream {name} is of another source: it has no `{cursor_field}`. {REMEDY}")
    if state:
        try:
            parse_moment(state[cursor_field])
        except ValueError:
            raise config_error(
                f"The state of stream {name} cannot be read: `{cursor_field}` is not a moment in time. {REMEDY}"
            ) from None
    return dict(state)
