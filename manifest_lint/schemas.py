"""Finds what is wrong with the schemas of streams, and with the form that the spec describes."""

import re
from collections import Counter
from collections.abc import Iterator

from jsonschema import Draft7Validator

from manifest_lint.document import Finding, Node, streams_of

_SECRET_WORDS = {"key", "token", "secret", "password"}
_RECORD_SCHEMA_KEYS = {*Draft7Validator.META_SCHEMA["properties"], "airbyte_type"}
_SPEC_KEYS = {
    *Draft7Validator.META_SCHEMA["properties"],
    *("order", "airbyte_secret", "airbyte_hidden", "always_show", "display_type", "group", "multiline"),
    "pattern_descriptor",
}


def streams(manifest: Node) -> Iterator[Finding]:
    """Yield streams whose rows cannot be told apart, or whose schema says too little or too much."""
    for stream in streams_of(manifest):
        schema = stream.member("schema_loader", "schema")
        properties = set(schema.member("properties").members())
        keys = set(re.findall(r"\w+", str(stream.member("primary_key").value or "")))
        if not keys:
            yield Finding(stream.path, "the stream has no primary_key", "Name the field that identifies a row")
        # Schemas in files of their own are not seen.
        for key in sorted(keys - properties) if schema.value else ():
            yield Finding(stream.member("primary_key").path, f"the schema has no `{key}`", "Correct the key or add it")
        # Which properties must be nullable depends on the key: without one, none is said to be wrong.
        yield from _record_schema(schema, keys or properties)


def added_fields(manifest: Node) -> Iterator[Finding]:
    """Yield fields that the connector adds to rows and no schema has: a destination would leave them out."""
    for stream in streams_of(manifest):
        schema, parent = stream.member("schema_loader", "schema"), stream.member("retriever", "parent")
        for key in ("key_field", "position_field"):
            name = parent.text(key)
            if name and schema.value and name not in schema.member("properties").members():
                yield Finding(parent.member(key).path, f"the schema has no `{name}`", "Add it: rows have it")


def left_out_fields(manifest: Node) -> Iterator[Finding]:
    """Yield fields to leave out that no row has, and schemas with fields that no row ever has."""
    for stream in streams_of(manifest):
        schema = stream.member("schema_loader", "schema")
        for entry in stream.member("retriever", "leave_out").elements() if schema.value else ():
            name, is_asked_for = entry.text("field"), "unless" in entry.members()
            if is_asked_for and not _has(schema, name):
                yield Finding(entry.member("field").path, f"the schema has no `{name}`", "Correct the field or add it")
            if not is_asked_for and _has(schema, name):
                yield Finding(entry.path, f"the schema has `{name}`, which is never delivered", "Remove it there")


def _has(schema: Node, name: str) -> bool:
    for step in name.split("."):
        fields = {**schema.member("items", "properties").members(), **schema.member("properties").members()}
        if step not in fields:
            return False
        schema = fields[step]
    return True


def _record_schema(schema: Node, keys: set[str]) -> Iterator[Finding]:
    members = schema.members()
    yield from _schema_keys(members, _RECORD_SCHEMA_KEYS)
    if "properties" in members and schema.member("additionalProperties").value is not True:
        said = members.get("additionalProperties")
        place = said.path if said else members["properties"].path[:-1]
        yield Finding(place, "the schema does not say `additionalProperties: true`", "Say it: APIs add fields")
    for name, field in schema.member("properties").members().items():
        kind = field.member("type")
        if not field.text("description") and "type" not in field.members():
            yield Finding(field.path, "the property has neither a type nor a description", "Say what is known of it")
        if kind.value is not None and name not in keys and "null" not in kind.value:
            yield Finding(kind.path, "the property is not nullable", 'Add "null": only a key is always there')
        yield from _record_schema(field, set())
    if "items" in members:
        yield from _record_schema(members["items"], set())


def _schema_keys(members: dict[str, Node], known: set[str]) -> Iterator[Finding]:
    for key, member in members.items():
        if key not in known:
            yield Finding(member.path, f"JSON schema has no `{key}`", "Correct the key or remove it")


def spec_fields(manifest: Node) -> Iterator[Finding]:
    """Yield fields of the spec that a form cannot show well, or would show as plain text."""
    specification = manifest.member("spec", "connection_specification")
    # The connector adds the provider's `name` in front, with order 0.
    yield from _spec_object(specification, taken_orders=[0])
    if "name" in specification.member("properties").members():
        field = specification.member("properties", "name")
        yield Finding(field.path, "`name` is taken: it names the provider", "Call the field something else")


def _spec_object(schema: Node, taken_orders: list[int]) -> Iterator[Finding]:
    yield from _schema_keys(schema.members(), _SPEC_KEYS)
    fields = schema.member("properties").members()
    orders = Counter([*taken_orders, *(field.member("order").value for field in fields.values())])
    for name, field in fields.items():
        wanted = ["order"] if "const" in field.members() else ["title", "description", "order"]
        for key in wanted:
            if key not in field.members():
                yield Finding(field.path, f"the field has no {key}", "Add it: the form is made of it")
        order = field.member("order")
        if order.value is not None and orders[order.value] > 1:
            yield Finding(order.path, f"order {order.value} is taken", "Number the fields of an object from 1")
        if _looks_secret(name, field) and field.member("airbyte_secret").value is not True:
            yield Finding(field.path, "the field looks like a secret", "Mark it with `airbyte_secret: true`")
        yield from _spec_object(field, [])
        for branch in field.member("oneOf").elements():
            yield from _spec_object(branch, [])


def _looks_secret(name: str, field: Node) -> bool:
    is_text = field.member("type").value == "string" and "const" not in field.members()
    return is_text and not _SECRET_WORDS.isdisjoint(name.split("_"))
