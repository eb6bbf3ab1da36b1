"""Query parameters: the filters that the four APIs share in kind, and what their values may look like."""

import re
from fnmatch import translate
from typing import Any

from integration_tests.sandbox.listing import BadValue
from integration_tests.sandbox.resource import Changed, Filter, Predicate

SECOND = 1_000_000


def last(values: list[str]) -> str | None:
    return values[-1] if values else None


def integer(parameter: str, text: str, *, least: int) -> int:
    """A whole number written in digits."""
    if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < least:
        raise BadValue(parameter, text, f"integer of at least {least}")
    return int(text)


def integer_or(default: int, parameter: str, text: str | None, *, least: int) -> int:
    return default if text is None else integer(parameter, text, least=least)


def boolean(parameter: str, text: str) -> bool:
    if text not in {"true", "false"}:
        raise BadValue(parameter, text, "boolean")
    return text == "true"


def only(flag: str) -> Filter:
    """``true`` keeps the rows that have the flag; ``false`` keeps all, as if it had not been sent."""

    def build(parameter: str, values: list[str]) -> Predicate | None:
        text = last(values)
        if text is None or not boolean(parameter, text):
            return None
        return lambda entry: flag in entry.flags

    return build


def only_or_without(flag: str) -> Filter:
    """``true`` keeps the rows that have the flag; otherwise they are left out."""

    def build(parameter: str, values: list[str]) -> Predicate | None:
        text = last(values)
        wanted = text is not None and boolean(parameter, text)
        return lambda entry: (flag in entry.flags) == wanted

    return build


def hidden_unless_supplied(flag: str) -> Filter:
    """Rows with the flag are left out, unless the parameter is present with whatever value."""

    def build(_parameter: str, values: list[str]) -> Predicate | None:
        return None if values else lambda entry: flag not in entry.flags

    return build


def one_of(field: str) -> Filter:
    """A repeated parameter: rows whose field has one of its values."""

    def build(_parameter: str, values: list[str]) -> Predicate | None:
        wanted = frozenset(values)
        return (lambda entry: entry.row[field] in wanted) if wanted else None

    return build


def substring(*fields: str) -> Filter:
    """Rows that have the text in one of the fields, in upper or lower case."""

    def build(_parameter: str, values: list[str]) -> Predicate | None:
        wanted = (last(values) or "").casefold()
        return (lambda entry: any(wanted in str(entry.row[f] or "").casefold() for f in fields)) if wanted else None

    return build


def wildcard(path: str) -> Filter:
    """Rows whose field matches the whole pattern, in which ``*`` stands for any text.

    Dots lead into objects. What a row does not have is no text.
    """

    def build(_parameter: str, values: list[str]) -> Predicate | None:
        pattern = last(values)
        if pattern is None:
            return None
        literal = re.sub(r"[?\[]", lambda found: f"[{found.group()}]", pattern)
        matches = re.compile(translate(literal)).match
        return lambda entry: matches(str(_at(entry.row, path))) is not None

    return build


def _at(row: Any, path: str) -> Any:
    for field in path.split("."):
        row = (row or {}).get(field)
    return "" if row is None else row


def equals_number(path: str) -> Filter:
    """Rows whose field is the number."""

    def build(parameter: str, values: list[str]) -> Predicate | None:
        text = last(values)
        if text is None:
            return None
        wanted = integer(parameter, text, least=0)
        return lambda entry: _at(entry.row, path) == wanted

    return build


def equals_boolean(field: str) -> Filter:
    def build(parameter: str, values: list[str]) -> Predicate | None:
        text = last(values)
        if text is None:
            return None
        wanted = boolean(parameter, text)
        return lambda entry: entry.row.get(field, False) is wanted

    return build


def changed_since_unix(parameter: str, values: list[str]) -> Predicate | None:
    """Rows changed at or after a unix timestamp in whole seconds."""
    if not values:
        return None
    return Changed(since=integer(parameter, values[-1], least=0) * SECOND)


def changed_until_unix(parameter: str, values: list[str]) -> Predicate | None:
    """Rows changed at or before a unix timestamp in whole seconds; a row half a second later is outside."""
    if not values:
        return None
    return Changed(until=integer(parameter, values[-1], least=0) * SECOND)
