"""Filters by change time that are finer or coarser than documented."""

from integration_tests.sandbox.moments import instant
from integration_tests.sandbox.resource import Predicate

DAY = 86_400_000_000


def exclusive(documented: Predicate, value: str, unit: int) -> Predicate:
    """The same without the rows of the bound itself, as finely as the bound can be told."""
    bound = _microseconds(value, unit)
    return lambda entry: documented(entry) and entry.changed is not None and entry.changed // unit != bound // unit


def coarse(documented: Predicate, value: str, unit: int) -> Predicate:
    """The same with all rows of the bound's day."""
    bound = _microseconds(value, unit)
    return lambda entry: documented(entry) or (entry.changed is not None and entry.changed // DAY == bound // DAY)


def _microseconds(value: str, unit: int) -> int:
    return int(value) * unit if value.isdigit() else instant(value)
