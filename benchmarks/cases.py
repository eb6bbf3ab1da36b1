"""What is measured, and what it has to come to."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.contenders import (
    DLT_BY_DEFAULT,
    IN_FLIGHT,
    LOOPS,
    OURS,
    OURS_IN_TURN,
    PEERS,
    catalog_of,
    our,
    written,
)
from benchmarks.lists import lists_of
from benchmarks.measure import Command, ratio, side_by_side
from benchmarks.providers import LISTINGS, NAMES
from benchmarks.reading import Reading, read
from benchmarks.server import serve
from benchmarks.table import Line

LATENCY = 0.05
LATENCIES = (0.0, 0.01, 0.025, 0.05, 0.1)
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
EVERYONE = (OURS, *PEERS, *LOOPS)
RIVALS = ("dlt", "singer")
IN_TURN = (OURS_IN_TURN, "loop")

MOST_CPU = 0.65
MOST_MEMORY = 110
LONGEST_SPEC, LONGEST_START = 0.25, 0.75
TIMES_IN_TURN = 5
ALLOWED_A_MINUTE = 60
REFUSED = 429
# Commands that take a second vary most, and cost little to repeat.
START_UP_ROUNDS = 9
# What is left when a start is taken off varies as both do.
STREAMS_ROUNDS = 5
# What a row more may cost in a long list, of what it costs in a short one: a machine is never quite the same twice.
FLAT = 1.25


@dataclass
class Plan:
    """How much is measured, and what came of it."""

    rounds: int = 3
    full: bool = False
    quick: bool = False
    readings: list[Reading] = field(default_factory=list)

    def read(self, provider: str, rows: int, names: Sequence[str], **options: Any) -> Reading:
        reading = read(provider, rows, names, **options)
        self.readings.append(reading)
        return reading


def quick(plan: Plan) -> Iterator[Line]:
    """A few rows: no figures, but a proof that all of this runs."""
    few = lists_of("valomnia")[:3]
    yield from _streams(plan.read("valomnia", 120, (OURS, "loop"), latency=0.005, rounds=1, lists=few))
    for provider in NAMES:
        # The peers start slowly; one provider is enough to see them run.
        names = EVERYONE if provider == "caoloon" else (OURS, "loop")
        reading = plan.read(provider, 300, names, latency=0.005)
        yield _time(reading)
        yield _requests(reading)
        yield _memory(reading)


def sync(plan: Plan) -> Iterator[Line]:
    """Ten thousand rows, 50 ms an answer, and how often the server was asked."""
    readings = [plan.read(name, 10_000, EVERYONE, latency=LATENCY, rounds=plan.rounds) for name in NAMES]
    for reading in readings:
        yield _time(reading, 9 if reading.provider == "mijnklantportaal" else 4)
    for reading in readings:
        yield _requests(reading)


def streams(plan: Plan) -> Iterator[Line]:
    """Every list of Valomnia, several at once: many short lists rather than a long one."""
    names = (OURS, OURS_IN_TURN, "dlt", DLT_BY_DEFAULT, "manifest", "loop")
    rounds = max(plan.rounds, STREAMS_ROUNDS)
    reading = plan.read("valomnia", 120, names, latency=0.1, rounds=rounds, lists=lists_of("valomnia"))
    yield from _streams(reading, TIMES_IN_TURN)


def cpu(plan: Plan) -> Iterator[Line]:
    """Processor time per row, when answers come at once."""
    for provider in NAMES:
        reading = plan.read(provider, 100_000, [OURS, "dlt", "manifest", "loop"], rounds=plan.rounds)
        share = reading.share_of_cpu("dlt") if "dlt" in reading.series else None
        yield Line(
            f"CPU per row, {_rows(reading)}",
            {name: f"{reading.cpu_per_row(name):.0f} us" for name in reading.series},
            "" if share is None else f"{share:.2f}x",
            f"at most {MOST_CPU}x dlt",
            None if share is None else share <= MOST_CPU,
        )


def memory(plan: Plan) -> Iterator[Line]:
    """Peak memory, whatever the number of rows."""
    for provider in NAMES:
        for rows in (1_000, 100_000):
            yield _memory(plan.read(provider, rows, [OURS]))


def start_up(plan: Plan) -> Iterator[Line]:
    """Commands that read no row, against the time that importing the framework takes."""
    with TemporaryDirectory(prefix="benchmarks-") as folder, serve("caoloon", 0) as server:
        config = written(Path(folder) / "config.json", {"provider": server.config})
        catalog = written(Path(folder) / "catalog.json", catalog_of(server.lists))
        commands: dict[str, Command] = {
            "import": [our("python"), "-c", "import airbyte_cdk"],
            "spec": [our("source-customers"), "spec"],
            "check": [our("source-customers"), "check", "--config", config],
            "discover": [our("source-customers"), "discover", "--config", config],
            "read of no rows": [our("source-customers"), "read", "--config", config, "--catalog", catalog],
        }
        if plan.quick:
            commands = {name: commands[name] for name in ("import", "spec")}
        series = side_by_side(commands, 1 if plan.quick else max(plan.rounds, START_UP_ROUNDS))
    imported = series.pop("import")
    for name, took in series.items():
        most = LONGEST_SPEC if name == "spec" else LONGEST_START
        share = 1 / ratio(took, imported, "seconds")
        yield Line(
            f"{name}, where the import takes {imported.seconds:.2f} s",
            {OURS: f"{took.seconds:.2f} s"},
            f"{share:.2f}x",
            f"at most {most}x the import of airbyte_cdk",
            share <= most,
        )


def pace(plan: Plan) -> Iterator[Line]:
    """MijnKlantportaal with its documented limit, for more than a minute."""
    reading = plan.read("mijnklantportaal", 1_500, [OURS], rate_limit=ALLOWED_A_MINUTE, requests_per_minute=60)
    received = reading.requests[OURS]
    refused = sum(request.status == REFUSED for request in received)
    moments = [request.received_at for request in received]
    most = max(sum(start <= moment < start + 60 for moment in moments) for start in moments)
    yield Line(
        f"requests a minute, {_rows(reading)}",
        {OURS: f"{most}"},
        f"{most}, {refused} refused",
        f"at most {ALLOWED_A_MINUTE}, none refused",
        most <= ALLOWED_A_MINUTE and not refused,
    )


def growth(plan: Plan) -> Iterator[Line]:
    """What a row costs in ever longer lists, the start of the process left out."""
    # Fewer rows than these do not outlast the noise of the start.
    sizes = (1_000, 100_000, 400_000, *([1_000_000] if plan.full else []))
    start, *readings = [plan.read("caoloon", rows, [OURS], rounds=plan.rounds) for rows in sizes]
    first: float | None = None
    for reading in readings:
        series = reading.series[OURS]
        per_row = (series.cpu - start.series[OURS].cpu) / (reading.rows - start.rows) * 1e6
        first = first or per_row
        yield Line(
            f"each row after {start.rows:,}, {_rows(reading)}",
            {OURS: f"{per_row:.1f} us, {series.memory:.0f} MB"},
            f"{per_row / first:.2f}x",
            f"flat, at most {MOST_MEMORY} MB",
            per_row <= first * FLAT and series.memory <= MOST_MEMORY,
        )


def by_latency(plan: Plan) -> Iterator[Line]:
    """For the chart: the same rows, ever slower answers."""
    for latency in LATENCIES:
        yield _time(plan.read("caoloon", 10_000, EVERYONE, latency=latency))


def by_rows(plan: Plan) -> Iterator[Line]:
    """For the chart: the same answers, ever more rows; for the most, the others need a minute each."""
    for rows in SIZES:
        yield _time(plan.read("caoloon", rows, EVERYONE, latency=LATENCY), 11 if rows == SIZES[-1] else None)


CASES: dict[str, Callable[[Plan], Iterator[Line]]] = {
    "sync": sync,
    "streams": streams,
    "cpu": cpu,
    "memory": memory,
    "start-up": start_up,
    "growth": growth,
}
# These take minutes for figures that seldom change.
FULL_CASES = {"pace": pace, "by-latency": by_latency, "by-rows": by_rows}
QUICK_CASES = {"quick": quick, "start-up": start_up}
ALL_CASES = {**CASES, **FULL_CASES, **QUICK_CASES}


def _rows(reading: Reading) -> str:
    return f"{reading.rows:,} rows, {reading.latency * 1000:g} ms, {reading.provider}"


def _time(reading: Reading, goal: float | None = None) -> Line:
    times = [reading.times_faster(name) for name in RIVALS if name in reading.series]
    return Line(
        f"sync, {_rows(reading)}",
        {name: f"{series.seconds:.2f} s" for name, series in reading.series.items()},
        " and ".join(f"{factor:.1f}x" for factor in times),
        f"at least {goal:g}x faster than dlt and Singer SDK" if goal else "",
        min(times) >= goal if times and goal else None,
    )


def _streams(reading: Reading, goal: float | None = None) -> Iterator[Line]:
    """Whole processes beside dlt, and without their starts beside those who ask for one page after another."""
    work = f"{reading.lists} lists, {_rows(reading)}"
    dlt = [reading.times_faster(name) for name in ("dlt", DLT_BY_DEFAULT) if name in reading.series]
    yield Line(
        work,
        {name: f"{series.seconds:.2f} s" for name, series in reading.series.items()},
        " and ".join(f"{factor:.2f}x" for factor in dlt),
        f"not slower than dlt with {IN_FLIGHT} workers, or its default" if goal else "",
        min(dlt) >= 1 if dlt and goal else None,
    )
    in_turn = [reading.times_faster_apart(name) for name in IN_TURN if name in reading.series]
    yield Line(
        f"{work}, without the start",
        {name: f"{reading.apart(name).seconds:.2f} s" for name in reading.series},
        " and ".join(f"{factor:.1f}x" for factor in in_turn),
        f"at least {goal:g}x faster than one request after another, by ours and by a loop" if goal else "",
        min(in_turn) >= goal if goal else None,
    )
    yield _requests(reading)


def _requests(reading: Reading) -> Line:
    counts = {name: len(received) for name, received in reading.requests.items()}
    listing = LISTINGS[reading.provider]
    # Of an incremental list, one request looks what changed meanwhile.
    looks = 1 if listing.cursor else 0
    more, most = counts[OURS] - reading.pages, (2 if listing.total else IN_FLIGHT + looks) * reading.lists
    return Line(
        f"requests for {reading.pages:,} pages, {reading.provider}",
        {name: f"{count:,}" for name, count in counts.items()},
        f"pages + {more}",
        f"at most pages + {most}{'' if listing.total else ', those in flight'}",
        more <= most,
    )


def _memory(reading: Reading) -> Line:
    peak = reading.series[OURS].memory
    return Line(
        f"memory, {_rows(reading)}",
        {name: f"{series.memory:.0f} MB" for name, series in reading.series.items()},
        f"{peak:.0f} MB",
        f"at most {MOST_MEMORY} MB",
        peak <= MOST_MEMORY,
    )
