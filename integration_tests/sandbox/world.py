"""What all providers of one sandbox share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from integration_tests.sandbox.moments import Clock
from integration_tests.sandbox.recording import RequestLog


@dataclass
class World:
    customers: int
    rows: int | Mapping[str, int] | None
    seed: int
    base_time: datetime
    clock: Clock
    log: RequestLog
