"""Says how far a stream has come: now and then while it is read, and once at its end."""

from dataclasses import dataclass, field
from logging import getLogger

from source_customers import waiting
from source_customers.reading.page import Page

LOGGER = getLogger("airbyte.source-customers")

_SECONDS_BETWEEN = 5.0


@dataclass
class Progress:
    """The progress of one stream. It speaks of numbers only, never of what is in a row.

    Attributes:
        stream: the stream's name.
        rows: rows delivered so far.
    """

    stream: str
    rows: int = 0
    _began: float = field(default_factory=lambda: waiting.monotonic())  # noqa: PLW0108  # tests replace the clock
    _said: float = field(default_factory=lambda: waiting.monotonic())  # noqa: PLW0108

    def note(self, page: Page, requests: int | None) -> None:
        """Count a page, and say so when some seconds have passed since the last time."""
        self.rows += len(page.rows)
        if waiting.monotonic() - self._said >= _SECONDS_BETWEEN:
            self._said = waiting.monotonic()
            of_total = "" if page.total is None else f" of {page.total}"
            LOGGER.info("Stream %s: %d rows%s so far%s.", self.stream, self.rows, of_total, _in_requests(requests))

    def end(self, requests: int | None) -> None:
        """Say what was read."""
        seconds = waiting.monotonic() - self._began
        LOGGER.info("Stream %s: read %d rows%s, %.1f seconds.", self.stream, self.rows, _in_requests(requests), seconds)


def _in_requests(requests: int | None) -> str:
    return "" if requests is None else f" in {requests} requests"
