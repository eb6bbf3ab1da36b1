"""Finds keys that no component takes: the CDK drops them without a word."""

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, get_type_hints

import yaml
from airbyte_cdk.sources.declarative.parsers.manifest_component_transformer import DEFAULT_MODEL_TYPES

from manifest_lint.document import Finding, Node, SafeLoader

Schema = Mapping[str, Any]

# Filled in by the framework, whatever a manifest says.
_HANDED_IN = {"config", "parameters"}
_ALWAYS_KNOWN = {"type", "class_name", "$parameters"}
# Members that hold no components: schemas and values.
_FREE = {
    "DeclarativeSource.definitions",
    "DeclarativeSource.metadata",
    "CheckStream.config_overrides",
    "InlineSchemaLoader.schema",
    "Spec.connection_specification",
}
# Fields of our components that hold plain objects, and what those may hold.
_OBJECT_KEYS = {
    "query": {"parameter", "field", "value", "default", "when_true"},
    "credentials": {"field", "scheme", "scheme_field"},
    "window": {"parameter", "format", "format_field"},
}
_OBJECT_NAMES = {"window": {"from", "to"}}
_JSON_TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}


@cache
def component_schemas() -> Schema:
    """Return the CDK's own schema of each component, by the component's type."""
    text = resources.files("airbyte_cdk.sources.declarative").joinpath("declarative_component_schema.yaml").read_text()
    source: dict[str, Any] = yaml.load(text, Loader=SafeLoader)  # noqa: S506
    return {**source["definitions"], "DeclarativeSource": source}


def load_class(class_name: str) -> type | None:
    """Return the class of a custom component; None where there is none of that name."""
    module, _, name = class_name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except (ImportError, ValueError):
        return None
    return found if isinstance(found, type) else None


def unknown_keys(manifest: Node) -> Iterator[Finding]:
    """Yield keys, component types and classes that do not exist."""
    yield from _component(manifest, "DeclarativeSource", {})


def _component(node: Node, default_type: str, expected: Schema) -> Iterator[Finding]:
    """Check a component, an object of a component or a list of either.

    Args:
        node: the value.
        default_type: the component that the CDK takes it for when it has no `type`.
        expected: the CDK's schema of the member that holds it.
    """
    for element in node.elements():
        yield from _component(element, default_type, expected.get("items", {}))
    members = node.members()
    kind = node.text("type") or default_type
    schema = _schema(kind) or _dereferenced(expected)
    known: set[str] | None = None
    if class_name := node.text("class_name"):
        found = load_class(class_name)
        if found is None:
            yield Finding(node.member("class_name").path, f"there is no class `{class_name}`", "Correct the name")
        else:
            known = {name for name in get_type_hints(found) if not name.startswith("_")} - _HANDED_IN
    elif "properties" in schema:
        known = set(schema["properties"])
    elif members and kind and kind not in _JSON_TYPES:
        yield Finding(node.member("type").path, f"the CDK has no component `{kind}`", "Correct the type")
    for key, member in members.items():
        if known is not None and key not in known | _ALWAYS_KNOWN:
            yield _unknown(member, class_name or kind or "the object", known)
        elif class_name and key in _OBJECT_KEYS:
            yield from _plain_objects(member, key)
        elif f"{kind}.{key}" not in _FREE:
            below = schema.get("properties", {}).get(key, {})
            yield from _component(member, DEFAULT_MODEL_TYPES.get(f"{kind}.{key}", ""), below)


def _schema(kind: str) -> Schema:
    schema: Schema = component_schemas().get(kind, {})
    return schema


def _dereferenced(schema: Schema) -> Schema:
    return _schema(schema.get("$ref", "").rpartition("/")[2]) or schema


def _plain_objects(node: Node, field: str) -> Iterator[Finding]:
    for name, member in node.members().items():
        if name not in _OBJECT_NAMES.get(field, {name}):
            yield _unknown(member, f"`{field}`", _OBJECT_NAMES[field])
    for entry in [*node.members().values(), *node.elements()]:
        for key, member in entry.members().items():
            if key not in _OBJECT_KEYS[field]:
                yield _unknown(member, f"an entry of `{field}`", _OBJECT_KEYS[field])


def _unknown(node: Node, owner: str, known: set[str]) -> Finding:
    return Finding(
        node.path,
        f"{owner} takes no `{node.path[-1]}`",
        f"Correct the key or remove it; known are {', '.join(sorted(known - _ALWAYS_KNOWN))}",
    )
