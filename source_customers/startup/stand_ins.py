"""Has something of another package replaced, left out, or imported when it is used."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from types import ModuleType
from typing import Any, cast

_modules = cast("dict[str, ModuleType | None]", sys.modules)


@contextmanager
def replaced(owner: Any, name: str, stand_in: Any) -> Iterator[None]:
    """Have a function of another package replaced by a stand-in."""
    original = getattr(owner, name)
    setattr(owner, name, stand_in)
    try:
        yield
    finally:
        setattr(owner, name, original)


@contextmanager
def left_out(package: str) -> Iterator[None]:
    """Have imports of a package that is not imported yet fail, as if it were not installed."""
    is_new = package not in _modules
    if is_new:
        _modules[package] = None
    try:
        yield
    finally:
        if is_new:
            del _modules[package]


def imported_on_demand(package: str) -> None:
    """Have a package that is not imported yet imported when something of it is asked for.

    Its submodules can be imported without it.
    """
    spec = None if package in _modules else find_spec(package)
    if spec:
        _modules[package] = _OnDemand(package, spec.submodule_search_locations)


class _OnDemand(ModuleType):
    def __init__(self, name: str, folders: list[str] | None) -> None:
        super().__init__(name)
        self.__path__ = folders or []

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":  # some ask for it while they are imported themselves
            with suppress(PackageNotFoundError):
                return version(self.__name__)
        if _modules.get(self.__name__) is self:
            del _modules[self.__name__]
        package = importlib.import_module(self.__name__)
        for submodule, imported in vars(self).items():
            vars(package).setdefault(submodule, imported)
        return getattr(package, name)
