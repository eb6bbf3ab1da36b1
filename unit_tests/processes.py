"""A Python process of its own, where nothing is imported yet."""

import subprocess
import sys


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run a script and return what it printed."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
