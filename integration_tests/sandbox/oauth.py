"""Access tokens that were handed out and have not expired."""

from itertools import count
from typing import Protocol


class HasClock(Protocol):
    def clock(self) -> float: ...


class AccessTokens:
    def __init__(self, api: HasClock) -> None:
        self._api = api
        self._expiry: dict[str, float] = {}
        self._numbers = count(1)

    def issue(self, expires_in: float) -> str:
        token = f"sandbox-access-token-{next(self._numbers)}"
        self._expiry[token] = self._api.clock() + expires_in
        return token

    def is_valid(self, token: str) -> bool:
        return self._api.clock() < self._expiry.get(token, 0)

    def clear(self) -> None:
        self._expiry.clear()
