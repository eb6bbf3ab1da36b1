"""A body of any length costs bounded memory. The bounds of a whole sync are measured by the benchmarks."""

import subprocess
import sys
from typing import Any

import pytest

from integration_tests.connector import command_files, configured_catalog
from integration_tests.sandbox import Sandbox

MEBIBYTE = 1024


# The kernel's own figure for a child also counts the process that it was forked from.
RUN = (
    "import re, sys; from source_customers.run import run; run(sys.argv[1:]); "
    "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr)"
)


def peak_of_a_read(config: dict[str, Any]) -> tuple[int, int]:
    """Return the exit code of a read in a process of its own, and its largest size in KiB."""
    with command_files(config=config, catalog=configured_catalog()) as files:
        done = subprocess.run([sys.executable, "-c", RUN, "read", *files], capture_output=True, text=True, check=False)
    return done.returncode, int(done.stderr.split()[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the largest size differs")
@pytest.mark.parametrize("kind", ["huge_body", "endless_body"])
def test_a_body_without_end(sandbox: Sandbox, kind: str) -> None:
    _, usual = peak_of_a_read(sandbox.config("caoloon", page_size=50))
    sandbox.caoloon.fault(kind, on=2)

    exit_code, peak = peak_of_a_read(sandbox.config("caoloon", page_size=50))

    assert exit_code == 0
    # The largest answer that is read, and what reading it takes.
    assert peak - usual < 100 * MEBIBYTE
    assert peak < 200 * MEBIBYTE
