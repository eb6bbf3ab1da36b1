"""Finds keys that no component of the CDK takes: it drops them without a word."""

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml
from airbyte_cdk.sources.declarative.parsers.manifest_component_transformer import DEFAULT_MODEL_TYPES

from manifest_lint.document import Finding, Node, SafeLoader
from source_customers.manifest.declarations import RETRIEVER

Schema = Mapping[str, Any]

_ALWAYS_KNOWN = {"type", "class_name", "$parameters"}
# Members that hold no components: schemas and values.
_FREE = {
    "DeclarativeSource.definitions",
    "DeclarativeSource.metadata",
    "CheckStream.config_overrides",
    "InlineSchemaLoader.schema",
    "Spec.connection_specification",
}
_JSON_TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}


@cache
def component_schemas() -> Schema:
    """Return the CDK's own schema of each component, by the component's type."""
    text = resources.files("airbyte_cdk.sources.declarative").joinpath("declarative_component_schema.yaml").read_text()
    source: dict[str, Any] = yaml.load(text, Loader=SafeLoader)  # noqa: S506
    return {**source["definitions"], "DeclarativeSource": source}


def unknown_keys(manifest: Node) -> Iterator[Finding]:
    """Yield keys, component types and classes that do not exist."""
    yield from _component(manifest, "DeclarativeSource", {})


def is_own(stream: Node) -> bool:
    """Return whether a stream is read by our own retriever."""
    return stream.member("retriever").text("class_name") == RETRIEVER


def _component(node: Node, default_type: str, expected: Schema) -> Iterator[Finding]:
    """Check a component, an object of a component or a list of either.

    Args:
        node: the value.
        default_type: the component that the CDK takes it for when it has no `type`.
        expected: the CDK's schema of the member that holds it.
    """
    for element in node.elements():
        yield from _component(element, default_type, expected.get("items", {}))
    kind = node.text("type") or default_type
    members = node.members()
    if is_own(node):
        # The settings know what may stand in such a stream, the CDK what may stand in its schema loader.
        members = {key: member for key, member in members.items() if key == "schema_loader"}
    schema = _schema(kind) or _dereferenced(expected)
    known: set[str] | None = None
    if class_name := node.text("class_name"):
        if not _is_class(class_name):
            yield Finding(node.member("class_name").path, f"there is no class `{class_name}`", "Correct the name")
    elif "properties" in schema:
        known = set(schema["properties"])
    elif members and kind and kind not in _JSON_TYPES:
        yield Finding(node.member("type").path, f"the CDK has no component `{kind}`", "Correct the type")
    for key, member in members.items():
        if known is not None and key not in known | _ALWAYS_KNOWN:
            yield Finding(
                member.path,
                f"{kind or 'the object'} takes no `{key}`",
                f"Correct the key or remove it; known are {', '.join(sorted(known - _ALWAYS_KNOWN))}",
            )
        elif f"{kind}.{key}" not in _FREE:
            below = schema.get("properties", {}).get(key, {})
            yield from _component(member, DEFAULT_MODEL_TYPES.get(f"{kind}.{key}", ""), below)


def _schema(kind: str) -> Schema:
    schema: Schema = component_schemas().get(kind, {})
    return schema


def _dereferenced(schema: Schema) -> Schema:
    return _schema(schema.get("$ref", "").rpartition("/")[2]) or schema


def _is_class(class_name: str) -> bool:
    module, _, name = class_name.rpartition(".")
    try:
        return isinstance(getattr(importlib.import_module(module), name, None), type)
    except (ImportError, ValueError):
        return False
