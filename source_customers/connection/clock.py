"""The API's clock. Moments that are compared with those of an API have to be its own, not ours."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from source_customers import waiting


def http_date(text: str) -> datetime | None:
    """Return the moment of an HTTP date, in UTC and whole seconds; None for what is none."""
    try:
        moment = parsedate_to_datetime(text)
        # `-0000` means UTC as well, but comes without a time zone.
        return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


class ServerClock:
    """The API's clock, by the first `Date` header that it sends and the time since.

    It is never ahead of the API's true clock where that header is true: a header is older than its receipt, and its
    fraction of a second is missing.
    """

    def __init__(self) -> None:
        self._began: datetime | None = None

    def learn(self, headers: Mapping[str, str], received: float) -> None:
        """Take the time from an answer's headers, where none was known.

        Args:
            headers: headers of an answer, read whatever their case.
            received: when they were received, in seconds of `waiting.monotonic`.
        """
        if self._began is None:
            moment = http_date(headers.get("Date", ""))
            if moment is not None:
                self._began = moment - timedelta(seconds=received)

    def now(self) -> datetime | None:
        """Return the present moment in UTC; None before the API has told the time."""
        if self._began is None:
            return None
        try:
            return self._began + timedelta(seconds=waiting.monotonic())
        except OverflowError:  # the year 9999
            return None
