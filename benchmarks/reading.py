"""Lists, read by several contenders: first to prove that each reads it all, then against the clock."""

import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import IN_FLIGHT, OURS, installed, reads, rows_in
from benchmarks.measure import Command, Series, ratio, run, side_by_side
from benchmarks.providers import Json, Listing
from benchmarks.server import Request, Server, serve


@dataclass
class Reading:
    """What reading lists took, how often the server was asked for a page of them, and what each one's start takes."""

    provider: str
    latency: float
    rows: int
    pages: int
    lists: int = 1
    series: dict[str, Series] = field(default_factory=dict)
    starts: dict[str, Series] = field(default_factory=dict)
    requests: dict[str, list[Request]] = field(default_factory=dict)

    def times_faster(self, peer: str) -> float:
        return ratio(self.series[OURS], self.series[peer], "seconds")

    def times_faster_apart(self, peer: str) -> float:
        """The same without the starts."""
        return ratio(self.apart(OURS), self.apart(peer), "seconds")

    def apart(self, name: str) -> Series:
        """What a contender took without its start."""
        return self.series[name].without(self.starts[name])

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
    lists: Sequence[Listing] = (),
    **fields: object,
) -> Reading:
    """Read about so many rows. Without rounds, the run that proves is the one that counts.

    Of several lists each has so many rows, and every contender's start is measured in the same rounds: what its program
    takes to read one list without rows, when answers come at once.
    """
    with ExitStack() as stack:
        output = _folder(stack) / "output"
        server = stack.enter_context(serve(provider, rows, latency, rate_limit, lists))
        commands = _commands(stack, server, names, fields)
        starting = _commands(stack, stack.enter_context(serve(provider, 0)), names, fields) if lists else {}
        reading = Reading(provider, latency, server.rows, server.pages, len(server.lists))
        server.requests()  # those of the discover that tells a peer its schema are nobody's
        for name, command in commands.items():
            reading.series[name] = Series([run(command, output)])
            reading.requests[name] = server.requests()
            _prove(server, name, rows_in(name, output))
            output.unlink()
        if rounds:
            measured = side_by_side(_with_starts(commands, starting), rounds)
            reading.series = {name: measured[name] for name in commands}
            reading.starts = {name: measured[f"start of {name}"] for name in starting}
    sys.stderr.write(f"  {provider}: {reading.rows:,} rows, {latency * 1000:g} ms\n")
    return reading


def _commands(stack: ExitStack, server: Server, names: Collection[str], fields: Json) -> dict[str, Command]:
    return reads(server, installed(names), _folder(stack), {"concurrency": IN_FLIGHT, **fields})


def _with_starts(commands: Mapping[str, Command], starting: Mapping[str, Command]) -> dict[str, Command]:
    """Each contender, and at once its start: the machine is in the same mood then."""
    together: dict[str, Command] = {}
    for name, command in commands.items():
        together[name] = command
        if name in starting:
            together[f"start of {name}"] = starting[name]
    return together


def _folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmarks-")))


def _prove(server: Server, name: str, rows: int) -> None:
    """A contender that reads less has less to do; one that reads a row twice does not gain by it."""
    if rows < server.rows:
        raise RuntimeError(f"{name} read {rows} of the {server.rows} rows of {server.provider}.")
