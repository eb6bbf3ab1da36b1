"""dlt: resources over its RESTClient, extracted to local files, as its documentation shows it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt  # type: ignore[import-not-found]  # in an environment of its own
from dlt.sources.helpers.rest_client import RESTClient  # type: ignore[import-not-found]
from dlt.sources.helpers.rest_client.paginators import (  # type: ignore[import-not-found]
    JSONResponseCursorPaginator,
    OffsetPaginator,
    PageNumberPaginator,
)


def paginator(listing: dict[str, Any]) -> Any:
    if listing["kind"] == "next":
        return JSONResponseCursorPaginator(cursor_path=listing["next"], cursor_param=listing["parameter"])
    if listing["kind"] == "page":
        return PageNumberPaginator(base_page=1, page_param=listing["parameter"], total_path=None)
    return OffsetPaginator(
        limit=listing["size"],
        offset_param=listing["parameter"],
        limit_param=listing["size_parameter"],
        total_path=listing["total"] or None,
    )


def resource(client: Any, listing: dict[str, Any], *, parallelized: bool) -> Any:
    query = dict(listing["query"])
    if listing["kind"] != "offset" and listing["size_parameter"]:
        query[listing["size_parameter"]] = listing["size"]

    def rows() -> Iterator[Any]:
        yield from client.paginate(
            listing["path"], params=query, paginator=paginator(listing), data_selector=listing["rows"] or "$"
        )

    return dlt.resource(rows, name=listing["name"], primary_key=listing["key"], parallelized=parallelized)


def main(description: str, workers: str = "") -> None:
    """Read all lists, several at once where there are several; without ``workers``, as many as dlt does by default."""
    given = json.loads(Path(description).read_text(encoding="utf-8"))
    client = RESTClient(base_url=given["url"], headers=given["headers"])
    resources = [resource(client, each, parallelized=len(given["lists"]) > 1) for each in given["lists"]]
    pipeline = dlt.pipeline("customers", pipelines_dir="pipelines")
    info = pipeline.extract(resources, **({"workers": int(workers)} if workers else {}))
    metrics = [metric["resource_metrics"] for package in info.metrics.values() for metric in package]
    names = [each["name"] for each in given["lists"]]
    sys.stdout.write(f"{sum(found[name].items_count for found in metrics for name in names if name in found)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
