"""One list of an API: how its pages are asked for, and how their answers become pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from source_customers.config.fields import value_at
from source_customers.connection.answers import UnexpectedAnswerError
from source_customers.connection.connection import Call, Connection
from source_customers.connection.stop import Stop
from source_customers.manifest.defaults import with_defaults
from source_customers.manifest.settings import ListSettings, QueryParameter
from source_customers.reading.bounds import Bounds
from source_customers.reading.cursor import Cursor
from source_customers.reading.envelope import Envelope
from source_customers.reading.left_out import LeftOut
from source_customers.reading.page import Page
from source_customers.reading.paging import paging_of

_KEY = "{key}"
_PERMISSION = "{permission}"


@dataclass
class Asked:
    """How often a list was asked for.

    Attributes:
        requests: pages asked for so far.
    """

    requests: int = 0


class ApiList:
    """A list, as the manifest describes it and the config filters it.

    Attributes:
        stream: name of the stream, for messages.
        settings: what the manifest says of the list.
        key: field that identifies a row.
        paging: how its pages are addressed.
        bounds: how it is filtered by change time; None where it is not.
        query: the query parameters that every request carries.
    """

    def __init__(  # noqa: PLR0917  # what a list is, and what it needs
        self,
        stream: str,
        key: str,
        settings: ListSettings,
        config: Mapping[str, Any],
        connection: Connection,
        parent: str | int | None = None,
        asked: Asked | None = None,
    ) -> None:
        """Take what the manifest says of the list.

        Args:
            stream: name of the stream.
            key: field that identifies a row.
            settings: what the manifest says.
            config: the provider's flat config, with the defaults of its spec.
            connection: what all streams of the sync share.
            parent: key of the parent's row that the list hangs on. None where there is none.
            asked: counts the requests.
        """
        self.stream = stream
        self.key = key
        self.settings = settings
        self.paging = paging_of(settings.paging, config)
        self.bounds = Bounds(settings.window, config) if settings.window else None
        self.query = _query(settings, config)
        self._config = config
        self._connection = connection
        self._parent = parent
        self._asked = asked or Asked()
        self._has_filters = self.query != _query(settings, with_defaults({}, settings.properties))
        self._path = settings.path.replace(_KEY, quote(str(parent), safe=""))
        # The parent's key, for rows that come without it.
        added = {settings.parent.key_field: parent} if settings.parent and parent is not None else {}
        self._envelope = Envelope(settings.envelope, key, added)
        self._left_out = LeftOut(settings.leave_out, config)
        self._messages = {
            status: text.replace(_PERMISSION, settings.permission)
            for status, text in settings.connection.messages.items()
            if _PERMISSION in text
        }

    @property
    def requests(self) -> int:
        """Pages asked for so far; of a list that hangs on the rows of a parent, those of all parents."""
        return self._asked.requests

    def of(self, parent: str | int) -> "ApiList":
        """Return the list that hangs on one row of the parent stream.

        Args:
            parent: the key of that row.
        """
        return ApiList(self.stream, self.key, self.settings, self._config, self._connection, parent, self._asked)

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
            GoneError: the parent's row is not there any more.
            Stopped: it is not wanted any more.
        """

        def read(body: bytes) -> Page:
            page = self._left_out.without(self._envelope.read(body, position))
            if self.paging.is_one_answer:
                page = replace(page, more=False)
            if cursor is None:
                return page
            moments = cursor.moments(page.rows)
            if upper and self.bounds and max(filter(None, moments), default=upper) > upper + self.bounds.slack:
                # A list that rows enter while it is read does not hold still, as this one has to.
                raise UnexpectedAnswerError("a row that changed after the moment asked for")
            return replace(page, moments=moments)

        self._asked.requests += 1
        bounds = self.bounds.parameters(lower, upper) if self.bounds else []
        return self._connection.fetch(self.call(position, size, bounds, newest=newest), read, stop)

    def call(self, position: int, size: int, bounds: Sequence[tuple[str, str]] = (), *, newest: bool = False) -> Call:
        """Return the request for one page.

        Args:
            position: its number or offset.
            size: rows to ask for.
            bounds: the query parameters that filter by change time.
            newest: whether to ask for the order of change, the newest rows first.
        """
        order = self.settings.newest if newest else {}
        asked = [(name, order.get(name, value)) for name, value in self.query]
        return Call(
            self.stream,
            self._path,
            [*asked, *self.paging.parameters(position, size), *bounds],
            self._has_filters,
            self._messages,
            shown_path=self.settings.path,
            may_be_gone=self._parent is not None,
        )


def _query(settings: ListSettings, config: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [pair for parameter in settings.query for pair in _pairs(parameter, config)]


def _pairs(parameter: QueryParameter, config: Mapping[str, Any]) -> list[tuple[str, str]]:
    given = value_at(config, parameter.field) if parameter.value is None else parameter.value
    if parameter.values:
        given = parameter.values.get(str(given))
    if given is None or (parameter.when_true is not None and not given):
        return []
    if isinstance(given, bool):
        return [(parameter.parameter, str(given).lower() if parameter.when_true is None else parameter.when_true)]
    return [(parameter.parameter, str(each)) for each in (given if isinstance(given, list) else [given])]
