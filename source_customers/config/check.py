"""Finds the mistakes in a config before the first request: one sentence each, with the field and never its value."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import jsonschema

from source_customers import waiting
from source_customers.connection.origins import check_base_url
from source_customers.failures import config_error
from source_customers.manifest.catalogue import manifest_paths, provider_spec
from source_customers.moments import EPOCH, moment_or_none, parse_duration, parse_moment


def provider_config(config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the provider's name and its flat config, as its manifest reads it.

    Raises:
        AirbyteTracedException: a config_error that names every mistake.
    """
    provider = config.get("provider")
    if not isinstance(provider, Mapping):
        raise config_error("`provider` is missing, or is not an object with `name` and the provider's fields.")
    name = provider.get("name")
    if not isinstance(name, str) or name not in manifest_paths():
        raise config_error(f"`provider.name` must be one of {', '.join(manifest_paths())}.")
    flat = {field: value for field, value in provider.items() if field != "name"}
    mistakes = [f"Unknown field `{field}`." for field in config if field != "provider" and not field.startswith("__")]
    mistakes += [f"`provider.{where}` {what}." for where, what in _mistakes(provider_spec(name), flat)]
    if mistakes:
        raise config_error(" ".join(mistakes))
    return name, flat


def _mistakes(schema: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the mistakes, the plainest one of each field."""
    named = set()
    for where, what in chain(_field_checks(schema, config), _schema_mistakes(schema, config)):
        if where not in named:
            named.add(where)
            yield where, what


def _field_checks(schema: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, value in config.items():
        if field in schema["properties"]:
            yield from _invisible_characters(field, value)
    texts = {field: value for field in _CHECKS if isinstance(value := _known_value(schema, config, field), str)}
    for field, text in texts.items():
        try:
            _CHECKS[field](text)
        except ValueError as mistake:
            yield field, str(mistake)
    for first, last in _SPANS:
        begin, end = (moment_or_none(texts.get(field)) for field in (first, last))
        if begin and end and end < begin:
            yield last, f"must not be before `{first}`"


def _known_value(schema: Mapping[str, Any], config: Mapping[str, Any], field: str) -> Any:
    """Return the value of a field, however deep; None where the config has none, or the spec does not know it."""
    outer, _, inner = field.partition(".")
    rule = schema.get("properties", {}).get(outer)
    value = config.get(outer) if rule else None
    if not inner:
        return value
    return _known_value(rule, value, inner) if isinstance(value, Mapping) else None


def _invisible_characters(where: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield what a header or a query cannot carry: with a line break in it, a value would become another header."""
    if isinstance(value, Mapping):
        for field, inner in value.items():
            yield from _invisible_characters(f"{where}.{field}", inner)
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and any(unicodedata.category(character) in _INVISIBLE for character in text):
            yield where, "must not contain line breaks or other invisible characters"


def _schema_mistakes(schema: Mapping[str, Any], value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield what a JSON schema finds wrong; of a `oneOf`, only in the branch that the constant names."""
    properties = schema.get("properties", {})
    for field in value:
        if field not in properties:
            yield f"{above}{field}", f"is unknown; the fields are {', '.join(properties)}"
    for field in schema.get("required", []):
        if field not in value:
            yield f"{above}{field}", "is missing"
    for field, rule in properties.items():
        if field in value:
            yield from _field_mistakes(rule, value[field], f"{above}{field}")


def _field_mistakes(rule: Mapping[str, Any], value: Any, where: str) -> Iterator[tuple[str, str]]:
    if "oneOf" in rule and isinstance(value, Mapping):
        branches = {_constant(branch): branch for branch in rule["oneOf"]}
        [(discriminator, _)] = {constant: 0 for constant, _ in branches}.items()
        chosen = branches.get((discriminator, str(value.get(discriminator))))
        if chosen is None:
            yield (
                f"{where}.{discriminator}",
                f"must be one of {', '.join(constant for _, constant in branches)}",
            )
        else:
            yield from _schema_mistakes(chosen, value, f"{where}.")
        return
    if "properties" in rule and isinstance(value, Mapping):
        yield from _schema_mistakes(rule, value, f"{where}.")
        return
    plain = {key: part for key, part in rule.items() if key not in {"oneOf", "properties"}}
    for error in jsonschema.Draft7Validator(plain).iter_errors(value):
        yield ".".join([where, *map(str, error.absolute_path)]), _sentence(error)


def _constant(branch: Mapping[str, Any]) -> tuple[str, str]:
    """Return the field that tells a branch from the others, and its value there."""
    return next((field, rule["const"]) for field, rule in branch["properties"].items() if "const" in rule)


def _sentence(error: jsonschema.ValidationError) -> str:
    rule, limit = str(error.validator), error.validator_value
    descriptor = error.schema.get("pattern_descriptor") if isinstance(error.schema, Mapping) else None
    said = {
        "type": f"must be of type {limit}",
        "minLength": "must not be empty",
        "minimum": f"must be at least {limit}",
        "maximum": f"must be at most {limit}",
        "enum": f"must be one of {', '.join(map(str, limit)) if isinstance(limit, list) else limit}",
        "pattern": f"must have the form {descriptor or limit}",
    }
    return said.get(rule, f"breaks the rule {rule}")


def _check_moment(value: str) -> datetime:
    try:
        moment = parse_moment(value)
    except ValueError:
        raise ValueError("must be a moment such as 2024-01-01T00:00:00Z") from None
    if moment < EPOCH:
        raise ValueError("must not be before 1970")
    return moment


def _check_start_date(value: str) -> None:
    if _check_moment(value) > waiting.now():
        raise ValueError("must not be in the future")


def _check_duration(value: str) -> None:
    try:
        duration = parse_duration(value)
    except ValueError:
        raise ValueError("must be an ISO 8601 duration such as PT10M") from None
    if duration > _LONGEST_LOOKBACK:
        raise ValueError("must not be longer than 100 years")


# Dots lead into nested objects.
_CHECKS: Mapping[str, Callable[[str], object]] = {
    "start_date": _check_start_date,
    "end_date": _check_moment,
    "customers.created_from": _check_moment,
    "customers.created_to": _check_moment,
    "lookback_window": _check_duration,
    "full_read_every": _check_duration,
    "base_url": check_base_url,
}
_SPANS = (("start_date", "end_date"), ("customers.created_from", "customers.created_to"))
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_LONGEST_LOOKBACK = timedelta(days=36525)
