"""Makes the import of the CDK and the end of the process quicker, and the process smaller.

Each step may fail to help, but must not do harm: where another package has changed, every command works as before and
only takes longer, or more memory.
"""

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from inspect import signature
from types import FunctionType
from typing import Any, NoReturn, TypeVar

Loaded = TypeVar("Loaded")

# The number that mallopt(3) of glibc has for the most heaps.
_M_ARENA_MAX = -8
# Words of memory that a frame asks for and does not touch.
_ROOM = 1 << 15


def quickly(load: Callable[[], Loaded]) -> Loaded:
    """Return what a function loads that imports the CDK: it takes about half of the time.

    The garbage collector does not run meanwhile. It would look again and again at modules that stay for good.
    """
    gc.disable()
    try:
        with suppress(Exception):  # the CDK imports the serializer itself then, as it always does
            _with_room(_import_serializer)
        return _with_room(load)
    finally:
        gc.freeze()
        gc.enable()


def _with_room(load: Callable[[], Loaded]) -> Loaded:
    """Call a function, with room for the frames of all that it calls.

    CPython takes memory for frames in pieces of 16 KB. Where calls go back and forth across the end of a piece, it
    takes the next one and gives it back each time: 12,000 times while the CDK is imported, a tenth of the time. A frame
    that says that it needs much more gets a larger piece, in which the frames above it have room too.
    """
    call: Callable[[Callable[[], Loaded]], Loaded] = _call
    with suppress(Exception):  # another Python may keep frames in another way
        call = FunctionType(_call.__code__.replace(co_stacksize=_ROOM), {})
    return call(load)


def _call(function: Callable[[], Loaded]) -> Loaded:
    return function()


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


def share_one_heap() -> None:
    """Let all threads take memory from one heap of the C library, before there are any threads.

    With a heap for each of them, which is what glibc does, every heap keeps what its thread once needed for a page:
    20 MB in a sync of Valomnia. Only one thread at a time runs Python, so none waits for another one's memory.
    """
    with suppress(Exception):  # another C library has another way or none, and not every Python has ctypes
        import_module("ctypes").CDLL(None).mallopt(_M_ARENA_MAX, 1)


def end_without_output() -> NoReturn:
    """End with status 1, where standard output is closed or its disk is full: no message can be printed any more."""
    with suppress(Exception):
        os.write(2, b"Standard output cannot be written to.\n")
    os._exit(1)


def end_at_once() -> NoReturn:
    """End the process successfully; taking every module and thread apart first would take a tenth of a second."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
