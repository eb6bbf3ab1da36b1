"""The faults by name: most answer at once, a flood is an answer that is larger than memory or never ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from integration_tests.sandbox.answers import Answer

ENVELOPES = ("caoloon", "mijnklantportaal", "valomnia")
"""The providers whose list stands in an object; Coredination's is the whole answer."""
ALL = (*ENVELOPES, "coredination")


@dataclass(frozen=True)
class Fault:
    """A way to answer a request wrongly, and the providers whose answers can go wrong like that.

    Only a fault that is ``anywhere`` knows how to answer a request for something else than a list.
    """

    name: str
    strike: Callable[..., Answer]
    providers: tuple[str, ...]
    anywhere: bool


FAULTS: dict[str, Fault] = {}
FLOODS: dict[str, Fault] = {}

Strike = TypeVar("Strike", bound=Callable[..., Answer])


def register(
    name: str, strike: Callable[..., Answer], providers: tuple[str, ...] = ALL, *, anywhere: bool = False
) -> None:
    FAULTS[name] = Fault(name, strike, providers, anywhere)


def fault(*providers: str, anywhere: bool = False) -> Callable[[Strike], Strike]:
    """Register a function under its own name; without providers, for all of them."""

    def decorate(strike: Strike) -> Strike:
        register(strike.__name__, strike, providers or ALL, anywhere=anywhere)
        return strike

    return decorate


def flood(strike: Strike) -> Strike:
    """Register a function under its own name, for every request of every provider."""
    FLOODS[strike.__name__] = Fault(strike.__name__, strike, ALL, anywhere=True)
    return strike
