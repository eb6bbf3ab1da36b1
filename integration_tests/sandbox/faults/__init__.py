"""Wrong answers on demand: what can go wrong, and when."""

from integration_tests.sandbox.faults import bodies, connections, floods, headers, paging, rows, statuses
from integration_tests.sandbox.faults.registry import FAULTS, FLOODS, Fault

__all__ = ["FAULTS", "FLOODS", "Fault", "bodies", "connections", "floods", "headers", "paging", "rows", "statuses"]
