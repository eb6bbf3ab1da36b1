"""Widens a documented JSON schema by what was seen in rows."""

from collections.abc import Mapping
from typing import Any

from source_customers.learning.seen import Seen

Schema = dict[str, Any]

_ORDER = ("null", "boolean", "integer", "number", "string", "object", "array")
_OF_TIMES = ("format", "airbyte_type")
_MOST_FIELDS = 100


class Widening:
    """One documented schema, and what of the rows it did not say.

    What is documented stays, in its order. What was seen beside it follows, in the order of the names. A field that was
    only ever null is left out until it has a value. Texts that look like times are declared as texts: a later value of
    another form, such as an empty text, would be lost in a column of times, or end the sync; and a text can still be
    read as a time.

    An object inside of a row with very many fields that are not documented is a table by itself, whose keys are data.
    It stays open, and its fields are not listed.

    Attributes:
        added: names of the row's fields that are not documented.
        contradicted: paths of the fields that had another type than documented.
    """

    def __init__(self) -> None:
        """Begin with nothing to say."""
        self.added: list[str] = []
        self.contradicted: list[str] = []

    def row(self, documented: Mapping[str, Any], seen: Seen) -> Schema:
        """Return the schema of a stream's rows: what is documented, and what was seen.

        Args:
            documented: the documented schema, which is not changed.
            seen: the rows.
        """
        known = documented.get("properties", {})
        self.added += sorted(name for name, inner in seen.fields.items() if inner.has_value and name not in known)
        properties = {**self._known(known, seen, ""), **{name: _learned(seen.fields[name]) for name in self.added}}
        return {**documented, "properties": properties}

    def _widened(self, documented: Mapping[str, Any], seen: Seen, path: str) -> Schema:
        if "type" not in documented:
            return {**documented, **_learned(seen)} if seen.has_value else dict(documented)
        schema = dict(documented)
        self._widen_type(schema, seen, path)
        known = documented.get("properties", {})
        properties = {**self._known(known, seen, f"{path}."), **_fields(seen, known)}
        if properties:
            schema["properties"] = properties
        items = documented.get("items")
        if seen.items and (items or seen.items.has_value):
            schema["items"] = self._widened(items, seen.items, f"{path}[]") if items else _learned(seen.items)
        return schema

    def _known(self, properties: Mapping[str, Any], seen: Seen, before: str) -> Schema:
        return {
            name: self._widened(inner, seen.fields[name], f"{before}{name}") if name in seen.fields else inner
            for name, inner in properties.items()
        }

    def _widen_type(self, schema: Schema, seen: Seen, path: str) -> None:
        documented = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        allowed = {*documented, *(["integer"] if "number" in documented else [])}
        others = seen.kinds - allowed
        if others:
            schema["type"] = _types({*documented, *others})
        forms = {"date-time": seen.only_moments, "date": seen.only_dates}
        form = schema.get("format")
        is_odd = form in forms and bool(others - {"null"} or not forms[form])
        if is_odd:
            for key in _OF_TIMES:
                schema.pop(key, None)
        if others or is_odd:
            self.contradicted.append(path)


def _learned(seen: Seen) -> Schema:
    """Return the schema of what is not documented: as wide as what was seen, and nullable."""
    # Whole numbers may get a fraction one day.
    kinds = {"number" if kind == "integer" else kind for kind in seen.kinds}
    schema: Schema = {"type": _types({"null", *kinds})}
    if "object" in kinds:
        schema |= {"additionalProperties": True, "properties": _fields(seen, {})}
    if "array" in kinds and seen.items and seen.items.has_value:
        schema["items"] = _learned(seen.items)
    return schema


def _fields(seen: Seen, known: Mapping[str, Any]) -> Schema:
    """Return the schemas of an object's fields that are not known, if they are few enough to be fields at all."""
    names = sorted(name for name, inner in seen.fields.items() if inner.has_value and name not in known)
    return {name: _learned(seen.fields[name]) for name in names} if len(names) <= _MOST_FIELDS else {}


def _types(kinds: set[str]) -> list[str]:
    """Return types in one order, and `number` alone where it stands for `integer` too."""
    return [kind for kind in _ORDER if kind in kinds and not (kind == "integer" and "number" in kinds)]
