"""A catalog says of our streams what the CDK would say, which makes all components to know it."""

import logging

import pytest
from airbyte_cdk.models import AirbyteStream
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource

from integration_tests.sandbox import Sandbox, serve
from source_customers.catalog import catalog_stream, inline_schema, keep_cursor_that_rows_have
from source_customers.manifest.catalogue import load_manifest, manifest_paths
from source_customers.manifest.declarations import conditional, declared, resolved

LOGGER = logging.getLogger(__name__)


@pytest.mark.parametrize("provider", manifest_paths())
def test_it_is_the_one_of_the_cdk(provider: str) -> None:
    fields = {"customer_search": {"query": "a"}} if provider == "coredination" else {}
    with serve(Sandbox(customers=1)) as sandbox:
        config = {**sandbox.config(provider)["provider"], **fields}
    source = ConcurrentDeclarativeSource(None, config, None, source_config=resolved(load_manifest(provider)))
    theirs = source.discover(LOGGER, config).streams

    ours = []
    for stream in conditional(resolved(load_manifest(provider))["streams"], config):
        own, schema = declared(stream), inline_schema(stream)
        assert schema
        cursor_field = own.cursor.cursor_field if own.cursor else None
        ours.append(catalog_stream(own.name, schema, own.primary_key, cursor_field))

    assert ours == theirs
    assert len(ours) > 1


@pytest.mark.parametrize(
    ("schema", "cursor"), [({"properties": {"id": {}}}, []), ({"properties": {"at": {}}}, ["at"]), ({}, ["at"])]
)
def test_no_cursor_is_named_that_rows_do_not_have(schema: dict[str, object], cursor: list[str]) -> None:
    stream: AirbyteStream = catalog_stream("rows", schema, ["id"], "at")

    keep_cursor_that_rows_have(stream)

    assert stream.default_cursor_field == cursor


@pytest.mark.parametrize("loader", [{}, {"type": "JsonFileSchemaLoader", "file_path": "rows.json"}])
def test_the_schema_may_be_elsewhere(loader: dict[str, object]) -> None:
    assert inline_schema({"name": "rows", "schema_loader": loader}) is None
