"""`python -m benchmarks.profile`: where the microseconds go that a row costs.

The connector reads in this process, with answers that come at once. Every thread counts its own processor time, so
waiting costs nothing. Counting calls makes small functions look dearer than they are: shares are told from the profile,
but what they are shares of is measured without it.
"""

import os
import re
import sys
import tempfile
import threading
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from cProfile import Profile
from pathlib import Path
from pstats import Stats
from time import process_time, thread_time
from typing import Any, TypeVar

from benchmarks.contenders import IN_FLIGHT, OURS, reads
from benchmarks.providers import NAMES
from benchmarks.server import Server, serve
from source_customers.run import run

# Where a function belongs, by its file or name; the first that fits.
PARTS = {
    "reading JSON": r"orjson\.loads|json/decoder|json/scanner",
    "writing JSON": r"orjson\.(orjson\.)?dumps|json/encoder|serpyco|dataclasses\.py",
    "writing to the output": r"write' of|logger\.py|print>|flush",
    "waiting for threads": r"threading\.py|queue\.py|concurrent/futures|lock'|_thread",
    "HTTP": r"requests/|urllib3|http/|socket|ssl|select|email/|recv|zlib|urllib/|poll",
    "connector: pages": r"source_customers/reading/(?!cursor)",
    "connector: requests": r"source_customers/(connection|waiting)",
    "connector: cursor": r"source_customers/(reading/cursor|moments)|strptime|datetime",
    "connector: messages": r"source_customers/",
    "framework": r"airbyte_cdk|airbyte_protocol",
}
# A built-in function has no file: it belongs to those who call it, unless it is one of the parts itself.
BUILT_IN = "~"
LONGEST_REQUEST = 60.0
FIRST_WITH_ONE_PROFILE = (3, 12)

T = TypeVar("T")
Function = tuple[str, int, str]


class Profiler:
    """One profile for each thread, as a profile sees its own thread only."""

    def __init__(self) -> None:
        self._profiles: list[Profile] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        threading.setprofile(self._begin)
        own = self._new()
        try:
            yield
        finally:
            own.disable()
            threading.setprofile(None)
            # A call that has not ended would be ended by this thread's clock.
            for thread in threading.enumerate():
                if thread is not threading.current_thread():
                    thread.join(LONGEST_REQUEST)

    def _begin(self, *_event: Any) -> None:
        """Called for the first event of a new thread; the profile takes the place of this function."""
        self._new()

    def _new(self) -> Profile:
        profile = Profile(thread_time)
        self._profiles.append(profile)
        profile.enable()
        return profile

    def seconds(self) -> Counter[tuple[Function, Function | None]]:
        """Own time of each function, and of each built-in one by its caller; all threads together."""
        combined = Stats(*self._profiles)
        found: Counter[tuple[Function, Function | None]] = Counter()
        for function, (_, _, own, _, callers) in combined.stats.items():  # type: ignore[attr-defined]
            if function[0] == BUILT_IN and callers:
                found.update({(function, caller): share for caller, (_, _, share, _) in callers.items()})
            else:
                found[function, None] += own
        return found


def part_of(function: Function) -> str | None:
    file, _, name = function
    text = f"{file}:{name}" if file != BUILT_IN else name
    return next((part for part, pattern in PARTS.items() if re.search(pattern, text)), None)


def belongs_to(function: Function, caller: Function | None) -> str:
    """The part of a function; that of its caller where it has none of its own, as a built-in one often has not."""
    return part_of(function) or (part_of(caller) if caller else None) or "other"


def _largest_first(spent: Mapping[T, float]) -> list[tuple[T, float]]:
    return sorted(spent.items(), key=lambda item: -item[1])


def _shown(function: Function) -> str:
    file, line, name = function
    if file == BUILT_IN:
        return name.strip("<>")
    return f"{'/'.join(Path(file).parts[-2:])}:{line} {name}"


@contextmanager
def silent() -> Iterator[None]:
    """Send what this process prints nowhere: the descriptor, since not all of it goes through `sys.stdout`."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def main(given: list[str] | None = None) -> int:
    parser = ArgumentParser("python -m benchmarks.profile", description="Show where a row's microseconds go.")
    parser.add_argument("--provider", choices=NAMES, default="caoloon")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--functions", type=int, default=15, help="how many single functions to list (default 15)")
    args = parser.parse_args(given)
    if sys.version_info >= FIRST_WITH_ONE_PROFILE:
        parser.error("from Python 3.12 on, only one thread can be profiled: run it with an earlier one")
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        # What a read of one row takes is no cost of a row; the first one of all imports, too.
        with serve(args.provider, 1) as server:
            timed(server, folder)
            seconds, start = -timed(server, folder), profiled(server, folder)
        with serve(args.provider, args.rows) as server:
            seconds += timed(server, folder)
            found = profiled(server, folder)
    found.subtract(start)
    sys.stdout.write(report(found, seconds / server.rows * 1e6, args.functions))
    return 0


def profiled(server: Server, folder: str) -> Counter[tuple[Function, Function | None]]:
    profiler = Profiler()
    with profiler.running():
        timed(server, folder)
    return profiler.seconds()


def timed(server: Server, folder: str) -> float:
    """Read in this process; returns the seconds of processor time."""
    _, *arguments = reads(server, [OURS], Path(folder), {"concurrency": IN_FLIGHT})[OURS]
    started = process_time()
    with silent():
        run([str(argument) for argument in arguments])
    return process_time() - started


def report(found: Mapping[tuple[Function, Function | None], float], per_row: float, count: int) -> str:
    """A table of the parts, and one of the functions with the most time of their own; all in time per row."""
    parts: defaultdict[str, float] = defaultdict(float)
    functions: defaultdict[Function, float] = defaultdict(float)
    share = per_row / sum(found.values())
    for (function, caller), seconds in found.items():
        parts[belongs_to(function, caller)] += seconds * share
        functions[function] += seconds * share
    lines = [f"| A row costs | {per_row:.1f} us |", "|---|---:|"]
    lines += [f"| {part} | {spent:.1f} |" for part, spent in _largest_first(parts)]
    lines += ["", "| Function | us |", "|---|---:|"]
    lines += [f"| `{_shown(function)}` | {spent:.1f} |" for function, spent in _largest_first(functions)[:count]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
