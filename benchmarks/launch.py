"""`launch.py REPORT COMMAND...` runs a command, and writes what it took into a file.

A program of its own, because a process inherits the peak memory of the one that started it: this one stays small.
"""

import os
import sys
from time import monotonic


def main(report: str, *command: str) -> int:
    started = monotonic()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    seconds = monotonic() - started
    with open(report, "w", encoding="ascii") as file:  # noqa: PTH123  # pathlib would be half of its memory
        file.write(f"[{seconds}, {used.ru_utime + used.ru_stime}, {used.ru_maxrss / 1024}]")
    return os.waitstatus_to_exitcode(status) and 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
