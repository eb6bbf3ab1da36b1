"""So many requests a minute for each credential."""

from collections import defaultdict
from math import ceil
from typing import Literal, NamedTuple

WINDOW_SECONDS = 60

WindowKind = Literal["fixed", "sliding"]


class Wait(NamedTuple):
    """How long a refused client has to wait, and until which second of the epoch."""

    seconds: int
    until: int


class RateLimiter:
    """Counts what was admitted; refused requests do not count.

    A fixed window starts at the first request after the one before has ended; a sliding one always reaches a
    minute back.
    """

    def __init__(self) -> None:
        self._admitted: defaultdict[str, list[float]] = defaultdict(list)

    def take(self, credential: str, limit: int, kind: WindowKind, now: float) -> Wait | None:
        """Admit a request, or tell how long to wait."""
        recent = self._recent(credential, kind, now)
        if len(recent) < limit:
            recent.append(now)
            return None
        until = (recent[0] if recent else now) + WINDOW_SECONDS
        return Wait(ceil(until - now), ceil(until))

    def remaining(self, credential: str, limit: int, kind: WindowKind, now: float) -> int:
        return max(limit - len(self._recent(credential, kind, now)), 0)

    def clear(self) -> None:
        self._admitted.clear()

    def _recent(self, credential: str, kind: WindowKind, now: float) -> list[float]:
        admitted = self._admitted[credential]
        if kind == "sliding":
            admitted[:] = [moment for moment in admitted if moment > now - WINDOW_SECONDS]
        elif admitted and now >= admitted[0] + WINDOW_SECONDS:
            admitted.clear()
        return admitted
