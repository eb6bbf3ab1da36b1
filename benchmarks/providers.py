"""What every contender needs to know to read the lists of a provider."""

from dataclasses import dataclass, field
from math import ceil
from typing import Any, Literal

Json = dict[str, Any]

NAMES = ("caoloon", "coredination", "mijnklantportaal", "valomnia")
PAGE_SIZE = 100


@dataclass(frozen=True)
class Listing:
    """A list, and how its pages are addressed.

    ``rows``, ``next`` and ``total`` are paths in the envelope, empty where it has none. ``kind`` tells what leads to
    the next page: its number in the envelope, counting for as long as the envelope names a next page, or counting rows.
    ``overlap`` is how many rows of a page the connector asks for again with the next one, to see that none has moved.
    """

    path: str
    key: str
    rows: str
    kind: Literal["next", "page", "offset"]
    parameter: str
    next: str = ""
    total: str = ""
    size: int = PAGE_SIZE
    size_parameter: str = ""
    cursor: str = ""
    overlap: int = 0
    query: Json = field(default_factory=dict)
    name: str = "customers"

    def pages(self, rows: int) -> int:
        """Pages as the connector reads them; the others make do with fewer where pages overlap."""
        return ceil((rows - self.overlap) / (self.size - self.overlap))


LISTINGS = {
    "caoloon": Listing(
        path="/portal/customer/",
        key="guid",
        rows="models",
        kind="next",
        parameter="page",
        next="nextPage",
        total="total",
        size_parameter="pageSize",
        cursor="updatedAt",
    ),
    "coredination": Listing(
        path="/api/1/customer",
        key="id",
        rows="",
        kind="offset",
        parameter="offset",
        size_parameter="limit",
        cursor="lastModified",
        overlap=1,
        query={"inactive": "true"},
    ),
    "mijnklantportaal": Listing(
        path="/v1/customers",
        key="id",
        rows="data",
        kind="page",
        parameter="page",
        next="next_page_url",
        size=15,
    ),
    "valomnia": Listing(
        path="/api/v1.0/customers",
        key="id",
        rows="data",
        kind="offset",
        parameter="offset",
        total="paging.total",
        size_parameter="max",
        cursor="lastUpdated",
        overlap=1,
        query={"sort": "lastUpdated", "order": "asc"},
    ),
}

# One in twenty customers of CAO Loon is archived, and on no list unless asked for.
LISTED_SHARE = {"caoloon": 0.95}


def customers_for(provider: str, rows: int) -> int:
    """How many customers a provider has to have for about so many to be listed."""
    return round(rows / LISTED_SHARE.get(provider, 1))


def credentials(config: Json, session: str) -> Json:
    """The headers that a provider admits."""
    if config["name"] == "caoloon":
        return {"Authorization": f"Token {config['api_token']}"}
    if config["name"] == "coredination":
        return {"API-Key": config["api_key"]}
    if config["name"] == "mijnklantportaal":
        return {"Authorization": f"Bearer {config['credentials']['api_key']}"}
    return {"Cookie": session}


def at(document: Any, path: str) -> Any:
    """What stands at a path in an envelope; the envelope itself where the path is empty."""
    for name in path.split(".") if path else []:
        document = document[name]
    return document
