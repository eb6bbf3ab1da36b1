"""The fields that a catalog lacks are named once, and only they."""

import logging

import pytest

from source_customers.messages.columns import Columns

SCHEMA = {"properties": {"id": {"type": "integer"}, "name": {}}}


def told(columns: Columns, log: pytest.LogCaptureFixture) -> list[str]:
    log.clear()
    columns.tell()
    assert all(record.levelno == logging.WARNING for record in log.records)
    return log.messages


def test_fields_that_are_not_declared_are_named_once_and_in_order(caplog: pytest.LogCaptureFixture) -> None:
    columns = Columns("customers", SCHEMA)
    columns.note([{"id": 1, "vat": "x", "name": "y"}, {"id": 2, "age": 5, "f": 1, "e": 1, "d": 1}])
    columns.note([{"id": 3, "vat": "x", "c": 1, "b": 1}])

    [message] = told(columns, caplog)
    assert message == (
        "Stream customers: the catalog does not declare all fields of the rows, so the destination may leave out "
        "these (7): age, b, c, d, e, f, vat. Refresh the schema (discover) to get them."
    )


def test_nothing_is_said_when_all_is_declared(caplog: pytest.LogCaptureFixture) -> None:
    columns = Columns("customers", SCHEMA)
    columns.note([{"id": 1, "name": "y"}, {"id": 2}])
    columns.note([])

    assert told(columns, caplog) == []


@pytest.mark.parametrize("schema", [{}, {"properties": {}}])
def test_nothing_is_said_of_a_catalog_that_declares_nothing(
    caplog: pytest.LogCaptureFixture, schema: dict[str, object]
) -> None:
    columns = Columns("customers", schema)
    columns.note([{"id": 1, "vat": "x"}])

    assert told(columns, caplog) == []


def test_a_field_that_is_only_null_is_not_missed_until_it_has_a_value(caplog: pytest.LogCaptureFixture) -> None:
    columns = Columns("customers", SCHEMA)
    columns.note([{"id": 1, "vat": None}])
    assert told(columns, caplog) == []

    columns.note([{"id": 2, "vat": None}, {"id": 3, "vat": False}])
    assert len(told(columns, caplog)) == 1


def test_many_and_long_names_are_a_screenful_at_most(caplog: pytest.LogCaptureFixture) -> None:
    columns = Columns("customers", SCHEMA)
    columns.note([{f"{number:04d}{'x' * 1000}": 1 for number in range(1000)}])

    [message] = told(columns, caplog)
    assert len(message) < 4000
    assert "(1000): 0000xxx" in message
    assert "... and 950 more. Refresh the schema" in message
