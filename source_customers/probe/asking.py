"""Sends the probe's requests: one after another, and no more of them than were named before."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from source_customers import waiting
from source_customers.connection.answers import Received
from source_customers.connection.clock import http_date
from source_customers.connection.connection import Call, Connection
from source_customers.connection.stop import Stop
from source_customers.probe.answer import Answer, read_answer
from source_customers.reading.api_list import ApiList

LOGGER = logging.getLogger("airbyte.source-customers")


@dataclass
class Asking:
    """What was asked of one list.

    Attributes:
        connection: what all lists of the provider share.
        seconds: how long each answer took.
        lengths: how many bytes each had.
    """

    connection: Connection
    seconds: list[float] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    _stop: Stop = field(default_factory=Stop)

    def send(self, api: ApiList, call: Call, position: int, added: Mapping[str, Any]) -> Answer:
        """Return the answer to a request for a page of a list.

        Raises:
            AirbyteTracedException: there was none.
            SpentError: as many requests were sent as were named.
        """
        began = waiting.monotonic()
        received = self.connection.ask(call, self._stop)
        self._note(call, received, waiting.monotonic() - began)
        date = http_date(received.headers.get("Date", ""))
        settings = api.settings
        answer = read_answer(received, settings.envelope, position, settings.connection.no_content, added)
        return replace(answer, skew=date - waiting.now() if date else None)

    def send_as_stranger(self, call: Call) -> Received:
        """Return the answer to a request with a credential that names no account. See `send` for the errors."""
        return self.connection.ask_as_stranger(call, self._stop)

    def _note(self, call: Call, received: Received, seconds: float) -> None:
        self.seconds.append(seconds)
        self.lengths.append(len(received.body))
        # Of the query no more than the names: a filter by change time quotes a row.
        LOGGER.debug(
            "GET %s with %s: status %d, %d bytes, %.2f seconds.",
            call.shown_path or call.path,
            ", ".join(name for name, _ in call.query) or "no parameters",
            received.status,
            len(received.body),
            seconds,
        )
