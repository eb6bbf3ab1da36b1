"""Wrong answers on demand: what can go wrong, and when."""

from integration_tests.sandbox.faults import bodies, connections, paging, rows, statuses
from integration_tests.sandbox.faults.registry import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "bodies", "connections", "paging", "rows", "statuses"]
