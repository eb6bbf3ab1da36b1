"""Has the functions of dataclasses compiled when they are called."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from source_customers.startup.stand_ins import replaced

_compile: Callable[..., Callable[..., Any]] = getattr(dataclasses, "_create_fn")  # noqa: B009  # mypy knows no private name


@contextmanager
def compiled_on_demand() -> Iterator[None]:
    """Have the functions of dataclasses that are declared meanwhile compiled when they are called: most never are.

    They take what they take otherwise, but do not tell it: their signature is `(*given, **named)`.
    """
    with replaced(dataclasses, "_create_fn", _put_off):
        yield


def _put_off(name: str, *text: Any, **names: Any) -> Callable[..., Any]:
    @cache
    def compiled() -> Callable[..., Any]:
        method = _compile(name, *text, **names)
        method.__qualname__ = function.__qualname__
        return method

    def function(*given: Any, **named: Any) -> Any:
        return compiled()(*given, **named)

    function.__name__ = name
    return function
