"""Finds config fields that are read but not in the spec, and fields of the spec that nothing reads."""

import re
from collections.abc import Iterator

from msgspec import inspect

from manifest_lint.document import Finding, Node
from manifest_lint.own_streams import own_streams
from source_customers.manifest.mistakes import Path
from source_customers.manifest.settings import Settings

# Fields that a spec may leave out: what they stand for has a default of its own.
_OPTIONAL = {"full_read_every", "learn_fields"}
_IN_EXPRESSION = re.compile(r"""config\s*(?:\.get\(|\[)\s*['"](\w+)['"]|config\.(?!get\b)(\w+)""")


def config_fields(manifest: Node) -> Iterator[Finding]:
    """Yield config fields that are read but not in the spec, and those in the spec that nothing reads."""
    known = dict(_spec_fields(manifest.member("spec", "connection_specification"), ""))
    by_settings = list(_read_by_settings(manifest))
    for field, place, is_count in by_settings:
        if is_count and field in known and known[field].text("type") != "integer":
            yield Finding(place, f"`{field}` is no number", "Make it an integer in the spec")
    read = {field: place for field, place, _ in by_settings} | dict(_read_by_the_cdk(manifest))
    overrides = manifest.member("check", "config_overrides").members()
    named = read | {field: node.path for field, node in overrides.items()}
    for field, place in named.items():
        if field not in known and field not in _OPTIONAL:
            yield Finding(place, f"the spec has no field `{field}`", "Correct the field or add it to the spec")
    for field, node in known.items():
        # A constant tells the branches of a `oneOf` apart, which is use enough.
        is_used = field in read or "const" in node.members()
        if not is_used and not any(other.startswith(f"{field}.") for other in read):
            yield Finding(node.path, f"nothing reads the field `{field}`", "Remove it, or read it")


def fields_read(settings: Settings) -> Iterator[tuple[Path, str, bool]]:
    """Yield the config fields that settings name: where, which, and whether it has to hold a number."""
    structure = inspect.type_info(type(settings))
    assert isinstance(structure, inspect.StructType)  # noqa: S101  # settings are nothing else
    for each in structure.fields:
        yield from _below(getattr(settings, each.name), each.type, (each.encode_name,))
    yield from (((), field, False) for field in settings.also_read())


def _below(value: object, expected: inspect.Type, path: Path) -> Iterator[tuple[Path, str, bool]]:
    if isinstance(value, Settings):
        yield from (((*path, *below), field, is_count) for below, field, is_count in fields_read(value))
    elif isinstance(value, dict) and isinstance(expected, inspect.DictType):
        for key, each in value.items():
            yield from _below(each, expected.value_type, (*path, key))
    elif isinstance(value, list) and isinstance(expected, inspect.ListType):
        for index, each in enumerate(value):
            yield from _below(each, expected.item_type, (*path, index))
    elif isinstance(value, str) and value:
        kinds = expected.types if isinstance(expected, inspect.UnionType) else (expected,)
        if any(isinstance(kind, inspect.Metadata) and (kind.extra or {}).get("is_config_field") for kind in kinds):
            yield path, value, len(kinds) > 1


def _spec_fields(schema: Node, above: str) -> Iterator[tuple[str, Node]]:
    for branch in [schema, *schema.member("oneOf").elements()]:
        for name, field in branch.member("properties").members().items():
            yield f"{above}{name}", field
            yield from _spec_fields(field, f"{above}{name}.")


def _read_by_settings(manifest: Node) -> Iterator[tuple[str, Path, bool]]:
    for stream, declaration in own_streams(manifest):
        for path, field, is_count in fields_read(declaration.list):
            yield field, stream.member("retriever", *path).home.path, is_count


def _read_by_the_cdk(manifest: Node) -> Iterator[tuple[str, Path]]:
    """Yield the config fields that expressions and the CDK's own components name."""
    for section in ("check", "definitions", "streams"):
        for node in manifest.member(section).written():
            key, value = node.path[-1], node.value
            if key == "authenticator_selection_path":
                yield ".".join(value), node.path
            elif isinstance(value, str) and "{{" in value:
                yield from ((found[1] or found[2], node.path) for found in _IN_EXPRESSION.finditer(value))
