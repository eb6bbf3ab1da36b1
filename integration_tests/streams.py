"""Every stream of a provider: what a read is asked for, and which rows it has to bring."""

from collections.abc import Mapping, Sequence
from typing import Any

from integration_tests.connector import Json, Outcome, discover
from integration_tests.sandbox import Sandbox

# What the connector asks for without being told.
_QUERIES: Mapping[str, Mapping[str, str]] = {
    "customers": {"inactive": ""},
    "assets": {"inactive": ""},
    "work_reports": {"invoiced": ""},
    "customer_projects": {"inactive": ""},
    "customer_documents": {"inactive": ""},
}


def whole_catalog(config: Json) -> Json:
    """Everything that discover offers, incremental where it can be."""
    [found] = discover(config).of_type("CATALOG")
    return catalog_of(found["streams"])


def catalog_of(streams: Sequence[Json]) -> Json:
    """A configured catalog of streams as discover offers them."""
    modes = [stream["supported_sync_modes"][-1] for stream in streams]
    return {
        "streams": [
            {"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"}
            for stream, mode in zip(streams, modes, strict=True)
        ]
    }


def key_of(provider: str, stream: str, row: Json) -> Any:
    """A row's key as the sandbox has it, from its fields or from columns, whose names are lower case."""
    given = {name.lower(): value for name, value in row.items()}
    if stream in {"customer_projects", "customer_documents"}:
        return given["customerid"], given["position" if stream == "customer_projects" else "uuid"]
    if provider == "caoloon":
        return given["caoid" if stream.startswith("collective") else "guid"]
    return given["id"]


def delivered(outcome: Outcome, provider: str, stream: str) -> dict[Any, Json]:
    """The rows of a stream that a command printed, by key; of several versions the last one."""
    return {key_of(provider, stream, row): row for row in outcome.rows(stream)}


def expected(sandbox: Sandbox, provider: str, stream: str) -> dict[Any, Json]:
    """The rows of a stream by key that a read without filters has to deliver."""
    query = _QUERIES.get(stream, {}) if provider == "coredination" else {}
    return sandbox.providers[provider].expected(stream, **query)


def statuses(outcome: Outcome) -> dict[str, list[str]]:
    """The statuses of each stream, in their order."""
    found: dict[str, list[str]] = {}
    for trace in outcome.of_type("TRACE"):
        if trace["type"] == "STREAM_STATUS":
            status = trace["stream_status"]
            found.setdefault(status["stream_descriptor"]["name"], []).append(status["status"])
    return found


def latest_states(outcome: Outcome) -> dict[str, Json]:
    """The last state that was printed of each stream."""
    return {
        state["stream"]["stream_descriptor"]["name"]: state["stream"]["stream_state"] for state in outcome.last_state
    }
