"""The faults by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from integration_tests.sandbox.answers import Answer

ENVELOPES = ("caoloon", "mijnklantportaal", "valomnia")
"""The providers whose list stands in an object; Coredination's is the whole answer."""
ALL = (*ENVELOPES, "coredination")


@dataclass(frozen=True)
class Fault:
    """A way to answer a list request wrongly, and the providers whose answers can go wrong like that."""

    name: str
    strike: Callable[..., Answer]
    providers: tuple[str, ...]


FAULTS: dict[str, Fault] = {}

Strike = TypeVar("Strike", bound=Callable[..., Answer])


def register(name: str, strike: Callable[..., Answer], providers: tuple[str, ...] = ALL) -> None:
    FAULTS[name] = Fault(name, strike, providers)


def fault(*providers: str) -> Callable[[Strike], Strike]:
    """Register a function under its own name; without providers, for all of them."""

    def decorate(strike: Strike) -> Strike:
        register(strike.__name__, strike, providers or ALL)
        return strike

    return decorate
