"""`python -m benchmarks`: the connector next to its peers, in one table. See docs/performance.md."""

import compileall
import signal
import subprocess
import sys
import sysconfig
from argparse import ArgumentParser, Namespace
from pathlib import Path

from benchmarks import environments, results
from benchmarks.cases import ALL_CASES, CASES, FULL_CASES, QUICK_CASES, Plan
from benchmarks.contenders import PEERS
from benchmarks.server import ROOT
from benchmarks.table import table

DEFAULT_RESULTS = ROOT / "build" / "benchmarks.json"


def arguments(given: list[str] | None) -> Namespace:
    parser = ArgumentParser("python -m benchmarks", description="Measure the connector next to its peers.")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each contender (default 3)")
    parser.add_argument("--only", action="append", choices=list(ALL_CASES), help="this case; can be repeated")
    parser.add_argument("--quick", action="store_true", help="a few rows in seconds, to see that everything runs")
    parser.add_argument(
        "--full", action="store_true", help="also what takes long: 100,000 slow rows, a million rows, the pace"
    )
    parser.add_argument("--upgrade", action="store_true", help="bring the peers to their latest versions first")
    parser.add_argument(
        "--results", type=Path, default=DEFAULT_RESULTS, help="JSON file (default build/benchmarks.json)"
    )
    parser.add_argument("--show", action="store_true", help="measure nothing, print the table of what was measured")
    parser.add_argument("--chart", type=Path, help="the same as --full, and draw a picture of it into this PNG file")
    return parser.parse_args(given)


def cases(args: Namespace) -> list[str]:
    if args.only:
        return list(args.only)
    if args.quick:
        return list(QUICK_CASES)
    return [*CASES, *(FULL_CASES if args.full or args.show or args.chart else [])]


def main(given: list[str] | None = None) -> int:
    args = arguments(given)
    wanted = cases(args)
    # Ended from outside, it takes the servers and contenders with it that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if not args.show:
        measure(args, wanted)
    found = results.load(args.results)
    lines = results.lines_of(found, wanted)
    sys.stdout.write(f"{table(lines)}\n\n{', '.join(found.get('versions', []))}\n")
    if args.chart:
        environments.set_up("chart")
        drawing = [environments.script("chart"), ROOT / "benchmarks" / "chart.py", args.results, args.chart]
        subprocess.run(drawing, check=True)
    return 0


def measure(args: Namespace, wanted: list[str]) -> None:
    if not args.quick:
        for name in ("ours", *PEERS):
            environments.set_up(name, upgrade=args.upgrade)
        # As for whoever installs the connector: neither a checkout nor what uv installs, for the loops, has bytecode
        # where PYTHONDONTWRITEBYTECODE is set.
        for folder in (ROOT / "source_customers", sysconfig.get_path("purelib")):
            compileall.compile_dir(folder, quiet=2)
    for case in wanted:
        sys.stderr.write(f"{case}\n")
        plan = Plan(args.rounds, full=args.full, quick=args.quick)
        lines = list(ALL_CASES[case](plan))
        results.add(args.results, case, lines, plan.readings)


if __name__ == "__main__":
    sys.exit(main())
