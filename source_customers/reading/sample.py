"""A few rows of a list, for whoever looks at what rows have."""

import threading
from collections.abc import Iterator

from source_customers.reading.page import Page
from source_customers.reading.reader import StreamReader


class ListSample:
    """The first page of a list, and its newest rows where they can be asked for; fetched once for all who look."""

    def __init__(self, reader: StreamReader) -> None:
        """Take what reads the list."""
        self._reader = reader
        self._lock = threading.Lock()
        self._pages: list[Page] | None = None
        self._failure: Exception | None = None

    def pages(self) -> Iterator[Page]:
        """Yield the pages.

        Raises:
            AirbyteTracedException: one of them could not be had; those before it were yielded.
        """
        with self._lock:
            if self._pages is None:
                self._fetch()
        yield from self._pages or []
        if self._failure:
            raise self._failure

    def _fetch(self) -> None:
        self._pages = []
        try:
            for page in self._reader.sample():
                self._pages.append(page)
        except Exception as failure:  # noqa: BLE001  # whoever looks gets it
            self._failure = failure
