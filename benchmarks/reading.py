"""One list, read by several contenders: first to prove that each reads it all, then against the clock."""

import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import IN_FLIGHT, OURS, installed, reads, rows_in
from benchmarks.measure import Series, ratio, run, side_by_side
from benchmarks.server import Request, Server, serve


@dataclass
class Reading:
    """What reading a list took, and how often the server was asked for a page of it."""

    provider: str
    latency: float
    rows: int
    pages: int
    series: dict[str, Series] = field(default_factory=dict)
    requests: dict[str, list[Request]] = field(default_factory=dict)

    def times_faster(self, peer: str) -> float:
        return ratio(self.series[OURS], self.series[peer], "seconds")

    def share_of_cpu(self, peer: str) -> float:
        return 1 / ratio(self.series[OURS], self.series[peer], "cpu")

    def cpu_per_row(self, name: str) -> float:
        """Microseconds of processor time, the start of the process included."""
        return self.series[name].cpu / self.rows * 1e6


def read(
    provider: str,
    rows: int,
    names: Collection[str],
    *,
    latency: float = 0.0,
    rounds: int = 0,
    rate_limit: int = 0,
    **fields: object,
) -> Reading:
    """Read about so many rows. Without rounds, the run that proves is the one that counts."""
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks-") as folder,
        serve(provider, rows, latency, rate_limit) as server,
    ):
        commands = reads(server, installed(names), Path(folder), {"concurrency": IN_FLIGHT, **fields})
        reading = Reading(provider, latency, server.rows, server.pages)
        for name, command in commands.items():
            output = Path(folder) / "output"
            reading.series[name] = Series([run(command, output)])
            reading.requests[name] = server.requests()
            _prove(server, name, rows_in(name, output))
            output.unlink()
        if rounds:
            reading.series = side_by_side(commands, rounds)
    sys.stderr.write(f"  {provider}: {reading.rows:,} rows, {latency * 1000:g} ms\n")
    return reading


def _prove(server: Server, name: str, rows: int) -> None:
    """A contender that reads less has less to do; one that reads a row twice does not gain by it."""
    if rows < server.rows:
        raise RuntimeError(f"{name} read {rows} of the {server.rows} rows of {server.provider}.")
