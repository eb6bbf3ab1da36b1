"""A clock that only sleeping moves on."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest

from source_customers import waiting
from source_customers.connection.credentials import form, oauth
from source_customers.connection.stop import Stop

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)


@dataclass
class Clock:
    """Time stands still until somebody sleeps. `step` moves it on at each look."""

    slept: list[float] = field(default_factory=list)
    seconds: float = 0.0
    step: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sleep(self, seconds: float, stop: Stop | None = None) -> None:  # noqa: ARG002  # the sleep's own form
        with self._lock:
            self.slept.append(seconds)
            self.seconds += seconds

    def monotonic(self) -> float:
        with self._lock:
            self.seconds += self.step
            return self.seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What is kept out of the logs from now on. Kept here, as it would outlive the test."""
    secrets: set[str] = set()
    for module in (form, oauth):
        monkeypatch.setattr(module, "add_to_secrets", secrets.add)
    return secrets


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(waiting, "sleep", clock.sleep)
    monkeypatch.setattr(waiting, "monotonic", clock.monotonic)
    monkeypatch.setattr(waiting, "now", clock.now)
    monkeypatch.setattr(waiting, "jitter", lambda: 1.0)
    return clock
