"""The lists of a provider beside its customers, as the connector's manifest names them."""

from dataclasses import replace

from benchmarks.providers import LISTINGS, Listing
from source_customers.manifest.catalogue import load_manifest
from source_customers.manifest.declarations import resolved


def lists_of(provider: str) -> list[Listing]:
    """Every list that is read by itself and not by the rows of another; all are paged as the customers are."""
    streams = resolved(load_manifest(provider))["streams"]
    own = [stream for stream in streams if "parent" not in stream["retriever"]]
    return [replace(LISTINGS[provider], name=stream["name"], path=stream["retriever"]["path"]) for stream in own]
