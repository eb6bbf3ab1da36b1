"""When a fault strikes: which requests a rule is for, and how many of them."""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from integration_tests.sandbox.faults.registry import FAULTS, FLOODS, Fault
from integration_tests.sandbox.listing import Exchange, Listing, Window
from integration_tests.sandbox.recording import RequestRecord

Condition = Callable[[RequestRecord], bool]

READS = ("list", "detail")
"""The kinds of requests that need a credential."""


@dataclass
class Rule:
    """A fault that is due for the ``first`` to the ``last`` of the requests that match."""

    fault: Fault
    options: dict[str, Any]
    endpoint: str
    admitted: bool
    matches: Callable[[Exchange], bool]
    first: int
    last: float
    seen: int = 0
    hits: int = 0

    def is_due(self, exchange: Exchange) -> bool:
        if exchange.request.kind != self.endpoint or not self.matches(exchange):
            return False
        self.seen += 1
        return self.first <= self.seen <= self.last


class Schedule:
    """The rules of one provider; where several are due, the one registered last strikes.

    ``endpoints`` tells the kinds of requests that there are, with their streams.
    """

    def __init__(self, provider: str, endpoints: Callable[[], Collection[tuple[str, str | None]]]) -> None:
        self._provider = provider
        self._endpoints = endpoints
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
        endpoint: str | None = None,
        admitted: bool = True,
        when: Condition | None = None,
        **options: Any,
    ) -> Rule:
        """Strike the ``on``-th request, ``times`` in a row or ``forever``.

        Only requests for that page (counted from 1 for every API) or offset, of that stream, that meet the
        condition are counted, from now on. A fault tied to a page or an offset lasts unless ``times`` is given,
        so that a retry meets it again. Other arguments are the fault's own.

        Requests for lists that were admitted are meant, or those for details of a stream that has no list of its own.
        ``admitted=False`` counts the others too, as an outage does that stands before the API. ``endpoint`` means
        requests of another kind instead, such as ``login`` or ``detail``.
        """
        fault = FAULTS.get(kind) or FLOODS[kind]
        addressed = page is not None or offset is not None
        if self._provider not in fault.providers:
            raise ValueError(f"{kind} does not apply to {self._provider}")
        kinds = {kind for kind, of in self._endpoints() if stream in {None, of}}
        if stream is not None and not kinds:
            raise ValueError(f"{self._provider} is not asked for {stream}")
        endpoint = endpoint or ("list" if "list" in kinds else "detail")
        if endpoint not in kinds:
            raise ValueError(f"{self._provider} has no {endpoint}")
        if endpoint != "list" and (addressed or not fault.anywhere):
            raise ValueError(f"{kind} or its place applies to lists only")
        inspect.signature(fault.strike).bind(None, **options)
        count = float("inf") if forever or (addressed and times is None) else times or 1

        def matches(exchange: Exchange) -> bool:
            return (
                (page is None or _window(exchange).offset == (page - 1) * _window(exchange).size)
                and (offset is None or _window(exchange).offset == offset)
                and (stream is None or exchange.request.stream == stream)
                and (when is None or when(exchange.request))
            )

        rule = Rule(fault, options, endpoint, admitted or endpoint not in READS, matches, on, on + count - 1)
        self._rules.append(rule)
        return rule

    def due(self, exchange: Exchange, *, admitted: bool) -> Rule | None:
        """The rule that strikes this request, which has been admitted or is about to be."""
        due = [rule for rule in self._rules if rule.admitted is admitted and rule.is_due(exchange)]
        if not due:
            return None
        due[-1].hits += 1
        return due[-1]

    def clear(self) -> None:
        self._rules.clear()


def _window(exchange: Exchange) -> Window:
    """Rules with a page or an offset are for lists, and see nothing else."""
    assert isinstance(exchange, Listing)
    return exchange.window
