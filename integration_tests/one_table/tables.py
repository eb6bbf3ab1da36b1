"""Tables as Airbyte's destinations make them: a column of each field, named and typed by the schema, and rows added."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

from integration_tests.connector import Json

TYPES = {
    "duckdb": {
        "text": "VARCHAR",
        "moment": "TIMESTAMP WITH TIME ZONE",
        "date": "DATE",
        "integer": "BIGINT",
        "number": "DECIMAL(38, 9)",
        "boolean": "BOOLEAN",
        "json": "JSON",
    },
    "postgres": {
        "text": "varchar",
        "moment": "timestamp with time zone",
        "date": "date",
        "integer": "bigint",
        "number": "numeric",
        "boolean": "boolean",
        "json": "jsonb",
    },
}
META = {
    "_airbyte_raw_id": "text",
    "_airbyte_extracted_at": "moment",
    "_airbyte_meta": "json",
    "_airbyte_generation_id": "integer",
}


@dataclass
class Table:
    """The rows of a stream, in the order in which they came."""

    schema: str
    name: str
    fields: Mapping[str, str]
    rows: list[Json] = field(default_factory=list)

    def add(self, data: Json, emitted_at: int) -> None:
        """Add a row as the connector sent it; its moment is in milliseconds."""
        meta = {
            "_airbyte_raw_id": str(uuid4()),
            "_airbyte_extracted_at": datetime.fromtimestamp(emitted_at / 1000, timezone.utc).isoformat(),
            "_airbyte_meta": {"changes": []},
            "_airbyte_generation_id": 0,
        }
        self.rows.append({**data, **meta})


def table(schema: str, name: str, json_schema: Json) -> Table:
    """A table without rows for a stream with this schema."""
    return Table(schema, name, {field: _kind(declared) for field, declared in json_schema["properties"].items()})


def statements(
    tables: Iterable[Table], database: str, spelling: Callable[[str], str] = str, *, mark: str
) -> Iterable[tuple[str, Sequence[Sequence[Any]]]]:
    """SQL that makes the tables, and that which fills them, with the values of each row.

    Args:
        tables: what to make.
        database: duckdb or postgres.
        spelling: how the names of columns are written: as they are by Airbyte, in lower case by PyAirbyte.
        mark: what stands for a value.
    """
    types = TYPES[database]
    for each in tables:
        columns = {**each.fields, **META}
        declared = ", ".join(f'"{spelling(name)}" {types[kind]}' for name, kind in columns.items())
        where = f'"{each.schema}"."{each.name}"'
        yield f'CREATE SCHEMA IF NOT EXISTS "{each.schema}"', []
        yield f"CREATE TABLE {where} ({declared})", []
        values = [[_value(row.get(name), kind) for name, kind in columns.items()] for row in each.rows]
        if values:
            yield f"INSERT INTO {where} VALUES ({', '.join([mark] * len(columns))})", values


def _kind(declared: Json) -> str:
    types = declared.get("type", [])
    [kind, *others] = {*([types] if isinstance(types, str) else types)} - {"null"} or {"object"}
    if others or kind in {"object", "array"}:
        return "json"
    if kind == "string":
        return {"date-time": "moment", "date": "date"}.get(declared.get("format", ""), "text")
    return str(kind)


def _value(value: Any, kind: str) -> Any:
    return json.dumps(value) if kind == "json" and value is not None else value
