"""The questions about streams. Importing this package makes them known, in the order of its modules."""

from source_customers.probe.questions import account, access, rows, times, pages, filters, days, unseen  # noqa: F401, I001  # the order
