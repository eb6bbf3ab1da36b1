"""A Singer tap on the SDK's RESTStream and its paginators, as the SDK's template makes them."""

import json
import sys
from pathlib import Path
from typing import Any

import requests
from singer_sdk import RESTStream, Tap  # type: ignore[import-not-found]  # in an environment of its own
from singer_sdk.pagination import (  # type: ignore[import-not-found]
    JSONPathPaginator,
    OffsetPaginator,
    PageNumberPaginator,
)

from benchmarks.providers import at

DESCRIPTION: dict[str, Any] = json.loads(Path(sys.argv.pop(1)).read_text(encoding="utf-8"))
LISTING: dict[str, Any] = DESCRIPTION["lists"][0]


class Pages(PageNumberPaginator):  # type: ignore[misc]
    def has_more(self, response: requests.Response) -> bool:
        return bool(response.json()[LISTING["next"]])


class Offsets(OffsetPaginator):  # type: ignore[misc]
    def has_more(self, response: requests.Response) -> bool:
        if LISTING["total"]:
            return bool(self.current_value + self.page_size < at(response.json(), LISTING["total"]))
        return bool(response.json())


class Customers(RESTStream):  # type: ignore[misc]
    name = "customers"
    path = LISTING["path"]
    url_base = DESCRIPTION["url"]
    primary_keys = (LISTING["key"],)
    replication_key = LISTING["cursor"] or None
    schema = DESCRIPTION["schema"]
    records_jsonpath = f"$.{LISTING['rows']}[*]" if LISTING["rows"] else "$[*]"

    @property
    def http_headers(self) -> dict[str, str]:
        return {**super().http_headers, **DESCRIPTION["headers"]}

    def get_new_paginator(self) -> Any:
        if LISTING["kind"] == "next":
            return JSONPathPaginator(f"$.{LISTING['next']}")
        if LISTING["kind"] == "page":
            return Pages(1)
        return Offsets(0, LISTING["size"])

    def get_url_params(self, _context: Any, next_page_token: Any) -> dict[str, Any]:
        query = dict(LISTING["query"])
        if LISTING["size_parameter"]:
            query[LISTING["size_parameter"]] = LISTING["size"]
        if next_page_token is not None:
            query[LISTING["parameter"]] = next_page_token
        return query


class TapCustomers(Tap):  # type: ignore[misc]
    name = "tap-customers"
    config_jsonschema: dict[str, Any] = {"type": "object", "properties": {}}  # noqa: RUF012  # as the SDK has it

    def discover_streams(self) -> list[Any]:
        return [Customers(self)]


if __name__ == "__main__":
    TapCustomers.cli()
