"""Which streams and rows an API has and which of them a command delivered, whatever the provider calls its key."""

from typing import Any

from integration_tests.connector import Json, Outcome
from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.data.samples import samples

KEYS = {"caoloon": "guid", "coredination": "id", "mijnklantportaal": "id", "valomnia": "id"}

# What the connector asks for without being told.
_QUERIES: dict[str, dict[str, str]] = {"caoloon": {"archived": "false"}, "coredination": {"inactive": ""}}


def streams_of(provider: str) -> list[str]:
    """Return the names of all streams, but for those that only a further field of the config makes."""
    return [stream for stream in samples(provider) if stream != "customer_search"]


def listed(sandbox: Sandbox, provider: str) -> dict[Any, Json]:
    """Return the rows by key that a read without filters has to deliver."""
    return sandbox.providers[provider].listed(**_QUERIES.get(provider, {}))


def delivered(outcome: Outcome, provider: str) -> dict[Any, Json]:
    """Return the rows by key that a command printed; of several versions the last one."""
    return {row[KEYS[provider]]: row for row in outcome.rows()}
