"""The sandbox: four providers, one clock, one record of requests."""

from collections.abc import Mapping
from datetime import datetime
from time import time
from typing import Any

from integration_tests.sandbox.moments import BASE_TIME, Clock
from integration_tests.sandbox.provider import Provider
from integration_tests.sandbox.providers import CaoLoon, Coredination, MijnKlantportaal, Valomnia
from integration_tests.sandbox.providers.mijnklantportaal import DOCUMENTED_RATE_LIMIT
from integration_tests.sandbox.recording import RequestLog, Requests
from integration_tests.sandbox.world import World


class Sandbox:
    """The four APIs, each with as many customers; ``serve`` puts them on a port.

    Of everything else there is a share of that, or as many ``rows`` as are asked for: of each list, or by stream. The
    same seed, base time and numbers make the same rows, when they are first looked at. Whatever a test changes,
    ``reset`` puts back.
    """

    def __init__(
        self,
        customers: int = 100,
        *,
        rows: int | Mapping[str, int] | None = None,
        seed: int = 1,
        base_time: datetime = BASE_TIME,
        clock: Clock = time,
        latency: float = 0.0,
        rate_limit: int | None = DOCUMENTED_RATE_LIMIT,
    ) -> None:
        self.url = ""
        self.log = RequestLog()
        self.errors: list[Exception] = []
        self._world = World(customers, rows, seed, base_time, clock, self.log)
        self._start = (clock, latency, rate_limit)
        self.caoloon = CaoLoon(self._world)
        self.mijnklantportaal = MijnKlantportaal(self._world)
        self.coredination = Coredination(self._world)
        self.valomnia = Valomnia(self._world)
        self.providers: dict[str, Provider] = {
            provider.name: provider
            for provider in (self.caoloon, self.mijnklantportaal, self.coredination, self.valomnia)
        }
        self.reset()

    @property
    def clock(self) -> Clock:
        """What time it is for the sandbox: change times, token expiry, the rate limit, times of requests, ``Date``.

        An API whose clock is wrong has a ``clock_skew`` of its own.
        """
        return self._world.clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self._world.clock = clock

    @property
    def latency(self) -> float:
        """Seconds that every answer takes; each provider can also be given its own."""
        return max(provider.latency for provider in self.providers.values())

    @latency.setter
    def latency(self, seconds: float) -> None:
        for provider in self.providers.values():
            provider.latency = seconds

    @property
    def requests(self) -> Requests:
        """What was received so far, in order."""
        return self.log.snapshot()

    def clear_requests(self) -> None:
        self.log.clear()

    def config(self, name: str, *, oauth: bool = False, **fields: Any) -> dict[str, Any]:
        """A connector config for one provider of this server; further fields are merged into it.

        ``oauth`` takes the other kind of credentials that MijnKlantportaal knows.
        """
        provider = self.providers[name].config(self.url)
        if oauth:
            provider["credentials"] = self.mijnklantportaal.oauth_credentials()
        return {"provider": {**provider, **fields}}

    def reset(self) -> None:
        """Rows, requests, faults and settings as they were at the start."""
        for provider in self.providers.values():
            provider.reset()
        self.clock, self.latency, self.mijnklantportaal.rate_limit = self._start
        self.clear_requests()
