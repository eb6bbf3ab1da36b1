"""One list of an API: how its pages are asked for, and how their answers become pages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from source_customers.config.fields import value_at
from source_customers.connection.answers import UnexpectedAnswerError
from source_customers.connection.connection import Call, Connection
from source_customers.connection.stop import Stop
from source_customers.manifest.defaults import with_defaults
from source_customers.manifest.settings import ListSettings, QueryParameter
from source_customers.reading.bounds import Bounds
from source_customers.reading.cursor import Cursor
from source_customers.reading.envelope import Envelope
from source_customers.reading.page import Page
from source_customers.reading.paging import paging_of


class ApiList:
    """A list, as the manifest describes it and the config filters it.

    Attributes:
        stream: name of the stream, for messages.
        settings: what the manifest says of the list.
        key: field that identifies a row.
        paging: how its pages are addressed.
        bounds: how it is filtered by change time; None where it is not.
        query: the query parameters that every request carries.
        requests: pages asked for so far.
    """

    def __init__(
        self, stream: str, key: str, settings: ListSettings, config: Mapping[str, Any], connection: Connection
    ) -> None:
        """Take the stream, what the manifest says of it, the provider's flat config, and the connection."""
        self.stream = stream
        self.key = key
        self.settings = settings
        self.paging = paging_of(settings.paging, config)
        self.bounds = Bounds(settings.window, config) if settings.window else None
        self.query = _query(settings, config)
        self.requests = 0
        self._has_filters = self.query != _query(settings, with_defaults({}, settings.properties))
        self._envelope = Envelope(settings.envelope, key)
        self._connection = connection

    def page(  # noqa: PLR0917  # where, how much, of what
        self,
        position: int,
        size: int,
        stop: Stop,
        lower: datetime | None = None,
        upper: datetime | None = None,
        cursor: Cursor | None = None,
        *,
        newest: bool = False,
    ) -> Page:
        """Return one page.

        Args:
            position: its number or offset.
            size: rows to ask for.
            stop: ends the request when the page is not wanted any more.
            lower: first change time to let through; None for any.
            upper: last change time to let through; None for any.
            cursor: reads the change times of the rows.
            newest: whether to ask for the order of change, the newest rows first.

        Raises:
            AirbyteTracedException: the page could not be had.
            Stopped: it is not wanted any more.
        """

        def read(body: bytes) -> Page:
            page = self._envelope.read(body, position)
            if cursor is None:
                return page
            moments = cursor.moments(page.rows)
            if upper and self.bounds and max(filter(None, moments), default=upper) > upper + self.bounds.slack:
                # A list that rows enter while it is read does not hold still, as this one has to.
                raise UnexpectedAnswerError("a row that changed after the moment asked for")
            return replace(page, moments=moments)

        self.requests += 1
        bounds = self.bounds.parameters(lower, upper) if self.bounds else []
        order = self.settings.newest if newest else {}
        asked = [(name, order.get(name, value)) for name, value in self.query]
        query = [*asked, *self.paging.parameters(position, size), *bounds]
        call = Call(self.stream, self.settings.path, query, self._has_filters)
        return self._connection.fetch(call, read, stop)


def _query(settings: ListSettings, config: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [pair for parameter in settings.query for pair in _pairs(parameter, config)]


def _pairs(parameter: QueryParameter, config: Mapping[str, Any]) -> list[tuple[str, str]]:
    given = value_at(config, parameter.field) if parameter.value is None else parameter.value
    if given is None or given == parameter.left_out_for or (parameter.when_true is not None and not given):
        return []
    if isinstance(given, bool):
        return [(parameter.parameter, str(given).lower() if parameter.when_true is None else parameter.when_true)]
    return [(parameter.parameter, str(each)) for each in (given if isinstance(given, list) else [given])]
