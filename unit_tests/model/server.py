"""The four providers' answers, with the habits of one server."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from unit_tests.model.habits import Habits
from unit_tests.model.order import arrange
from unit_tests.model.table import Customer, Table

_SECOND = timedelta(seconds=1)
_PARAMETERS = {
    "caoloon": {"page", "pageSize", "updatedFrom", "updatedTo"},
    "inquiries": {"page", "pageSize", "from"},
    "invitations": {"page", "pageSize"},
    "coredination": {"offset", "limit", "modified"},
    "mijnklantportaal": {"page"},
    "valomnia": {"offset", "max", "sort", "order", "lastUpdated_gte", "lastUpdated_lte"},
}


class Server:
    """Answers the queries of one provider's list of customers."""

    def __init__(
        self, provider: str, table: Table, habits: Habits, seed: int = 0, own_size: int = 15, padding: str = ""
    ) -> None:
        """Take the provider, its rows, the server's habits, and what is drawn from request to request.

        Args:
            provider: name of the shape.
            table: the rows.
            habits: what the server does that nobody promised.
            seed: what changes from request to request derives from it.
            own_size: rows on a page where the API takes no page size.
            padding: text that makes rows long.
        """
        self.queries: list[dict[str, str]] = []
        self._answer: Callable[[dict[str, str], Callable[[], None]], Any] = getattr(self, f"_{provider}")
        self._parameters = _PARAMETERS[provider]
        self._table = table
        self._habits = habits
        self._dice = random.Random(seed)
        self._own_size = own_size
        self._padding = padding
        self._kept: dict[tuple[Any, ...], Sequence[Customer]] = {}
        self._edition = -1

    def answer(self, query: Sequence[tuple[str, str]], meanwhile: Callable[[], None] = lambda: None) -> Any:
        """Return the answer to a query, as JSON.

        Args:
            query: the query parameters.
            meanwhile: called between the counting and the reading of the rows, where a server does both apart.
        """
        named = dict(query)
        assert len(named) == len(query), "a parameter came twice"
        assert set(named) <= self._parameters, "a parameter that nobody documented"
        self.queries.append(named)
        return self._answer(named, meanwhile)

    def _caoloon(self, query: dict[str, str], meanwhile: Callable[[], None]) -> Any:
        asked, page = int(query["pageSize"]), int(query["page"])
        size = self._size(asked)
        lower = _epoch(query.get("updatedFrom") or query.get("from"), 1)
        upper = _epoch(query.get("updatedTo"), 1)
        total, rows = self._page((page - 1) * size, size, lower, upper, self._habits.inclusive, meanwhile)
        answer: dict[str, Any] = {
            "models": [
                self._row(row, "guid", f"{row.key:08x}", "updatedAt", row.changed.isoformat(timespec="microseconds"))
                for row in rows
            ],
            "total": total,
            "pageSize": asked if self._habits.echoes_size else size,
            "page": page,
            "nextPage": page + 1,
        }
        if page * size >= total:
            answer["nextPage"] = self._habits.end_mark
            if self._habits.end_mark == "absent":
                del answer["nextPage"]
        return answer

    _inquiries = _invitations = _caoloon

    def _coredination(self, query: dict[str, str], _meanwhile: Callable[[], None]) -> Any:
        text = query.get("modified")
        if text and "-" in text:
            lower: datetime | None = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
            lower = lower and lower - timedelta(hours=self._habits.zone)
        else:
            lower = _epoch(text, 1000)
        size = self._size(int(query["limit"]))
        _, rows = self._page(int(query["offset"]), size, lower, None, self._habits.inclusive)
        return [self._row(row, "id", row.key, "lastModified", int(row.changed.timestamp() * 1000)) for row in rows]

    def _valomnia(self, query: dict[str, str], meanwhile: Callable[[], None]) -> Any:
        assert (query["sort"], query["order"]) == ("id", "asc")
        lower, upper = _iso(query.get("lastUpdated_gte")), _iso(query.get("lastUpdated_lte"))
        size, begin = self._size(int(query["max"])), int(query["offset"])
        total, rows = self._page(begin, size, lower, upper, True, meanwhile)
        following = f"/api/v1.0/customers?offset={begin + size}" if begin + size < total else None
        return {
            "paging": {"total": total, "max": size, "offset": begin, "previous": None, "next": following},
            "data": [self._row(row, "id", row.key, "lastUpdated", f"{row.changed:%Y-%m-%dT%H:%M:%SZ}") for row in rows],
        }

    def _mijnklantportaal(self, query: dict[str, str], _meanwhile: Callable[[], None]) -> Any:
        page, size = int(query["page"]), self._size(self._own_size)
        begin = (page - 1) * size
        total, rows = self._page(begin, size, None, None, True)
        return {
            "current_page": page,
            "data": [{"id": row.key, "version": row.version} for row in rows],
            "from": begin + 1 if rows else None,
            "to": begin + len(rows) if rows else None,
            "next_page_url": f"/v1/customers?page={page + 1}" if begin + size < total else None,
        }

    def _size(self, asked: int) -> int:
        habits = self._habits
        is_later = habits.cap_changes_at and len(self.queries) >= habits.cap_changes_at
        return min(asked, habits.later_cap if is_later else habits.cap)

    def _page(
        self,
        begin: int,
        size: int,
        lower: datetime | None,
        upper: datetime | None,
        inclusive: bool,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> tuple[int, Sequence[Customer]]:
        """Return the number of rows in the list, and those of a page."""
        total = None
        if self._habits.torn:
            total = len(self._listed(lower, upper, inclusive, begin + size))
            meanwhile()
        listed = self._listed(lower, upper, inclusive, begin + size)
        return len(listed) if total is None else total, listed[begin : begin + size]

    def _listed(self, lower: datetime | None, upper: datetime | None, inclusive: bool, plan: int) -> Sequence[Customer]:
        if self._edition != self._table.edition or self._habits.ties != "stable":
            self._kept.clear()
            self._edition = self._table.edition
        question = (lower, upper)
        if question not in self._kept:
            rows = [row for row in self._table.rows.values() if self._passes(row, lower, upper, inclusive)]
            unit = _SECOND if "lastUpdated_gte" in self._parameters else timedelta(microseconds=1)
            self._kept[question] = arrange(rows, self._habits, unit, plan, self._dice)
        return self._kept[question]

    def _passes(self, row: Customer, lower: datetime | None, upper: datetime | None, inclusive: bool) -> bool:
        changed = row.changed.replace(microsecond=0) if self._habits.compares_seconds else row.changed
        if inclusive:
            return (lower is None or changed >= lower) and (upper is None or changed <= upper)
        return (lower is None or changed > lower) and (upper is None or changed < upper)

    def _row(self, row: Customer, key: str, value: object, change_time: str, moment: object) -> Mapping[str, Any]:
        fields = {key: value, change_time: moment, "version": row.version}
        if self._padding:
            fields["note"] = f"{self._padding}{row.key}"
        if self._habits.hidden == "always" or (self._habits.hidden == "sometimes" and row.created % 3 == 0):
            del fields[change_time]
        return fields


def _epoch(text: str | None, unit: int) -> datetime | None:
    # Whole milliseconds, without the rounding of a float.
    return (
        None
        if text is None
        else datetime.fromtimestamp(0, timezone.utc) + timedelta(milliseconds=int(text) * 1000 // unit)
    )


def _iso(text: str | None) -> datetime | None:
    return None if text is None else datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
