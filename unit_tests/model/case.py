"""One case: everything that is drawn for a sequence of syncs."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count as counted
from itertools import islice
from typing import Protocol, TypeVar, get_args

from source_customers.reading.ranges import MOST_ROWS
from unit_tests.model.habits import Habits, Hidden, Order, Ties
from unit_tests.model.table import Keys

Option = TypeVar("Option")


class Choose(Protocol):
    """Chooses one of several options: `random.Random.choice`, or Hypothesis, which shrinks towards the first."""

    def __call__(self, options: Sequence[Option], /) -> Option: ...


@dataclass(frozen=True)
class Case:
    """A server, its rows, what happens to them, the clocks and the reader's config.

    Attributes:
        provider: name of the shape.
        seed: everything that is random derives from it.
        habits: the server's habits.
        rows: rows at the beginning.
        same: how many neighbours of these rows changed in the same moment.
        spread: seconds between such moments.
        keys: how keys are chosen.
        own_size: rows on a page where the API takes no page size.
        rate: how probable a change is, at each moment when one may happen.
        kinds: what happens; see `Activity`.
        latency: seconds that a request takes.
        slow: seconds that a slow one takes.
        delay: most seconds until a change shows.
        skew: seconds that our clock is ahead of the API's.
        pause: seconds between two syncs.
        page_size: the config's.
        concurrency: the config's.
        lookback: the config's `lookback_window`.
        by_date: whether the config filters by date, where it can.
        killed_after: rows after which the first sync is killed. None lets it end.
        in_full: whether the second sync is a full refresh.
        most_rows: rows past which a list is cut by change time, where it can be.
    """

    provider: str
    seed: int = 0
    habits: Habits = field(default_factory=Habits)
    rows: int = 30
    same: int = 1
    spread: float = 1.0
    keys: Keys = "rising"
    own_size: int = 5
    rate: float = 0.0
    kinds: str = "u"
    latency: float = 0.05
    slow: float = 0.05
    delay: float = 0.0
    skew: float = 0.0
    pause: float = 1.0
    page_size: int = 7
    concurrency: int = 1
    lookback: str = "PT10M"
    by_date: bool = False
    killed_after: int | None = None
    in_full: bool = False
    most_rows: int = MOST_ROWS

    @property
    def is_moderate(self) -> bool:
        """Whether a reader must nearly always succeed: little happens, and the server does what it was asked for."""
        return self.is_orderly and self.rate <= MODERATE and not set("bm") & set(self.kinds)

    @property
    def is_orderly(self) -> bool:
        """Whether the list holds still when nothing changes, and comes in the order that was asked for."""
        return self.habits.is_orderly and (self.provider != "valomnia" or self.habits.order == "key")


# Rows may change at four moments of a request: this is a change every fifteen to twenty requests.
MODERATE = 1 / 60
RATES = (0.0, MODERATE, 0.05, 0.2, 0.5)
_KINDS = ("u", "d", "i", "ud", "ui", "di", "udi", "uuudit", "udil", "b", "bu", "m", "mud", "f", "fud", "t", "udilbmft")
_ORDERS: dict[str, tuple[Order, ...]] = {
    "caoloon": get_args(Order),
    "inquiries": get_args(Order),
    "invitations": get_args(Order),
    "coredination": get_args(Order),
    "mijnklantportaal": ("creation", "key_descending", "newest", "none"),
    # The order that was asked for twice as often as all ways to ignore it.
    "valomnia": ("key", *("key",) * 12, *get_args(Order)),
}


def draw(provider: str, choose: Choose, seed: int, rates: Sequence[float] = RATES, *, torn: bool = False) -> Case:
    """Return a case for a provider.

    Args:
        provider: name of the shape.
        choose: chooses one of several options.
        seed: what is random within the case derives from it.
        rates: how probable a change may be.
        torn: whether servers may count the list in a query of its own. A row that comes between the two queries can
            then hide another one for good: no answer shows it.
    """
    cap = choose((1000, 1000, 1000, 1, 2, 3, 5))
    habits = Habits(
        order=choose(_ORDERS[provider]),
        ties=choose(("stable", "stable", *get_args(Ties))),
        cap=cap,
        later_cap=choose((1000, 2, 4)),
        cap_changes_at=choose((0, 0, 0, 0, 0, 2, 4, 9)),
        echoes_size=choose((False, False, True)),
        inclusive=choose((True, False)),
        compares_seconds=choose((False, True)),
        zone=choose((0, 0, 2, -5, 13)),
        hidden=choose(("never", "never", *get_args(Hidden))),
        torn=torn and choose((False, True)),
        end_mark=choose((None, 0, "", "absent")),
    )
    return Case(
        provider=provider,
        seed=seed,
        habits=habits,
        rows=choose((0, 1, 2, 3, 5, 8, 13, 20, 30, 45, 60)),
        same=choose((1, 1, 3, 20, 1000)),
        spread=choose((1.0, 0.0, 0.4, 5.0, 1000.0)),
        keys=choose(get_args(Keys)),
        own_size=choose((1, 2, 3, 5, 15)),
        rate=choose(rates),
        kinds=choose(_KINDS),
        latency=choose((0.05, 0.05, 0.5, 3.0)),
        slow=choose((0.05, 3.0, 45.0)),
        delay=choose((0.0, 0.0, 0.0, 0.8)),
        skew=choose((0.0, 8.0, -8.0, 90.0, -90.0, 3600.0, -3600.0)),
        pause=choose((1.0, 0.0, 30.0, 7200.0)),
        page_size=choose((7, 1, 2, 3, 4, 5, 10, 25, 100)),
        concurrency=choose((1, 2, 3, 8, 32)),
        lookback=choose(("PT10M", "PT0S", "P1D")),
        by_date=choose((False, False, False, True)),
        killed_after=choose((None, None, 0, 1, 3, 7, 15, 30, 50)),
        in_full=choose((False, False, False, True)),
        most_rows=choose((MOST_ROWS, 12)),
    )


def cases(provider: str, seeds: Iterable[int], rates: Sequence[float] = RATES, *, torn: bool = False) -> Iterator[Case]:
    """Yield the cases of these seeds."""
    for seed in seeds:
        yield draw(provider, random.Random(f"{provider} {seed}").choice, seed, rates, torn=torn)


def moderate_cases(provider: str, count: int, first: int = 0) -> Iterator[Case]:
    """Yield so many cases in which a reader must nearly always succeed, although something changes."""
    return islice(filter(lambda case: case.is_moderate, cases(provider, counted(first), [MODERATE])), count)
