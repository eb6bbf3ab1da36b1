"""Has the models of manifests declared when they are used."""

import re
import typing
from abc import ABCMeta
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import Any, NamedTuple, cast

from pydantic.v1 import BaseModel, ValidationError, main
from pydantic.v1.typing import resolve_annotations, update_model_forward_refs

from source_customers.startup.stand_ins import replaced

_declare, _validate_model = main.ModelMetaclass.__new__, main.validate_model
_declaring = RLock()
# What a class has of its own.
_OWN = {"__dict__", "__weakref__", "__slots__", "_abc_impl"}


class _Declaration(NamedTuple):
    bases: tuple[type, ...]
    namespace: dict[str, Any]


_put_off: dict[type, _Declaration] = {}


@contextmanager
def declared_on_demand(module: str) -> Iterator[None]:
    """Have the pydantic models that a module declares meanwhile declared when an object is made of them.

    Until then they are classes without fields.
    """

    def put_off(
        kind: type[ABCMeta], name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> Any:
        # A value for a `__root__` is looked at before there is an object.
        if options or namespace["__module__"] != module or "__root__" in namespace.get("__annotations__", {}):
            return _declare(kind, name, bases, namespace, **options)
        if not _put_off:
            _forget_types()
        model: type = ABCMeta.__new__(kind, name, bases, {"__module__": module, "__qualname__": name})
        _put_off[model] = _Declaration(bases, namespace)
        _read_unions(model)
        return model

    def update(model: type[BaseModel], *given: Any) -> None:
        if model in _put_off:
            _read_unions(model)
        else:
            update_model_forward_refs(model, *given)

    main.validate_model = cast(Any, _validate_declared)  # for good: the models stay as they are
    with replaced(main.ModelMetaclass, "__new__", put_off), replaced(main, "update_model_forward_refs", update):
        yield


def _read_unions(model: type) -> None:
    """Read the unions among the types of fields, and when all models are there, those that name a later model.

    pydantic would do so here too, and it matters: to Python, an `Optional[Union[int, str]]` is the
    `Optional[Union[str, int]]` that it has seen before, while pydantic makes an int or a str of a value in that order.
    """
    types = _put_off[model].namespace.get("__annotations__", {})
    unions = {field: type_ for field, type_ in types.items() if "Union[" in str(type_)}
    types.update(resolve_annotations(unions, model.__module__))


def _forget_types() -> None:
    """Have Python forget the types that it has seen; it forgets most by itself where pydantic declares all at once."""
    for forget in getattr(typing, "_cleanups"):  # noqa: B009  # mypy knows no private name
        forget()


def _validate_declared(model: type[BaseModel], input_data: dict[str, Any], *given: Any, **named: Any) -> Any:
    with _declaring:  # a model must not be used half declared
        if _is_for_another(model, input_data):
            return {}, set(), _OtherModelError(model, input_data)
        _declare_now(model)
    return _validate_model(model, input_data, *given, **named)


def _is_for_another(model: type, value: dict[str, Any]) -> bool:
    """Tell whether an object names the type of another model: of a union, pydantic tries the models in turn."""
    if model not in _put_off or "type" not in value:
        return False
    annotation = str(_put_off[model].namespace.get("__annotations__", {}).get("type"))
    return bool(re.fullmatch(r"Literal\['\w+'\]", annotation)) and annotation != f"Literal[{value['type']!r}]"


class _OtherModelError(ValidationError):
    """What is wrong with an object for another model, found out when somebody asks for it."""

    def __init__(self, model: type[BaseModel], value: dict[str, Any]) -> None:
        super().__init__([], model)
        self._find_out = partial(_validate_model, model, value)

    @property
    def raw_errors(self) -> Any:
        with _declaring:
            _declare_now(self.model)
        found: Any = self._find_out()[2]
        return found.raw_errors

    @raw_errors.setter
    def raw_errors(self, errors: Any) -> None:
        """Take none: they are found out."""


def _declare_now(model: type) -> None:
    if model not in _put_off:
        return
    bases, namespace = _put_off[model]
    for base in bases:
        _declare_now(base)
    for name, value in vars(_declare(type(model), model.__name__, bases, namespace)).items():
        if name not in _OWN:
            setattr(model, name, value)
    del _put_off[model]
