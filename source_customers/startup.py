"""Has the CDK start in less than half of the time that it takes by itself, and end without being taken apart again."""

import gc
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from types import ModuleType
from typing import Any, NoReturn, cast

import attributes_doc
from pydantic.v1 import BaseModel, main
from pydantic.v1.fields import ModelField

_prepare, _validate_model = ModelField.prepare, main.validate_model
_preparing = RLock()
# What no field has for its validators, and what is still the same in a copy of a field.
_NOT_PREPARED: Any = ()


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import within this what is slow to import; what is imported then stays for good.

    `import airbyte_cdk` takes 7.0 billion instructions, of which 2.6 are left (as `valgrind --tool=cachegrind` counts
    them, with all that is imported for the first time):

    - 3.2: serpyco-rs parses the source of every message class for the docstrings of its fields, which only a JSON
      schema of them would need. It gets an empty answer here.
    - 0.4: requests-cache imports boto3 and tomlkit for caches in DynamoDB and TOML, and does without where they are
      not installed.
    - 0.3: pydantic looks into the fields of 149 models of manifests, of which a manifest uses about fifteen.
    - 0.1: PyJWT is there for an authentication that no manifest here has; one that has it gets it when it signs.
    - 0.1 to 0.4: the garbage collector looks again and again at what is being imported.
    """
    gc.disable()
    try:
        with (
            _replaced(attributes_doc, "get_attributes_doc", lambda cls: {}),  # noqa: ARG005
            _hidden("boto3"),
            _hidden("tomlkit"),
            _on_demand("jwt"),
            _fields_on_demand(),
        ):
            yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _replaced(owner: Any, name: str, stand_in: Any) -> Iterator[None]:
    """Have a function of another package replaced by a stand-in."""
    original = getattr(owner, name)
    setattr(owner, name, stand_in)
    try:
        yield
    finally:
        setattr(owner, name, original)


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Have imports of a package that is not imported yet fail, as if it were not installed."""
    with _in_place_of(package, None):
        yield


@contextmanager
def _on_demand(package: str) -> Iterator[None]:
    """Have a package that is not imported yet imported when something of it is asked for."""
    with _in_place_of(package, _Absent(package)):
        yield


class _Absent(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _in_place_of(package: str, module: ModuleType | None) -> Iterator[None]:
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    is_new = package not in modules
    if is_new:
        modules[package] = module
    try:
        yield
    finally:
        if is_new and modules.get(package) is module:
            del modules[package]


@contextmanager
def _fields_on_demand() -> Iterator[None]:
    """Have pydantic prepare the fields of models that are declared meanwhile when an object is made of them."""
    main.validate_model = _validate_prepared  # for good: the models stay unprepared
    with _replaced(ModelField, "prepare", _put_off):
        yield


def _put_off(field: ModelField) -> None:
    field.pre_validators = _NOT_PREPARED


def _validate_prepared(model: type[BaseModel], input_data: dict[str, Any], cls: Any = None) -> Any:
    with _preparing:  # a field must not be prepared twice
        for field in model.__fields__.values():
            is_needed = field.name in input_data or field.alias in input_data or field.required is not False
            if is_needed and field.pre_validators == _NOT_PREPARED:
                _prepare(field)
    return _validate_model(model, input_data, cls)


@contextmanager
def unchecked_manifest() -> Iterator[None]:
    """Have the CDK take a manifest as it is: the schema that it would check it against takes 0.06 seconds to read."""
    cdk = importlib.import_module("airbyte_cdk.sources.declarative.concurrent_declarative_source")
    with _replaced(cdk, "get_declarative_component_schema", dict):
        yield


def end_at_once() -> NoReturn:
    """End the process successfully; taking every module and thread apart first would take a tenth of a second."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
