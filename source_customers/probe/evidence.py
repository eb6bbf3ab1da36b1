"""What is looked at of one stream. Several questions share what one request shows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Any

from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers import waiting
from source_customers.connection.answers import Received
from source_customers.connection.connection import Call
from source_customers.manifest.declarations import StreamDeclaration
from source_customers.manifest.settings import Days, ListSettings, Offset, PageNumber, QueryParameter
from source_customers.moments import EPOCH, moment_or_none
from source_customers.probe.answer import Answer
from source_customers.probe.asking import Asking
from source_customers.reading.api_list import ApiList
from source_customers.reading.days import today
from source_customers.reading.left_out import LeftOut
from source_customers.reading.page import Page, Row

COSTS: Mapping[str, int] = {
    "whole": 2,
    "small": 1,
    "again": 1,
    "later": 6,
    "second": 1,
    "beyond": 1,
    "large": 1,
    "last": 1,
    "past": 1,
    "future": 1,
    "ancient": 1,
    "known": 3,
    "inside": 1,
    "since": 1,
    "exact": 1,
    "after": 1,
    "until": 1,
    "span": 1,
    "last_day": 1,
    "child": 3,
    "stranger": 1,
    "parts": 4,
}
"""How many requests each of the things to look at may take."""

FEW = 4
"""A list with fewer rows is too short for questions about pages."""
_SMALL = 5
_FAR = 100_000
_BAD_REQUEST = 400
_EARLIEST = datetime(1990, 1, 1, tzinfo=timezone.utc)
_DAY = timedelta(days=1)
_SOON = 2 * _DAY
_FUTURE = timedelta(days=400)


class Evidence:
    """One stream, and what was looked at of it. Each thing is asked for when a question looks at it, and once.

    Attributes:
        stream: what the manifest says of the stream.
        schema: the documented schema of its rows.
        config: the provider's flat config, with the defaults of its spec.
        api: the list that is asked; of rows inside of others, that of their parents.
        asking: sends the requests.
        found: what a sandbox has to be told to behave alike.
        has_failed: whether the first page was not answered, so that nothing more is asked.
        is_deep: whether all questions are asked of it, and not only those that its first page answers.
    """

    has_failed = False
    is_deep = False

    def __init__(
        self, stream: StreamDeclaration, schema: Mapping[str, Any], config: Mapping[str, Any], asking: Asking
    ) -> None:
        """Take the stream, and what sends requests."""
        self.stream = stream
        self.schema = schema
        self.config = config
        self.asking = asking
        self.api = ApiList(stream.name, stream.key, stream.list, config, asking.connection)
        self.found: dict[str, Any] = {}
        self._left_out = LeftOut(stream.list.leave_out, config)
        self._asked: dict[Any, Answer] = {}
        self._unanswered: dict[Any, AirbyteTracedException] = {}
        self._times = 1

    @property
    def settings(self) -> ListSettings:
        """What the manifest says of the list."""
        return self.stream.list

    @property
    def cursor_field(self) -> str:
        """The field with a row's change time; empty where the stream has none."""
        return self.stream.cursor.cursor_field if self.stream.cursor else ""

    @property
    def now(self) -> datetime:
        """The present moment, by the API's clock."""
        return self.asking.connection.clock.now() or waiting.now()

    @property
    def rows(self) -> list[Row]:
        """The rows of the first page; where days are asked for, of as many as may be."""
        if self.is_deep and isinstance(self.settings.paging, Days) and self.span.rows:
            return self.span.rows
        return self.whole.rows or []

    @property
    def groups(self) -> Sequence[Sequence[Row]]:
        """Rows among which no key may come twice."""
        return [self.rows]

    @property
    def is_looked_at(self) -> bool:
        """Whether the first page was had."""
        return "whole" in vars(self)

    @property
    def asked_size(self) -> int:
        """Rows that the first page was asked for; 0 where the API has no page size."""
        return self.api.paging.size

    # Pages.

    @cached_property
    def whole(self) -> Answer:
        """The first page, as a sync asks for it."""
        return self.ask(self._first_position, self.asked_size)

    @cached_property
    def without_query(self) -> Answer | None:
        """The first page without the parameters that every request carries, where it was refused with them."""
        if self.whole.status != _BAD_REQUEST or not self.api.query:
            return None
        return self.ask(self._first_position, self.asked_size, plain=True)

    @property
    def small_size(self) -> int:
        """A size that the list has more rows than; 0 where there is no page size, or too few rows."""
        return min(_SMALL, len(self.rows) // 2) if self.asked_size and len(self.rows) >= FEW else 0

    @cached_property
    def small(self) -> Answer:
        """The first page, with a few rows; the same as the whole one where there is no page size."""
        return self.ask(self.api.paging.first, self.small_size) if self.small_size else self.whole

    @cached_property
    def again(self) -> Answer:
        """The first page once more."""
        return self.ask(self._first_position, self.asked_size, time=1)

    def later(self) -> Answer:
        """Return the first page as it is now. To be asked before something is called contradicted that may be new."""
        self._times += 1
        return self.ask(self._first_position, self.asked_size, time=self._times)

    def has_changed(self) -> bool:
        """Return whether somebody changed rows of the first page, or their number, since the first look."""
        later = self.later()
        return (later.rows, later.total) != (self.whole.rows, self.whole.total)

    def known_has_changed(self) -> bool:
        """Return whether the row to look for may have changed since the first look."""
        assert self.known  # noqa: S101  # a question looks first whether a row is known
        return not any(
            row.get(self.stream.key) == self.known[0] and self.moment(row) == self.known[1]
            for answer in (self.later(), self.inside)
            for row in answer.rows or []
        )

    @property
    def second_position(self) -> int:
        """Where the page after the small one begins."""
        return self.api.paging.following(self.api.paging.first, Page(self.small.rows or []))

    @cached_property
    def second(self) -> Answer:
        """The page after the small one."""
        return self.ask(self.second_position, self.small_size)

    @cached_property
    def beyond(self) -> Answer:
        """The page after the first one."""
        return self.ask(self.api.paging.following(self.api.paging.first, Page(self.rows)), self.asked_size)

    @cached_property
    def large_size(self) -> int:
        """The largest size that the config may ask for; 0 where it has no such field."""
        size = self.settings.paging.size if isinstance(self.settings.paging, (PageNumber, Offset)) else 0
        rule = self.settings.properties.get(size, {}) if isinstance(size, str) else {}
        largest = rule.get("maximum", 0)
        return largest if isinstance(largest, int) and largest > self.asked_size else 0

    @cached_property
    def large(self) -> Answer:
        """The first page, with as many rows as a config may ask for."""
        return self.ask(self.api.paging.first, self.large_size)

    @property
    def last_position(self) -> tuple[int, int]:
        """Where the last page is by the total, and how many rows it has to have."""
        total = self.whole.total or 0
        if isinstance(self.settings.paging, Offset):
            return total - 1, 1
        size = max(len(self.small.rows or []), 1)
        number = -(-total // size)
        return number, total - (number - 1) * size

    @cached_property
    def last(self) -> Answer:
        """The last page by the total; the first one where that holds the whole list."""
        return self.ask(self.last_position[0], self.small_size) if self.has_more() else self.whole

    @cached_property
    def past(self) -> Answer:
        """A page far behind the last one."""
        return self.ask(self.api.paging.first + 2 * (self.whole.total or 0) + _FAR, self.asked_size)

    def has_more(self) -> bool:
        """Return whether the list goes on after the first page. It may take a request to see that."""
        if self.api.paging.is_one_answer:
            return False
        if self.whole.total is not None:
            return self.whole.total > len(self.rows)
        if self.settings.envelope.next:
            return bool(self.whole.following)
        known = set(self.keys(self.whole))
        return any(key not in known for key in self.keys(self.beyond))

    @cached_property
    def position_works(self) -> bool:
        """Whether another position gives other rows."""
        return self.keys(self.second) != self.keys(self.small)

    def keys(self, answer: Answer) -> list[Any]:
        """Return the keys of an answer's rows."""
        return [row.get(self.stream.key) for row in answer.rows or []]

    @property
    def unsent(self) -> QueryParameter | None:
        """A filter that is sent for some values of a config field, and is not sent with this config."""
        sent = dict(self.api.query)
        for each in self.settings.query:
            if 1 < len(each.values) <= COSTS["parts"] and each.parameter not in sent:
                return each
        return None

    @cached_property
    def parts(self) -> Sequence[Answer]:
        """The first page of what each value of that filter lets through."""
        texts = self.unsent.values.values() if self.unsent else []
        parameter = self.unsent.parameter if self.unsent else ""
        return [self.ask(self.api.paging.first, self.asked_size, [(parameter, text)]) for text in texts]

    # Change times.

    def moment(self, row: Row) -> datetime | None:
        """Return a row's change time; None where it has none, or one that makes no sense."""
        moment = moment_or_none(row.get(self.cursor_field)) if self.cursor_field else None
        return moment if moment is not None and moment >= _EARLIEST else None

    def _newest(self, answer: Answer) -> tuple[Any, datetime] | None:
        """Return key and change time of the row that changed last, of those that are not in the future."""
        timed = [(self.moment(row), row) for row in answer.rows or [] if row.get(self.stream.key) is not None]
        past = [(moment, row) for moment, row in timed if moment is not None and moment <= self.now]
        if not past:
            return None
        moment, row = max(past, key=lambda each: each[0])
        return row.get(self.stream.key), moment

    def _quiet(self) -> tuple[Any, datetime] | None:
        """Return key and change time of an old row with few others near it: it will hardly change meanwhile."""
        timed = [(moment, row.get(self.stream.key)) for row in self.rows if (moment := self.moment(row)) is not None]
        moments = [moment for moment, _ in timed]
        near = {moment: sum(abs(other - moment) <= _SOON for other in moments) for moment in set(moments)}
        past = [(near[moment], moment, key) for moment, key in timed if moment <= self.now]
        if not past:
            return None
        _, moment, key = min(past, key=lambda each: each[:2])
        return key, moment

    @cached_property
    def known(self) -> tuple[Any, datetime] | None:
        """Key and change time of a row to look for; where there is no upper bound, with few rows after it."""
        if None in self.keys(self.whole):
            return None
        if self.api.bounds is not None and self.api.bounds.has_upper:
            return self._quiet()
        known = self._newest(self.whole)
        if known is None or self.api.bounds is None:
            return known
        for _ in range(COSTS["known"]):
            answer = self.filtered(self.api.bounds.parameters(known[1], None))
            known = self._newest(answer) or known
            if self.is_complete(answer):
                break
        return known

    @cached_property
    def future(self) -> Answer:
        """What changed since a moment that is still to come."""
        return self._between(max(self.now, self.known[1] if self.known else self.now) + _FUTURE, None)

    @cached_property
    def ancient(self) -> Answer:
        """What has not changed since before there was any web API."""
        return self._between(None, _EARLIEST)

    @cached_property
    def inside(self) -> Answer:
        """What changed between two days before a known row and two days after."""
        return self._between(self._moment - _SOON, self._moment + _SOON)

    @cached_property
    def since(self) -> Answer:
        """What changed since the change of a known row, as a sync asks for it."""
        return self.filtered([*self._bounds.parameters(self._moment, None), *self._until_soon])

    @cached_property
    def exact(self) -> Answer:
        """The same with the very moment as the bound."""
        return self.filtered([*self._bounds.exactly(self._moment, None), *self._until_soon])

    @cached_property
    def after(self) -> Answer:
        """What changed since a little later."""
        return self.filtered([*self._bounds.exactly(self._moment + 2 * self._bounds.unit, None), *self._until_soon])

    @cached_property
    def until(self) -> Answer:
        """What has not changed since a known row, as a sync asks for it."""
        since = self._bounds.exactly(self._moment - _SOON, None)
        return self.filtered([*since, *self._bounds.parameters(None, self._moment)])

    @property
    def _bounds(self) -> Any:
        assert self.api.bounds  # noqa: S101  # only lists with a filter are asked this
        return self.api.bounds

    @property
    def _moment(self) -> datetime:
        assert self.known  # noqa: S101  # a question looks first whether a row is known
        return self.known[1]

    @property
    def _until_soon(self) -> list[tuple[str, str]]:
        given: list[tuple[str, str]] = self._bounds.exactly(None, self._moment + _SOON)
        return given

    def _between(self, lower: datetime | None, upper: datetime | None) -> Answer:
        return self.filtered(self._bounds.exactly(lower, upper))

    def filtered(self, bounds: Sequence[tuple[str, str]]) -> Answer:
        """Return the first page of what a filter lets through."""
        return self.ask(self.api.paging.first, self.asked_size, bounds)

    def is_complete(self, answer: Answer) -> bool:
        """Return whether an answer is all that its filter lets through, as far as it shows that."""
        count = len(answer.rows or [])
        if answer.total is not None:
            return answer.total <= count
        if self.settings.envelope.next:
            return not answer.following
        full = min(self.asked_size or count + 1, self.found.get("max_page_size") or self.asked_size or count + 1)
        return count < full

    def has_known(self, answer: Answer) -> bool | None:
        """Return whether the known row is in an answer; None where it may be on a later page."""
        assert self.known  # noqa: S101  # a question looks first whether a row is known
        if self.known[0] in self.keys(answer):
            return True
        return False if answer.rows is not None and self.is_complete(answer) else None

    @cached_property
    def stranger(self) -> Received:
        """The answer to a request with a credential that names no account."""
        return self.asking.send_as_stranger(self.api.call(self._first_position, self.small_size or self.asked_size))

    # Days.

    @property
    def _first_position(self) -> int:
        if isinstance(self.settings.paging, Days):
            return today(self.asking.connection)
        return self.api.paging.first

    @cached_property
    def span(self) -> Answer:
        """The rows of the longest time that a config may ask for, half of it past."""
        return self.ask(self.span_first, self.span_days)

    @property
    def span_days(self) -> int:
        """The largest number of days that the config may ask for."""
        days = self.settings.paging.days if isinstance(self.settings.paging, Days) else 0
        outer, _, inner = str(days).partition(".")
        rule = self.settings.properties.get(outer, {})
        rule = rule.get("properties", {}).get(inner, {}) if inner else rule
        return max(int(rule.get("maximum", 0)), self.asked_size)

    @property
    def span_first(self) -> int:
        """The first of these days."""
        return self._first_position - self.span_days // 2

    @cached_property
    def some_day(self) -> tuple[Any, int] | None:
        """Key and day of a row to look for."""
        for answer in (self.span, self.whole):
            for row in answer.rows or []:
                moment = self.moment(row)
                if moment is not None:
                    return row.get(self.stream.key), (moment - EPOCH) // _DAY
        return None

    @property
    def last_day_first(self) -> int:
        """The first day of an answer that ends soon after the day of the row to look for."""
        assert self.some_day  # noqa: S101  # a question looks first whether a row is known
        return self.some_day[1] - self.asked_size + 2

    @cached_property
    def last_day(self) -> Answer:
        """As many days as a sync asks for, with a known row near their end."""
        return self.ask(self.last_day_first, self.asked_size)

    # Requests.

    def ask(
        self, position: int, size: int, bounds: Sequence[tuple[str, str]] = (), *, time: int = 0, plain: bool = False
    ) -> Answer:
        """Return the answer to a request; the one that came when the same was asked for before.

        Args:
            position: page number, offset or day.
            size: how many rows or days.
            bounds: query parameters that filter by change time.
            time: which time this is.
            plain: whether to leave out the parameters that every request carries.
        """
        asked = (position, size, tuple(bounds), time, plain)
        if asked in self._unanswered:
            raise self._unanswered[asked]
        if asked not in self._asked:
            call = self.api.call(position, size, bounds)
            if plain:
                names = {name for name, _ in self.api.query}
                call = _without(call, names)
            try:
                self._asked[asked] = self.delivered(self.asking.send(self.api, call, position, {}))
            except AirbyteTracedException as failure:
                self._unanswered[asked] = failure
                raise
        return self._asked[asked]

    def delivered(self, answer: Answer) -> Answer:
        """Return an answer with its rows as this stream would deliver them."""
        return delivered(answer, self._left_out)


def delivered(answer: Answer, left_out: LeftOut) -> Answer:
    """Return an answer with its rows as they would be delivered."""
    if not answer.rows:
        return answer
    rows = [left_out.row(row) for row in answer.rows]
    return replace(answer, rows=rows)


def _without(call: Call, names: set[str]) -> Call:
    return replace(call, query=[(name, value) for name, value in call.query if name not in names])
