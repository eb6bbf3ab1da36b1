"""The command `source-customers spec|check|discover|read|probe`.

Importing the CDK takes a second, so `spec` does without it, and nothing here imports it before it is needed.
"""

import sys
from collections.abc import Callable, Sequence

_PROBE_HELP = """
beside the commands of an Airbyte source:
    probe               asks whether the API behaves as its documents are read; `source-customers probe -h` tells more
"""


def run(arguments: Sequence[str] | None = None) -> None:
    """Run a command and print its Airbyte messages.

    Args:
        arguments: the command and its options; those of the process when left out, and then the process ends.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["spec"]:
        _print_spec()
        return
    from source_customers.startup import end_at_once, quickly, share_one_heap  # noqa: PLC0415  # see above

    if arguments is None:
        share_one_heap()
    if given[:1] == ["probe"]:
        quickly(_load_probe)(given[1:])
    try:
        quickly(_load_entrypoint)(given)
    finally:
        if given in (["-h"], ["--help"]):  # the CDK's help knows its own commands alone
            sys.stdout.write(_PROBE_HELP)
    if arguments is None:
        end_at_once()


def _load_entrypoint() -> Callable[[Sequence[str]], None]:
    from source_customers.entrypoint import launch  # noqa: PLC0415  # see above

    return launch


def _load_probe() -> Callable[[Sequence[str]], None]:
    from source_customers.probe.command import launch  # noqa: PLC0415  # see above

    return launch


def _print_spec() -> None:
    import orjson  # noqa: PLC0415  # see above

    from source_customers.manifest.catalogue import specification  # noqa: PLC0415

    sys.stdout.buffer.write(orjson.dumps({"type": "SPEC", "spec": specification()}) + b"\n")
    sys.stdout.flush()
