"""The cursor of an incremental stream: what is asked for, and what is remembered of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from airbyte_cdk.sources.streams.concurrent.cursor import ConcurrentCursor
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record, StreamSlice

from source_customers.components import waiting
from source_customers.components.answers import Row
from source_customers.components.failures import system_error
from source_customers.components.moments import EPOCH, moment_or_none

_SETTLING = timedelta(seconds=10)


class PageCursor(ConcurrentCursor):
    """A datetime cursor that looks at a page once, and is never ahead of the rows or of the sync's start.

    The framework's own cursor hashes a slice for every row, stops advancing at a value that none of its formats
    fits, and takes a row dated in the future for the new state, after which every later change is skipped. It is
    built by the framework from the manifest's `DatetimeBasedCursor` and has no extension point, so `adopt` turns
    that object into one of this class.
    """

    _sync_start: datetime
    _reached: datetime  # by the syncs before
    _highest: datetime  # of the rows delivered
    _committed: datetime  # up to which nothing is missing

    @classmethod
    def adopt(cls, cursor: object) -> "PageCursor | None":
        """Return the framework's datetime cursor as a PageCursor; None for a stream without a cursor."""
        if type(cursor) is ConcurrentCursor:
            cursor.__class__ = cls
            adopted = cast(PageCursor, cursor)
            adopted._begin(waiting.now())  # noqa: SLF001  # what __init__ would do
            return adopted
        if isinstance(cursor, ConcurrentCursor):
            raise system_error("The framework built a cursor of a kind that this version does not know.")
        return None

    def _begin(self, sync_start: datetime) -> None:
        self._sync_start = sync_start
        # A state from the future, which other versions may have left, would hide every change until then.
        self._reached = min(cast(datetime, self.start), sync_start)
        self._highest = self._committed = self._reached

    @property
    def sync_start(self) -> datetime:
        """The moment this sync began, in UTC."""
        return self._sync_start

    @property
    def settled(self) -> datetime:
        """A moment shortly before the sync, which is past by the API's clock too unless that is badly off."""
        return self._sync_start - _SETTLING

    def note_server_time(self, moment: datetime) -> None:
        """Take the API's clock for the sync's start where ours is ahead of it, so that nothing falls in between."""
        self._sync_start = min(self._sync_start, moment)

    @property
    def lower_bound(self) -> datetime | None:
        """First moment to read, the lookback window included; None for all history."""
        lookback = cast("timedelta | None", self._lookback_window) or timedelta(0)
        configured = cast("datetime | None", self._start) or EPOCH
        lower = max(configured, self._reached - lookback) if self._reached > configured else configured
        return lower if lower > EPOCH else None

    @property
    def state(self) -> dict[str, Any]:
        """The stream's state: the cursor field with the moment up to which nothing is missing.

        The framework emits it also when a stream ends with an error.
        """
        return {self.cursor_field.cursor_field_key: self._connector_state_converter.output_format(self._committed)}

    def stream_slices(self) -> list[StreamSlice]:
        """Return the one slice of the stream: everything since the lower bound."""
        return [StreamSlice(partition={}, cursor_slice={})]

    def moments(self, rows: list[Row]) -> list[datetime | None]:
        """Return the change time of each row, in UTC; None for one that has none that can be read."""
        field = self.cursor_field.cursor_field_key
        return [moment_or_none(row.get(field)) for row in rows]

    @staticmethod
    def last_in_order(moments: Sequence[datetime | None], before: datetime) -> datetime | None:
        """Return the last of moments that come in their order after another; None when they do not."""
        for moment in moments:
            if moment is None or moment < before:
                return None
            before = moment
        return before

    def advance(self, moment: datetime) -> None:
        """Remember that a row was delivered, but never as later than the sync's start."""
        self._highest = max(self._highest, min(moment, self._sync_start))

    def checkpoint(self) -> None:
        """Emit the state, now that everything up to the highest row delivered has been."""
        self._committed = self._highest
        self._emit_state_message()

    def observe(self, record: Record) -> None:
        """Do nothing: the retriever advances the cursor once a page."""

    def close_partition(self, partition: Partition) -> None:  # noqa: ARG002  # there is one slice
        """Emit the state after the last row of the stream."""
        self.checkpoint()
