"""How an API can behave otherwise than its documents are read, without any answer being wrong by itself.

The faults are answers that no API means; these are habits, which last.
"""

from collections.abc import Sequence
from random import Random
from typing import ClassVar, Literal

from integration_tests.sandbox.filters_of_moments import coarse, exclusive
from integration_tests.sandbox.resource import Entry, Predicate, Resource, Row

SECOND = 1_000_000

Side = Literal["inclusive", "exclusive", "ignored", "misread", "coarse"]


class Oddities:
    """Settings of every provider.

    ``lower_filter`` and ``upper_filter`` say what the filters by change time do: ``misread`` ones take every bound for
    another moment and let nothing through, ``coarse`` ones count whole days. ``total_off`` is added to every total, and
    ``total_unfiltered`` counts the rows that the filters leave out. ``shuffled`` lists come in another order each time.
    ``fixed_page_size`` is that of every page, ``stuck_page`` serves the first page whatever is asked for, ``past_end``
    says what comes behind the last one, and with ``never_last`` every page names another.

    ``keys`` can be missing in a list's first row, or be the same in its first two. A share of rows,
    ``missing_change_times``, does not show its change time. ``refused_streams`` want a permission; with ``open_door``
    every credential is as good as the right one.
    """

    lower_filters: ClassVar[Sequence[str]] = ()
    upper_filters: ClassVar[Sequence[str]] = ()
    filter_unit: ClassVar[int] = SECOND
    numbered_pages: ClassVar[bool] = False

    lower_filter: Side = "inclusive"
    upper_filter: Side = "inclusive"
    total_off: int = 0
    total_unfiltered: bool = False
    shuffled: bool = False
    fixed_page_size: int | None = None
    stuck_page: bool = False
    past_end: Literal["empty", "last", "refused"] = "empty"
    never_last: bool = False
    keys: Literal["unique", "repeated", "missing"] = "unique"
    missing_change_times: float = 0.0
    refused_streams: Sequence[str] = ()
    open_door: bool = False

    def moment_filter(self, name: str, values: Sequence[str], documented: Predicate) -> Predicate | None:
        """What a filter does, given what the documents say; None where it keeps every row."""
        side = self._side(name)
        if side == "ignored":
            return None
        if side == "misread":
            return lambda _entry: False
        if side == "exclusive":
            return exclusive(documented, values[-1], self.filter_unit)
        if side == "coarse":
            return coarse(documented, values[-1], self.filter_unit)
        return documented

    def is_odd(self, name: str) -> bool:
        """Whether a filter is one by change time that does something else than documented."""
        return self._side(name) != "inclusive"

    def odd_row(self, resource: Resource, row: Row) -> Row:
        """A row whose change time is not shown."""
        field = resource.cursor
        if not self.missing_change_times or field is None or field not in row:
            return row
        if Random(f"{row[resource.key]}").random() >= self.missing_change_times:
            return row
        return {name: value for name, value in row.items() if name != field}

    def odd_key(self, key: str, row: Row, place: int, first: Entry) -> Row:
        """A row without its key, or with that of another one, by its place in the list."""
        if self.keys == "missing" and place == 0:
            return {name: value for name, value in row.items() if name != key}
        return {**row, key: first.row[key]} if self.keys == "repeated" and place == 1 else row

    def _side(self, name: str) -> Side:
        if name in self.lower_filters:
            return self.lower_filter
        return self.upper_filter if name in self.upper_filters else "inclusive"
