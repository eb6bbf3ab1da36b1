"""Airbyte source that syncs customers from CAO Loon, MijnKlantportaal, Coredination and Valomnia."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from source_customers.source import SourceCustomers

__all__ = ["SourceCustomers"]


def __getattr__(name: str) -> Any:
    """Import the source when it is asked for: importing the CDK takes a second, which `spec` need not wait for."""
    if name == "SourceCustomers":
        from source_customers.source import SourceCustomers  # noqa: PLC0415  # the point of this function

        return SourceCustomers
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
