"""Makes the import of the CDK and the end of the process quicker.

Each step may fail to help, but must not do harm: where another package has changed, every command works as before and
only takes longer.
"""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from inspect import signature
from typing import Any, NoReturn


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import the CDK within this: it takes about half of the time.

    The garbage collector does not run meanwhile. It would look again and again at modules that stay for good.
    """
    gc.disable()
    try:
        with suppress(Exception):  # the CDK imports the serializer itself then, as it always does
            _import_serializer()
        yield
    finally:
        gc.freeze()
        gc.enable()


def _import_serializer() -> None:
    """Import serpyco-rs, and keep it from reading the docstrings of fields, which only a JSON schema would need.

    It would parse the source of every message class for them: a third of the time that importing the CDK takes. The
    answer that it gets here is the one for a class whose source is not there.
    """
    package: Any = import_module("attributes_doc")
    original = package.get_attributes_doc
    if signature(original) != signature(_no_docstrings):
        return
    package.get_attributes_doc = _no_docstrings
    try:
        import_module("serpyco_rs")
    finally:
        package.get_attributes_doc = original


def _no_docstrings(cls: type) -> dict[str, str]:  # noqa: ARG001  # the signature of what it stands in for
    return {}


def end_at_once() -> NoReturn:
    """End the process successfully; taking every module and thread apart first would take a tenth of a second."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
