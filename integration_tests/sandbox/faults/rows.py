"""The right document, in which one row is not a record. It takes the place of the last row."""

from collections.abc import Callable
from typing import Any

from integration_tests.sandbox.answers import Answer, as_json
from integration_tests.sandbox.faults.registry import fault, register
from integration_tests.sandbox.listing import Listing
from integration_tests.sandbox.resource import Row


def _last_row_replaced(change: Callable[[Row], Any]) -> Callable[[Listing], Answer]:
    def strike(listing: Listing) -> Answer:
        page = listing.page()
        rows: list[Any] = page.rows
        rows[-1:] = [change(row) for row in page.rows[-1:] or [{}]]
        return as_json(listing.dialect.document(page))

    return strike


def _key_replaced(value: Any) -> Callable[[Listing], Answer]:
    return lambda listing: _last_row_replaced(lambda row: {**row, listing.table.resource.key: value})(listing)


register("row_is_string", _last_row_replaced(lambda _row: "Internal error"))
register("row_is_null", _last_row_replaced(lambda _row: None))
register("row_is_list", _last_row_replaced(lambda row: list(row.values())))
register("row_is_empty_object", _last_row_replaced(lambda _row: {}))


ODD_KEYS: dict[str, Any] = {
    "key_is_list": [1],
    "key_is_object": {"id": 1},
    "key_is_true": True,
    "key_is_false": False,
    "key_is_float": 1.5,
}

for _name, _key in ODD_KEYS.items():
    register(_name, _key_replaced(_key))


@fault()
def row_without_key(listing: Listing) -> Answer:
    key = listing.table.resource.key
    return _last_row_replaced(lambda row: {f: v for f, v in row.items() if f != key})(listing)
