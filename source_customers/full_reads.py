"""The stream `full_reads`: which streams were read as a whole, and when. So what is gone at a provider can be seen.

No API tells what was deleted. A row that was last delivered before the latest full read of its stream began was not
there any more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from airbyte_cdk.models import AirbyteMessage, AirbyteStream, AirbyteStreamStatus, StreamDescriptor
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message

from source_customers.catalog import catalog_stream
from source_customers.messages.records import Records
from source_customers.messages.states import state_message

NAME = "full_reads"
_CURSOR = "ended_at"
_MOMENT = {"type": "string", "format": "date-time", "airbyte_type": "timestamp_with_timezone"}


@dataclass(frozen=True)
class FullRead:
    """A complete read of all rows of a stream.

    Attributes:
        stream: the stream's name.
        began: when it began, in milliseconds since the epoch, by the clock that stamps the records.
        ended: when it ended, likewise.
        rows: how many rows it delivered.
    """

    stream: str
    began: int
    ended: int
    rows: int

    def row(self) -> dict[str, Any]:
        """Return the row that tells of it."""
        return {
            "stream": self.stream,
            "began_at": _moment(self.began),
            "ended_at": _moment(self.ended),
            "rows": self.rows,
        }


def full_reads_stream() -> AirbyteStream:
    """Return the stream as a catalog lists it."""
    properties = {
        "stream": {"type": "string", "description": "Name of the stream of which all rows were read."},
        "began_at": {**_MOMENT, "description": "When the read began, by the clock that stamps the rows."},
        "ended_at": {**_MOMENT, "description": "When the read ended, by the same clock."},
        "rows": {"type": ["null", "integer"], "description": "How many rows were delivered."},
    }
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": True}
    return catalog_stream(NAME, {**schema, "properties": properties}, ["stream", "began_at"], _CURSOR)


def full_reads_messages(full_reads: Sequence[FullRead]) -> Iterator[AirbyteMessage | Records]:
    """Yield the stream's messages, after those of all the streams that it speaks of."""
    yield _status(AirbyteStreamStatus.STARTED)
    if full_reads:
        last = max(each.ended for each in full_reads)
        yield _status(AirbyteStreamStatus.RUNNING)
        yield Records(NAME, [each.row() for each in full_reads], last)
        yield state_message(NAME, {_CURSOR: _moment(last)})
    yield _status(AirbyteStreamStatus.COMPLETE)


def _moment(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _status(status: AirbyteStreamStatus) -> AirbyteMessage:
    return as_airbyte_message(StreamDescriptor(name=NAME), status)
