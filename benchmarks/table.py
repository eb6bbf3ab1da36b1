"""The one table that the benchmarks print."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.contenders import TITLES


@dataclass(frozen=True)
class Line:
    """One work: what it took each contender, and how that compares with the goal; ``met`` is None without a goal."""

    work: str
    figures: dict[str, str] = field(default_factory=dict)
    found: str = ""
    goal: str = ""
    met: bool | None = None


def table(lines: Sequence[Line]) -> str:
    """The lines as a table in Markdown, with a column for each contender that took part."""
    names = [name for name in TITLES if any(name in line.figures for line in lines)]
    header = ["Work", "Goal", "Found", "Met", *(TITLES[name] for name in names)]
    cells = [header]
    for line in lines:
        met = {None: "", True: "yes", False: "no"}[line.met]
        cells.append([line.work, line.goal, line.found, met, *(line.figures.get(name, "") for name in names)])
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    rule = ["-" * width for width in widths]
    printed = [cells[0], rule, *cells[1:]]
    return "\n".join(f"| {' | '.join(c.ljust(w) for c, w in zip(row, widths, strict=True))} |" for row in printed)
