"""The results as a file, which keeps what earlier runs measured and this one did not."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import environments
from benchmarks.contenders import PEERS, installed
from benchmarks.providers import Json
from benchmarks.reading import Reading
from benchmarks.table import Line


def add(path: Path, case: str, lines: Sequence[Line], readings: Sequence[Reading]) -> None:
    results = load(path)
    results["machine"] = {"cores": os.cpu_count(), "python": platform.python_version()}
    results["versions"] = [environments.version(name) for name in installed(PEERS)]
    results["cases"][case] = {
        "lines": [asdict(line) for line in lines],
        "readings": [_document(reading) for reading in readings],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1), encoding="utf-8")


def load(path: Path) -> Json:
    results: Json = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cases": {}}
    return results


def lines_of(results: Json, cases: Sequence[str]) -> list[Line]:
    return [Line(**line) for case in cases for line in results["cases"].get(case, {}).get("lines", [])]


def _document(reading: Reading) -> Json:
    """What was measured; requests as their number."""
    counts = {name: len(received) for name, received in reading.requests.items()}
    return {**asdict(reading), "requests": counts}
