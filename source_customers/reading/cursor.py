"""The cursor of an incremental stream: which moments to ask for, and which to remember."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from logging import getLogger
from typing import Any

from airbyte_cdk.sources.declarative.datetime.datetime_parser import DatetimeParser

from source_customers.config.fields import value_at
from source_customers.manifest.settings import Window
from source_customers.moments import EPOCH, moment_or_none, parse_duration, parse_moment
from source_customers.reading.page import Page, Row

LOGGER = getLogger("airbyte.source-customers")

_EARLIEST = datetime(1990, 1, 1, tzinfo=timezone.utc)
"""No web API existed before. An earlier change time is in another unit than documented."""


class Cursor:
    """What one sync of a stream asks for by change time, and how far it has come.

    All moments are the API's, in UTC: the change times of its rows, and its clock.

    Attributes:
        sync_start: the moment the sync began, by the API's clock. None until the API has told it.
    """

    def __init__(  # noqa: PLR0917  # a stream's name, and what its manifest, its state and its config say
        self,
        stream: str,
        field: str,
        state_format: str,
        window: Window | None,
        config: Mapping[str, Any],
        state: Mapping[str, Any],
    ) -> None:
        """Take what the manifest and the config say, and the state that the sync goes on from."""
        self._stream = stream
        self._field = field
        self._format = state_format
        self._from_sync_start = window is not None and window.missing_change_time == "sync_start"
        start = value_at(config, window.start) if window else None
        lookback = value_at(config, window.lookback) if window else None
        self._start = parse_moment(start) if start else EPOCH
        self._lookback = parse_duration(lookback) if lookback else timedelta(0)
        self._reached = max(self._start, parse_moment(state[field])) if field in state else self._start
        self._highest = self._committed = self._reached
        self._said_odd = False
        self.sync_start: datetime | None = None

    def begin(self, moment: datetime) -> None:
        """Take the moment the sync begins, by the API's clock.

        A state from the future, which other versions may have left, would hide every change until then.
        """
        self.sync_start = moment
        self._reached = min(self._reached, moment)
        self._highest = self._committed = min(self._committed, moment)

    @property
    def lower_bound(self) -> datetime | None:
        """First moment to read, the lookback window included. None for all history."""
        lower = max(self._start, self._reached - self._lookback) if self._reached > self._start else self._start
        return lower if lower > EPOCH else None

    def moments(self, rows: Sequence[Row]) -> list[datetime | None]:
        """Return the change time of each row, in UTC; None for one that has none that can be understood."""
        field = self._field
        return [_plausible(moment_or_none(row.get(field))) for row in rows]

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

    @property
    def state(self) -> dict[str, Any]:
        """The moment up to which nothing is missing, by the name of the cursor field."""
        return {self._field: DatetimeParser().format(self._committed, self._format)}


def _plausible(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment >= _EARLIEST else None
