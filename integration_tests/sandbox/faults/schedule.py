"""When a fault strikes: which requests a rule is for, and how many of them."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from integration_tests.sandbox.faults.registry import FAULTS, Fault
from integration_tests.sandbox.listing import Listing
from integration_tests.sandbox.recording import RequestRecord

Condition = Callable[[RequestRecord], bool]


@dataclass
class Rule:
    """A fault that is due for the ``first`` to the ``last`` of the requests that match."""

    fault: Fault
    options: dict[str, Any]
    matches: Callable[[Listing], bool]
    first: int
    last: float
    seen: int = 0
    hits: int = 0

    def is_due(self, listing: Listing) -> bool:
        if not self.matches(listing):
            return False
        self.seen += 1
        return self.first <= self.seen <= self.last


class Schedule:
    """The rules of one provider; where several are due, the one registered last strikes."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._rules: list[Rule] = []

    def add(
        self,
        kind: str,
        *,
        on: int = 1,
        times: int | None = None,
        forever: bool = False,
        page: int | None = None,
        offset: int | None = None,
        stream: str | None = None,
        when: Condition | None = None,
        **options: Any,
    ) -> Rule:
        """Strike the ``on``-th request, ``times`` in a row or ``forever``.

        Only requests for that page (counted from 1 for every API) or offset, of that stream, that meet the
        condition are counted, from now on. A fault tied to a page or an offset lasts unless ``times`` is given,
        so that a retry meets it again. Other arguments are the fault's own.
        """
        fault = FAULTS[kind]
        if self._provider not in fault.providers:
            raise ValueError(f"{kind} does not apply to {self._provider}")
        inspect.signature(fault.strike).bind(None, **options)
        addressed = page is not None or offset is not None
        count = float("inf") if forever or (addressed and times is None) else times or 1

        def matches(listing: Listing) -> bool:
            window = listing.window
            return (
                (page is None or window.offset == (page - 1) * window.size)
                and (offset is None or window.offset == offset)
                and (stream is None or listing.request.stream == stream)
                and (when is None or when(listing.request))
            )

        rule = Rule(fault, options, matches, on, on + count - 1)
        self._rules.append(rule)
        return rule

    def due(self, listing: Listing) -> Rule | None:
        """The rule that strikes this request; every rule sees every request."""
        due = [rule for rule in self._rules if rule.is_due(listing)]
        if not due:
            return None
        due[-1].hits += 1
        return due[-1]

    def clear(self) -> None:
        self._rules.clear()
