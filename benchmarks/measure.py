"""Whole processes, measured by what the kernel says of them when they have ended."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.server import ROOT

Command = Sequence[str | Path]

# Isolated and without packages, since it stands between the benchmarks and what they measure.
LAUNCH = (sys.executable, "-I", "-S", ROOT / "benchmarks" / "launch.py")
# Longer than any of them takes: a process that hangs has to end, so that the reason is seen.
PATIENCE = 1800
# No usage data, no registries, no proxies between processes of this machine; peers find `benchmarks.providers`.
ENVIRONMENT = {
    "AIRBYTE_OFFLINE_MODE": "1",
    "DO_NOT_TRACK": "1",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "NO_PROXY": "*",
    "no_proxy": "*",
    "PYTHONPATH": str(ROOT),
}


@dataclass(frozen=True)
class Usage:
    """What one process took: seconds by the clock, seconds of processor time, and its peak memory in MB."""

    seconds: float
    cpu: float
    memory: float


@dataclass
class Series:
    """What the runs of one contender took."""

    usages: list[Usage] = field(default_factory=list)

    def without(self, starts: "Series") -> "Series":
        """The same with the start of each round's process taken off, as it was measured in that round."""
        pairs = zip(self.usages, starts.usages, strict=True)
        return Series([Usage(u.seconds - s.seconds, u.cpu - s.cpu, u.memory) for u, s in pairs])

    @property
    def seconds(self) -> float:
        return median(usage.seconds for usage in self.usages)

    @property
    def cpu(self) -> float:
        return median(usage.cpu for usage in self.usages)

    @property
    def memory(self) -> float:
        return max(usage.memory for usage in self.usages)


def run(command: Command, output: Path | None = None) -> Usage:
    """Run a command in an empty folder; what it prints goes to a file if one is given, else nowhere."""
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-") as folder,
        Path(output or os.devnull).open("wb") as sink,
        tempfile.TemporaryFile() as errors,
        tempfile.NamedTemporaryFile() as report,
    ):
        process = subprocess.Popen(
            [*LAUNCH, report.name, *command],
            cwd=folder,
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=errors,
            start_new_session=True,
        )
        try:
            status = process.wait(PATIENCE)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        if status != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{said}")
        return Usage(*json.loads(Path(report.name).read_text(encoding="ascii")))


def side_by_side(commands: Mapping[str, Command], rounds: int) -> dict[str, Series]:
    """Run every command in every round, each round beginning with another, so that they share the machine's moods."""
    series = {name: Series() for name in commands}
    names = list(commands)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            series[name].usages.append(run(commands[name]))
    return series


def ratio(ours: Series, theirs: Series, figure: str) -> float:
    """The median over the rounds of theirs divided by ours: a round's noise is in both."""
    pairs = zip(ours.usages, theirs.usages, strict=True)
    quotients: list[float] = [getattr(their, figure) / getattr(our, figure) for our, their in pairs]
    return median(quotients)
