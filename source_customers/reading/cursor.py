"""The cursor of an incremental stream: which moments to ask for, and which to remember."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from logging import getLogger
from typing import Any, TypeVar

from airbyte_cdk.sources.declarative.datetime.datetime_parser import DatetimeParser

from source_customers.config.fields import value_at
from source_customers.failures import config_error
from source_customers.manifest.settings import Days, Window
from source_customers.moments import EPOCH, moment_or_none, parse_duration, parse_moment
from source_customers.reading.page import Page, Row

LOGGER = getLogger("airbyte.source-customers")

Parsed = TypeVar("Parsed")

_FULL_READ = "full_read"
_EARLIEST = datetime(1990, 1, 1, tzinfo=timezone.utc)
"""No web API existed before. An earlier change time is in another unit than documented."""


class Cursor:
    """What one sync of a stream asks for by change time, and how far it has come.

    All moments are the API's, in UTC: the change times of its rows, and its clock.

    Attributes:
        sync_start: the moment the sync began, by the API's clock. None until the API has told it.
        is_full: whether everything is read, and not only what changed.
        is_read_again: whether everything is read although there is a state to go on from.
        end: last moment to read. None for all that there is.
    """

    def __init__(  # noqa: PLR0917  # a stream's name, and what its manifest, its state and its config say
        self,
        stream: str,
        field: str,
        state_format: str,
        window: Window | Days,
        config: Mapping[str, Any],
        state: Mapping[str, Any],
    ) -> None:
        """Take what the manifest and the config say, and the state that the sync goes on from."""
        self._stream = stream
        self._field = field
        self._format = state_format
        self._from_sync_start = isinstance(window, Window) and window.missing_change_time == "sync_start"
        end = window.end if isinstance(window, Window) else ""
        every = window.full_read if isinstance(window, Window) else ""
        self._start = _given(config, window.start, parse_moment) or EPOCH
        self._lookback = _given(config, window.lookback, parse_duration) or timedelta(0)
        self._reached = max(self._start, parse_moment(state[field])) if field in state else self._start
        self._highest = self._committed = self._reached
        self._every = _given(config, every, parse_duration)
        self._last_full_read = moment_or_none(state.get(_FULL_READ)) if self._every else None
        self.is_full, self.is_read_again = self._reached <= self._start, False
        self._said_odd = False
        self.end = _given(config, end, parse_moment)
        self.sync_start: datetime | None = None

    def begin(self, moment: datetime) -> None:
        """Take the moment the sync begins, by the API's clock.

        A state from the future, which other versions may have left, would hide every change until then.
        """
        self.sync_start = moment
        self._reached = min(self._reached, moment)
        self._highest = self._committed = min(self._committed, moment)
        if not self.is_full and self._is_due(moment):
            self.is_full = self.is_read_again = True
            LOGGER.info("Stream %s: everything is read again, as `full_read_every` asks for.", self._stream)

    @property
    def has_ended(self) -> bool:
        """Whether rows are left out that changed since the end: then nothing tells those from rows that are gone."""
        return self.end is not None and self.sync_start is not None and self.end < self.sync_start

    def _is_due(self, moment: datetime) -> bool:
        """Return whether the last full read is too long ago, or not known."""
        if self._every is None or self.has_ended:
            return False
        return self._last_full_read is None or moment - self._last_full_read >= self._every

    @property
    def lookback(self) -> timedelta:
        """How late a row may appear, after its change time."""
        return self._lookback

    @property
    def lower_bound(self) -> datetime | None:
        """First moment to read, the lookback window included. None for all history."""
        lower = self._start if self.is_full else max(self._start, self._reached - self._lookback)
        return lower if lower > EPOCH else None

    def moments(self, rows: Sequence[Row]) -> list[datetime | None]:
        """Return the change time of each row, in UTC; None for one that has none that can be understood."""
        field = self._field
        found = [moment_or_none(row.get(field)) for row in rows]
        return [None if moment is None or moment < _EARLIEST else moment for moment in found]

    def wanted(self, page: Page) -> Page:
        """Return a page without rows that changed after the end: a filter may reach a little further."""
        end = self.end
        return page if end is None else page.only(moment is None or moment <= end for moment in page.moments)

    def note(self, page: Page) -> None:
        """Remember that the rows of a page were delivered, but none as later than the sync's start."""
        latest = max(filter(None, page.moments), default=None)
        if latest is not None:
            self._advance(latest)
        if None in page.moments:
            self._note_missing(page)

    def _note_missing(self, page: Page) -> None:
        values = [row.get(self._field) for row, moment in zip(page.rows, page.moments, strict=True) if moment is None]
        if None in values and self._from_sync_start and self.sync_start:
            self._advance(self.sync_start)
        if any(value is not None for value in values) and not self._said_odd:
            self._said_odd = True
            LOGGER.warning(
                "Stream %s: some values of `%s` are no moments in the documented unit. Their rows are delivered, and "
                "do not move the state.",
                self._stream,
                self._field,
            )

    def _advance(self, moment: datetime) -> None:
        self._highest = max(self._highest, min(moment, self.sync_start or moment))

    @property
    def highest(self) -> datetime:
        """The latest change time delivered, but never later than the sync's start."""
        return self._highest

    def resume(self, highest: datetime) -> None:
        """Take the latest change time that the sync before this one delivered without finishing."""
        self._advance(highest)

    def commit(self, until: datetime | None = None) -> None:
        """Declare that everything up to a moment was delivered; without one, everything."""
        self._committed = max(self._committed, min(self._highest, until or self._highest))

    def end_full_read(self) -> None:
        """Declare that everything was delivered in one read."""
        self._last_full_read = self.sync_start if self._every else None

    @property
    def state(self) -> dict[str, Any]:
        """The moment up to which nothing is missing, by the name of the cursor field, and the last full read."""
        full = {_FULL_READ: self._last_full_read.isoformat()} if self._last_full_read else {}
        return {self._field: DatetimeParser().format(self._committed, self._format), **full}


def _given(config: Mapping[str, Any], path: str, parse: Callable[[str], Parsed]) -> Parsed | None:
    """Return what a config field says; None where it says nothing.

    Raises:
        AirbyteTracedException: it does not make sense (config_error).
    """
    value = value_at(config, path)
    try:
        return parse(str(value)) if value else None
    except ValueError as mistake:
        raise config_error(f"`{path}` is {mistake}.") from None
