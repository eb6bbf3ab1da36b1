"""The three ways in which the providers list their customers, over rows that change between any two requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)
Read = Callable[[bytes], Any]


@dataclass
class MovingList:
    """Stands in for a requester: answers from rows that `before_answer` may change.

    A row is its key, its change time and a version that every change raises.
    """

    provider: str
    order: str = "key"
    ceiling: int = 1000
    before_answer: Callable[[], None] = lambda: None
    rows: dict[int, tuple[datetime, int]] = field(default_factory=dict)
    now: datetime = START
    requests: int = 0
    stream: str = ""
    server_time: datetime | None = None
    _next_key: int = 1

    def insert(self, age: timedelta = timedelta(0)) -> int:
        self._next_key += 1
        self.rows[self._next_key] = (self.now - age, 1)
        return self._next_key

    def update(self, key: int) -> None:
        self.rows[key] = (self.now, self.rows[key][1] + 1)

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def fetch(self, query: Sequence[tuple[str, str]], read: Read) -> Any:
        self.requests += 1
        self.before_answer()
        self.pass_time(0.05)
        return read(orjson.dumps(getattr(self, f"_{self.provider}")(dict(query))))

    def _sorted(self, lower: datetime | None = None, upper: datetime | None = None, order: str = "") -> list[Any]:
        keys = [
            key
            for key, (moment, _) in self.rows.items()
            if (lower is None or moment >= lower) and (upper is None or moment <= upper)
        ]
        order = order or self.order
        if order == "key":
            return sorted(keys)
        # Rows with the same change time keep the order of their keys, as databases mostly do.
        return sorted(keys, key=lambda key: (self.rows[key][0], key), reverse=order == "newest")

    def _caoloon(self, query: dict[str, str]) -> Any:
        size, page = min(int(query["pageSize"]), self.ceiling), int(query["page"])
        keys = self._sorted(_seconds(query.get("updatedFrom")), _seconds(query.get("updatedTo")))
        begin, end = (page - 1) * size, page * size
        models = [
            {"guid": key, "updatedAt": self.rows[key][0].isoformat(), "version": self.rows[key][1]}
            for key in keys[begin:end]
        ]
        following = page + 1 if end < len(keys) else None
        return {"models": models, "nextPage": following, "total": len(keys), "pageSize": size, "page": page}

    def _coredination(self, query: dict[str, str]) -> Any:
        begin, size = int(query["offset"]), min(int(query["limit"]), self.ceiling)
        lower = _seconds(query.get("modified"), 1000)
        return [
            {"id": key, "lastModified": int(self.rows[key][0].timestamp() * 1000), "version": self.rows[key][1]}
            for key in self._sorted(lower)[begin : begin + size]
        ]

    def _valomnia(self, query: dict[str, str]) -> Any:
        # Asked to sort by change time, it does; or, if it does not know how, it keeps the order of creation.
        begin, size = int(query["offset"]), min(int(query["max"]), self.ceiling)
        text = query.get("lastUpdated_gte")
        lower = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z") if text else None
        keys = self._sorted(lower, order="key" if self.order == "key" else "oldest")
        data = [
            {"id": key, "lastUpdated": f"{self.rows[key][0]:%Y-%m-%dT%H:%M:%SZ}", "version": self.rows[key][1]}
            for key in keys[begin : begin + size]
        ]
        more = "/api/v1.0/customers?..." if begin + size < len(keys) else None
        return {"paging": {"total": len(keys), "max": size, "offset": begin, "next": more}, "data": data}


def _seconds(text: str | None, unit: int = 1) -> datetime | None:
    return None if text is None else datetime.fromtimestamp(int(text) / unit, timezone.utc)
