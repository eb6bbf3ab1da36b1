"""Draws what the cases `by-latency` and `by-rows` measured; runs in the environment that has matplotlib."""

import json
import sys
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

# By name, since it is in an environment of its own, where no type checker looks.
plt: Any = import_module("matplotlib.pyplot")

# Ours stands out; the peers are told apart by their marks too, for those who see colours differently.
STYLES: dict[str, dict[str, Any]] = {
    "ours": {"label": "source-customers, 16 in flight", "color": "#0b6e4f", "marker": "o", "linewidth": 2.6},
    "dlt": {"label": "dlt extract, 1 in flight", "color": "#c8553d", "marker": "s"},
    "singer": {"label": "Singer SDK tap, 1 in flight", "color": "#e09f3e", "marker": "^"},
    "manifest": {"label": "plain manifest, 1 in flight", "color": "#3d5a80", "marker": "D"},
    "limit": {"label": "bare loop, 16 in flight", "color": "#9a9a9a", "marker": "x", "linestyle": "--"},
}
PANELS = (
    ("by-latency", "10,000 rows", "latency", "milliseconds per answer", 1000),
    ("by-rows", "50 ms per answer", "rows", "rows", 1),
)


def main(results: str, picture: str) -> None:
    found = json.loads(Path(results).read_text(encoding="utf-8"))
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    for axis, (case, title, abscissa, label, scale) in zip(axes, PANELS, strict=True):
        readings = found["cases"][case]["readings"]
        draw(axis, readings, abscissa, scale)
        axis.set_title(title, fontsize=11)
        axis.set_xlabel(label)
        axis.set_ylabel("seconds")
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylim(bottom=0)
    axes[1].set_xscale("log")
    axes[1].set_yscale("log")
    axes[0].legend(frameon=False, fontsize=9)
    figure.savefig(picture, dpi=130, metadata={"Software": None})


def draw(axis: Any, readings: list[dict[str, Any]], abscissa: str, scale: int) -> None:
    for name, style in STYLES.items():
        points = [
            (reading[abscissa] * scale, median(usage["seconds"] for usage in reading["series"][name]["usages"]))
            for reading in readings
            if name in reading["series"]
        ]
        axis.plot(*zip(*points, strict=True), markersize=5, **style)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
