"""Every field that the documents show of a record is declared by its stream's schema, with a type that fits.

The samples come from the documents and not from the schemas: `sandbox/data/samples/` says where each is printed.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft7Validator

from integration_tests.sandbox.data.samples import Sample, samples
from source_customers.manifest.catalogue import load_manifest, manifest_paths
from source_customers.manifest.declarations import resolved

Schema = Mapping[str, Any]


@cache
def streams_of(provider: str) -> dict[str, Mapping[str, Any]]:
    """The streams of a provider's manifest by name, those that depend on the config included."""
    listed = resolved(load_manifest(provider))["streams"]
    streams = [inner for each in listed for inner in each.get("streams", [each])]
    return {stream["name"]: stream for stream in streams}


def schema_of(stream: Mapping[str, Any]) -> Schema:
    schema: Schema = stream["schema_loader"]["schema"]
    return schema


def undeclared(schema: Schema, value: object, path: str = "") -> Iterator[str]:
    """Yield the fields of a record that its schema does not declare. Below what has no type, nothing is declared."""
    if isinstance(value, list) and "items" in schema:
        for each in value:
            yield from undeclared(schema["items"], each, path)
    if isinstance(value, Mapping) and "type" in schema:
        known = schema.get("properties", {})
        for name, inner in value.items():
            here = f"{path}.{name}".removeprefix(".")
            yield from undeclared(known[name], inner, here) if name in known else [here]


def documented_records(sample: Sample) -> Iterator[Mapping[str, Any]]:
    """Yield the sample, and what it becomes with each value that the documents name."""
    yield sample.sample
    yield {**sample.sample, **dict.fromkeys(sample.nullable)}
    for field, values in sample.values.items():
        yield from ({**sample.sample, field: value} for value in values)


EACH_STREAM = [(provider, name) for provider in manifest_paths() for name in streams_of(provider)]


@pytest.mark.parametrize("provider", manifest_paths())
def test_every_stream_has_a_documented_record_and_every_record_a_stream(provider: str) -> None:
    assert set(streams_of(provider)) == set(samples(provider))


@pytest.mark.parametrize(("provider", "name"), EACH_STREAM)
def test_every_documented_field_that_is_delivered_is_declared(provider: str, name: str) -> None:
    stream = streams_of(provider)[name]
    never_delivered = {each["field"] for each in stream["retriever"].get("leave_out", []) if "unless" not in each}

    assert set(undeclared(schema_of(stream), samples(provider)[name].sample)) == never_delivered


@pytest.mark.parametrize(("provider", "name"), EACH_STREAM)
def test_every_documented_value_has_a_declared_type(provider: str, name: str) -> None:
    validator = Draft7Validator(schema_of(streams_of(provider)[name]))

    for record in documented_records(samples(provider)[name]):
        assert [error.json_path for error in validator.iter_errors(record)] == []


@pytest.mark.parametrize(("provider", "name"), EACH_STREAM)
def test_what_is_added_to_a_row_is_declared(provider: str, name: str) -> None:
    stream = streams_of(provider)[name]
    parent = stream["retriever"].get("parent", {})
    added = {parent.get("key_field"), parent.get("position_field")} - {None}

    assert added <= set(schema_of(stream)["properties"])
