"""Reads a list of which a number of days can be asked for, from the past into the future."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile

from source_customers import waiting
from source_customers.connection.connection import Connection
from source_customers.connection.stop import Stop
from source_customers.failures import config_error
from source_customers.manifest.settings import Days
from source_customers.moments import EPOCH, parse_duration
from source_customers.reading.api_list import ApiList
from source_customers.reading.cursor import Cursor
from source_customers.reading.look_ahead import LookAhead
from source_customers.reading.page import Page, Row
from source_customers.reading.recent import digest
from source_customers.reading.state import State

_A_DAY = timedelta(days=1)
_TOO_FEW_DAYS = 2
_ZONES = timedelta(hours=14)
"""A day begins this much earlier or later somewhere, and no document says where."""


class DaysRead:
    """One read of a list of appointments, say: of their own time, since they have no change time.

    What is to come may still change, so the state is never later than the moment the sync began, and all that is to
    come is read each time. See docs/delivery.md for what is not seen.

    No document says how many days the API gives at most. A row of the last day that was asked for proves that all of
    them came. There is no state before that.
    """

    def __init__(self, api: ApiList, connection: Connection, stop: Stop, cursor: Cursor, settings: Days) -> None:
        """Take the list, the connection, what ends the sync, the stream's cursor, and how far to read."""
        self._api = api
        self._connection = connection
        self._stop = stop
        self._cursor = cursor
        self._settings = settings
        # Two days are too few to tell in every time zone.
        self._is_proved = api.paging.size <= _TOO_FEW_DAYS

    def items(self) -> Iterator[Page | State]:
        """Yield the rows, and a state after each answer.

        Raises:
            AirbyteTracedException: an answer could not be had, or is shorter than what was asked for.
        """
        sync_start = self._now()
        self._cursor.begin(sync_start)
        lower = self._cursor.lower_bound or sync_start - parse_duration(self._settings.back)
        upper = sync_start + parse_duration(self._settings.ahead)
        # A day more at either end, for the time zone that the API counts in.
        first, last = _day(lower) - 1, _day(upper) + 1
        ahead, before, position = LookAhead(self._connection, self._fetch, self._stop), Page([]), first
        while position <= last:
            page = ahead.page(position)
            ahead.prepare(takewhile(lambda day: day <= last, self._api.paging.ahead(position, page)), None)
            if position > first and self._missed(page, before, position):
                self._look_again(page, position)
            known = {row[self._api.key]: digest(row) for row in before.rows}
            new = page.only(known.get(row[self._api.key]) != digest(row) for row in page.rows)
            yield from [new] if new.rows else []
            if not self._is_proved:
                # The answer before had a row of its last day, which this one has too.
                self._is_proved = len(new.rows) < len(page.rows) or self._prove(page, position)
            position, before = self._api.paging.following(position, page), page
            self._cursor.resume(_moment(position) - _ZONES)
            self._cursor.commit()
            yield from [State(self._cursor.state)] if self._is_proved or position > last else []

    def _now(self) -> datetime:
        """Return the present moment by the API's clock, which the first answer tells."""
        if self._connection.clock.now() is None:
            self._connection.submit(lambda: self._fetch(today(self._connection), self._stop)).result()
        return self._connection.clock.now() or waiting.now()

    def _fetch(self, position: int, stop: Stop) -> Page:
        return self._api.page(position, self._api.paging.size, stop, cursor=self._cursor)

    def _missed(self, page: Page, before: Page, position: int) -> list[object]:
        """Return the keys of rows that the answer before should have had: they are of the day that both have."""
        until = _moment(position) + _A_DAY - _ZONES
        keys = {row[self._api.key] for row in before.rows}
        return [
            row[self._api.key]
            for row, moment in zip(page.rows, page.moments, strict=True)
            if moment is not None and moment < until and row[self._api.key] not in keys
        ]

    def _prove(self, page: Page, position: int) -> bool:
        """Return whether the API gives as many days as it is asked for, by asking so that a known row is of the last.

        Raises:
            AirbyteTracedException: it gives fewer (config_error).
        """
        for row, moment in zip(page.rows, page.moments, strict=True):
            if moment is None:
                continue
            first = _day(moment + _ZONES) - self._api.paging.size + 1
            if self._has(row, first):
                return True
            if self._has(row, position):  # it was not removed meanwhile
                raise self._too_many_days()
        return False

    def _has(self, row: Row, position: int) -> bool:
        page = self._connection.submit(lambda: self._fetch(position, self._stop)).result()
        return any(row[self._api.key] == each[self._api.key] for each in page.rows)

    def _look_again(self, page: Page, position: int) -> None:
        """Ask once more for the answer before, since a row may have been added meanwhile.

        Raises:
            AirbyteTracedException: the API gives fewer days than it was asked for (config_error).
        """
        earlier = position - self._api.paging.size + 1
        before = self._connection.submit(lambda: self._fetch(earlier, self._stop)).result()
        if self._missed(page, before, position):
            raise self._too_many_days()

    def _too_many_days(self) -> Exception:
        return config_error(
            f"Stream {self._api.stream} could not be read: the API gives fewer days at a time than it was asked for. "
            f"Lower `{self._settings.days}`."
        )


def today(connection: Connection) -> int:
    """Return the present day, counted from 1970 on; by the API's clock, once it has told it."""
    return _day(connection.clock.now() or waiting.now())


def _day(moment: datetime) -> int:
    return (moment - EPOCH) // _A_DAY


def _moment(day: int) -> datetime:
    return EPOCH + day * _A_DAY
