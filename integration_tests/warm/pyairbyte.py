"""`python CONNECTOR SCRIPT ARGUMENTS` runs a script that uses PyAirbyte, as the interpreter would.

The script finds the connector beside its interpreter.
"""

import runpy
import sys
from functools import partial
from importlib import import_module
from pathlib import Path

from source_customers.startup import quickly

quickly(partial(import_module, "airbyte"))


def main() -> None:
    """Run the script that the arguments name."""
    from airbyte import logs  # noqa: PLC0415  # it is imported above, in half of the time

    # Where logs are is asked for when PyAirbyte is imported.
    logs.AIRBYTE_LOGGING_ROOT = Path.cwd() / "logs"
    _, connector, script, *arguments = sys.argv
    sys.executable = str(Path(connector).with_name("python"))
    sys.argv = [script, *arguments]
    sys.path.insert(0, str(Path(script).parent))
    runpy.run_path(script, run_name="__main__")
