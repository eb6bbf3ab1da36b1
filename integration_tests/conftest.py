"""The sandbox that the tests share, and a clock that does not make them wait."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest

from integration_tests.sandbox import Sandbox, serve
from source_customers import waiting


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with serve(Sandbox(customers=250, seed=7)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    return running_sandbox


@dataclass
class Time:
    """A clock that sleeping moves on at once."""

    slept: list[float] = field(default_factory=list)
    _skipped: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _monotonic = staticmethod(waiting.monotonic)

    def sleep(self, seconds: float, stop: object = None) -> None:  # noqa: ARG002  # nothing to wake up
        with self._lock:
            self.slept.append(seconds)
            self._skipped += max(seconds, 0)

    def monotonic(self) -> float:
        return self._monotonic() + self._skipped

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + timedelta(seconds=self._skipped)


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(waiting, "sleep", time.sleep)
    monkeypatch.setattr(waiting, "monotonic", time.monotonic)
    monkeypatch.setattr(waiting, "now", time.now)
    return time
