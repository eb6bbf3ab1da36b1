"""What a stream leaves for its next sync."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class State:
    """A checkpoint: it may be stored once all rows before it are stored.

    Attributes:
        value: the stream's state, as JSON.
    """

    value: dict[str, Any]


NO_CURSOR = State({"__ab_no_cursor_state_message": True})
"""The state of a stream that is read in full each time, as the CDK writes it."""
