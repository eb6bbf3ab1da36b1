"""The settings of a provider over HTTP: what a test sets as attributes, as far as JSON can say it."""

from collections.abc import Mapping
from typing import Any, ClassVar, get_origin, get_type_hints

from pydantic import TypeAdapter

from integration_tests.sandbox.provider import Provider


def apply(provider: Provider, given: Mapping[str, Any]) -> None:
    """Set what is given, or nothing at all if one of it is wrong.

    Raises:
        ValueError: There is no such setting, or the value is not of its type.
    """
    types = _types(provider)
    unknown = sorted(set(given) - set(types))
    if unknown:
        raise ValueError(f"{provider.name} has no settings {unknown}")
    values = {name: TypeAdapter(types[name]).validate_python(value, strict=True) for name, value in given.items()}
    for name, value in values.items():
        setattr(provider, name, value)


def setting_names(provider: Provider) -> set[str]:
    """What can be set."""
    return set(_types(provider))


def _types(provider: Provider) -> dict[str, Any]:
    """Settings are the attributes that a provider's class has values for, except the hook, which is a function."""
    hints = get_type_hints(type(provider))
    return {
        name: hint
        for name, hint in hints.items()
        if get_origin(hint) is not ClassVar and hasattr(type(provider), name) and name != "before_answer"
    }
