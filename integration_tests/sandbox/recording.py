"""What the sandbox was asked: every request, in the order it arrived."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class RequestRecord:
    """One request as it was received, and the status it got.

    ``status`` is None until the answer is ready, and stays None when the connection was reset instead. ``ended_at``
    is None until the answer has been sent, or the client has gone.
    """

    provider: str | None
    stream: str | None
    kind: str
    method: str = "GET"
    path: str = ""
    query: list[tuple[str, str]] = field(default_factory=list)
    raw_query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    received_at: float = 0.0
    path_parameters: dict[str, str] = field(default_factory=dict)
    ended_at: float | None = None
    status: int | None = None
    fault: str | None = None

    @property
    def origin(self) -> str:
        """Scheme and host as the client addressed them."""
        return f"http://{self.headers['host']}"

    def values(self, name: str) -> list[str]:
        return [value for given, value in self.query if given == name]

    def value(self, name: str) -> str | None:
        """The last value, which is the one that web frameworks take when a parameter is repeated."""
        values = self.values(name)
        return values[-1] if values else None


class Requests(list[RequestRecord]):
    """Recorded requests; ``of`` narrows them."""

    def of(self, provider: str | None = None, stream: str | None = None, kind: str | None = None) -> "Requests":
        """The requests of one provider, one stream or one kind (list, detail, login, token, ...)."""
        wanted = {
            name: value
            for name, value in (("provider", provider), ("stream", stream), ("kind", kind))
            if value is not None
        }
        return Requests(r for r in self if all(getattr(r, name) == value for name, value in wanted.items()))

    def queries(self) -> list[dict[str, str]]:
        """The query of each request as a dict, for requests that repeat no parameter."""
        return [dict(request.query) for request in self]


class RequestLog:
    """Keeps the requests, and counts how many of each provider are in flight."""

    def __init__(self) -> None:
        self._requests = Requests()
        self._in_flight: Counter[str | None] = Counter()
        self._peak: Counter[str | None] = Counter()

    @contextmanager
    def open(self, request: RequestRecord) -> Iterator[None]:
        """Record a request, which is in flight until the block ends."""
        name = request.provider
        self._requests.append(request)
        self._in_flight[name] += 1
        self._peak[name] = max(self._peak[name], self._in_flight[name])
        try:
            yield
        finally:
            self._in_flight[name] -= 1

    def snapshot(self) -> Requests:
        return Requests(self._requests)

    def peak(self, provider: str) -> int:
        return self._peak[provider]

    def clear(self) -> None:
        self._requests.clear()
        self._peak.clear()


def as_document(request: RequestRecord) -> dict[str, Any]:
    """A request as the control API shows it."""
    return {name: value for name, value in vars(request).items() if name != "path_parameters"}
