"""Finds what the types of the settings forbid, and says where it stands and what is allowed.

msgspec refuses a manifest quickly, but stops at the first mistake and does not say what is allowed. So this runs after
a refusal only.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import NODEFAULT, inspect

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mistake:
    """What is wrong in a manifest.

    Attributes:
        path: the keys that lead to it.
        what: what is wrong there, and what is allowed.
    """

    path: Path
    what: str

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.what}"


def path_text(path: Path) -> str:
    """Return a path as it is printed: `streams.customers.retriever.query[0]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def type_mistakes(given: Any, settings: type) -> list[Mistake]:
    """Return how plain objects differ from what settings allow.

    Args:
        given: what stands in the manifest.
        settings: a class of `manifest/settings.py`.
    """
    return list(_value(given, inspect.type_info(settings), (), ""))


def _value(given: Any, expected: inspect.Type, path: Path, description: str) -> Iterator[Mistake]:
    if isinstance(expected, inspect.Metadata):
        told = (expected.extra_json_schema or {}).get("description", description)
        yield from _value(given, expected.type, path, told)
    elif isinstance(expected, inspect.StructType):
        yield from _object(given, expected, path)
    elif isinstance(expected, inspect.UnionType):
        yield from _one_of(given, expected, path)
    elif isinstance(expected, inspect.DictType) and isinstance(given, Mapping):
        yield from _entries(given, expected, path)
    elif isinstance(expected, inspect.ListType) and isinstance(given, list):
        for index, each in enumerate(given):
            yield from _value(each, expected.item_type, (*path, index), "")
    elif not _fits(given, expected):
        yield Mistake(path, f"must be {description or kind_of(expected)}")


def _object(given: Any, expected: inspect.StructType, path: Path) -> Iterator[Mistake]:
    if not isinstance(given, Mapping):
        yield Mistake(path, f"must be an object; its keys are {_keys(expected)}")
        return
    fields = {each.encode_name: each for each in expected.fields}
    for key, value in given.items():
        if key in fields:
            yield from _value(value, fields[key].type, (*path, key), "")
        elif key != expected.tag_field:
            yield Mistake(path, f"unknown key `{key}`; allowed are {_keys(expected)}")
    for name, each in fields.items():
        if each.required and name not in given:
            yield Mistake(path, f"the key `{name}` is missing")


def _one_of(given: Any, expected: inspect.UnionType, path: Path) -> Iterator[Mistake]:
    structs = [each for each in expected.types if isinstance(each, inspect.StructType)]
    others = [each for each in expected.types if not isinstance(each, inspect.StructType)]
    if any(_fits(given, each) for each in others):
        return
    if len(structs) == 1:
        yield from _object(given, structs[0], path)
    elif structs:
        yield from _tagged(given, {each.tag: each for each in structs}, path)
    else:
        allowed = [_description(each) or kind_of(each) for each in others if not isinstance(each, inspect.NoneType)]
        yield Mistake(path, f"must be {', or '.join(allowed)}")


def _tagged(given: Any, structs: Mapping[Any, inspect.StructType], path: Path) -> Iterator[Mistake]:
    tag = str(next(iter(structs.values())).tag_field)
    names = ", ".join(map(str, structs))
    if not isinstance(given, Mapping):
        yield Mistake(path, f"must be an object with the key `{tag}`, one of {names}")
    elif tag not in given:
        yield Mistake(path, f"the key `{tag}` is missing; it is one of {names}")
    elif given[tag] not in structs:
        yield Mistake((*path, tag), f"must be one of {names}")
    else:
        yield from _object(given, structs[given[tag]], path)


def _entries(given: Mapping[Any, Any], expected: inspect.DictType, path: Path) -> Iterator[Mistake]:
    if expected.min_length and not given:
        yield Mistake(path, "must not be empty")
    for key, value in given.items():
        if not _fits(key, expected.key_type):
            yield Mistake(
                path, f"the key {key} must be {_description(expected.key_type) or kind_of(expected.key_type)}"
            )
        yield from _value(value, expected.value_type, (*path, str(key)), "")


def _fits(given: Any, expected: inspect.Type) -> bool:
    """Return whether a single value is of a type."""
    if isinstance(expected, inspect.Metadata):
        return _fits(given, expected.type)
    if isinstance(expected, inspect.StrType):
        fits_pattern = isinstance(given, str) and re.search(expected.pattern or "", given) is not None
        return fits_pattern and len(given) >= (expected.min_length or 0)
    if isinstance(expected, (inspect.IntType, inspect.FloatType)):
        numbers = int if isinstance(expected, inspect.IntType) else (int, float)
        is_number = isinstance(given, numbers) and not isinstance(given, bool)
        return (
            is_number and (expected.ge is None or given >= expected.ge) and (expected.gt is None or given > expected.gt)
        )
    if isinstance(expected, inspect.LiteralType):
        return given in expected.values
    if isinstance(expected, inspect.BoolType):
        return isinstance(given, bool)
    return given is None if isinstance(expected, inspect.NoneType) else isinstance(expected, inspect.AnyType)


def kind_of(expected: inspect.Type) -> str:
    """Return a type as messages and the reference name it."""
    if isinstance(expected, inspect.Metadata):
        return _description(expected) or kind_of(expected.type)
    if isinstance(expected, inspect.LiteralType):
        *others, last = [str(value) for value in expected.values]
        return f"one of {', '.join(others)}, {last}" if others else last
    kinds: dict[type[inspect.Type], str] = {
        inspect.StrType: "text",
        inspect.BoolType: "true or false",
        inspect.DictType: "an object",
        inspect.ListType: "a list",
    }
    return kinds.get(type(expected), "a value")


def _description(expected: inspect.Type) -> str:
    told = expected.extra_json_schema if isinstance(expected, inspect.Metadata) else None
    return str((told or {}).get("description", ""))


def _keys(expected: inspect.StructType) -> str:
    names = [*([expected.tag_field] if expected.tag_field else []), *(each.encode_name for each in expected.fields)]
    required = [each.encode_name for each in expected.fields if each.default is NODEFAULT and each.required]
    return ", ".join(f"{name} (required)" if name in required else name for name in names)
