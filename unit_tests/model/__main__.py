"""Plays many cases and counts how they end: `python -m unit_tests.model --sequences 10000`."""

import argparse
import sys
import traceback
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain

from unit_tests.model.case import Case, cases, moderate_cases
from unit_tests.model.play import COMPLETE, Outcome, play
from unit_tests.model.shapes import SHAPES


@dataclass
class Tally:
    """How the cases of one provider and order ended.

    Attributes:
        endings: how the first two syncs of each case ended, and `lost` for a case with a row missing.
        moderate: the same for cases in which a reader must nearly always succeed.
        requests: what all syncs sent.
        rows: what all syncs delivered.
        repeated: how many of these came twice in one sync.
    """

    endings: Counter[str] = field(default_factory=Counter)
    moderate: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    rows: int = 0
    repeated: int = 0

    def add(self, case: Case, outcome: Outcome) -> None:
        self.endings.update(outcome.endings[:2])
        if case.is_moderate:
            self.moderate.update(outcome.endings[:2])
        self.requests += sum(outcome.requests)
        self.rows += outcome.rows
        self.repeated += outcome.repeated


def _played(case: Case) -> tuple[Case, Outcome | str]:
    try:
        return case, play(case)
    except Exception as failure:  # noqa: BLE001  # whatever goes wrong is one of the counts
        frame = traceback.extract_tb(failure.__traceback__)[-1]
        return case, f"{type(failure).__name__}: {failure} ({frame.name})"


def main(arguments: list[str]) -> int:
    """Play, print, and return 1 if a row was lost or anything else went wrong."""
    parser = argparse.ArgumentParser(prog="python -m unit_tests.model", description=__doc__)
    parser.add_argument("--sequences", type=int, default=10_000, help="how many cases, over all providers")
    parser.add_argument("--first", type=int, default=0, help="seed of the first one")
    parser.add_argument("--provider", choices=[*SHAPES], help="one provider only")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--moderate", action="store_true", help="only cases in which little changes")
    parser.add_argument("--torn", action="store_true", help="also servers that count a list before they read it")
    options = parser.parse_args(arguments)
    providers = [options.provider] if options.provider else [*SHAPES]
    each = options.sequences // len(providers)
    seeds = range(options.first, options.first + each)
    drawn = chain.from_iterable(
        moderate_cases(provider, each, options.first) if options.moderate else cases(provider, seeds, torn=options.torn)
        for provider in providers
    )
    tallies: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
    wrong = 0
    with ProcessPoolExecutor(options.processes) as pool:
        for case, outcome in pool.map(_played, drawn, chunksize=20):
            tally = tallies[case.provider, case.habits.order, case.habits.ties]
            if isinstance(outcome, Outcome):
                tally.add(case, outcome)
            else:
                wrong += 1
                tally.endings["lost"] += 1
                sys.stdout.write(f"LOST {outcome}\n     {case}\n")
    _print(tallies)
    return int(wrong > 0)


def _print(tallies: dict[tuple[str, str, str], Tally]) -> None:
    sys.stdout.write("provider         order          ties        COMPLETE gave up killed lost | moderate: COMPLETE of")
    sys.stdout.write(" | requests     rows  twice\n")
    total = Tally()
    for (provider, order, ties), tally in [*sorted(tallies.items()), (("all", "", ""), total)]:
        ends, moderate = tally.endings, tally.moderate
        sys.stdout.write(
            f"{provider:16} {order:14} {ties:11} {ends[COMPLETE]:8} {ends['gave up']:7} {ends['killed']:6} "
            f"{ends['lost']:4} | {moderate[COMPLETE]:18} {moderate[COMPLETE] + moderate['gave up']:2} | "
            f"{tally.requests:8} {tally.rows:8} {tally.repeated:6}\n"
        )
        total.endings += ends
        total.moderate += moderate
        total.requests += tally.requests
        total.rows += tally.rows
        total.repeated += tally.repeated


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
