"""Runs dbt in the environment that `make` keeps for it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PROGRAM = ROOT / ".venv-dbt" / "bin" / "dbt"
needs_dbt = pytest.mark.skipif(not PROGRAM.exists(), reason="dbt is not installed (make .venv-dbt/.installed)")


def build(folder: Path, *options: str, target: str, **variables: str) -> dict[str, str]:
    """Build the package, and return how each of its models and tests went.

    Args:
        folder: where dbt may write.
        options: further options of the command.
        target: duckdb or postgres.
        variables: the environment, which says where the database is.
    """
    package = str(ROOT / "dbt")
    done = subprocess.run(
        [
            *(str(PROGRAM), "build", "--project-dir", package, "--profiles-dir", package, "--target", target),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), *options),
        ],
        env={**os.environ, "DO_NOT_TRACK": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {result["unique_id"]: result["status"] for result in results}
