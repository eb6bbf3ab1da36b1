"""Which streams are asked, of what, and how many requests that may take."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from source_customers.connection.attempts import Patience
from source_customers.connection.connection import Connection
from source_customers.manifest.declarations import StreamDeclaration
from source_customers.probe.asking import Asking
from source_customers.probe.children import ChildEvidence, NestedEvidence
from source_customers.probe.evidence import COSTS, Evidence
from source_customers.probe.question import Question
from source_customers.probe.questions import QUESTIONS
from source_customers.provider import Provider

PATIENCE = Patience(failing=20, named=120)
_LOGINS = 2
_REPETITIONS = 10
_ENOUGH = 20


@dataclass
class Kind:
    """Lists that are asked for, filtered and answered alike: one of them stands for all.

    Attributes:
        lists: the lists, in the order of the manifest.
        is_each_deep: whether all questions are asked of each.
    """

    lists: list[Evidence]
    is_each_deep: bool

    def choose(self) -> None:
        """Choose which lists all questions are asked of: the first with enough rows, or else the longest."""
        had = [look for look in self.lists if look.is_looked_at] or self.lists[:1]
        enough = next((look for look in had if look.is_looked_at and len(look.rows) >= _ENOUGH), None)
        chosen = enough or max(had, key=lambda look: len(look.rows) if look.is_looked_at else 0)
        for look in self.lists:
            look.is_deep = self.is_each_deep or look is chosen


@dataclass
class Plan:
    """What is asked.

    Attributes:
        kinds: lists that stand by themselves.
        hanging: streams that hang on the rows of others.
        parents: lists that are looked at for these alone.
        plain: streams that cannot be asked.
    """

    kinds: list[Kind]
    hanging: list[Evidence]
    parents: list[Evidence]
    plain: list[str]

    @property
    def lists(self) -> list[Evidence]:
        """The lists that stand by themselves."""
        return [look for kind in self.kinds for look in kind.lists]

    @property
    def streams(self) -> list[Evidence]:
        """All streams that are asked."""
        return [*self.lists, *self.hanging]

    def most_requests(self, connection: Connection) -> int:
        """Return how many requests it may take over a connection, with logins and some that are sent again."""
        lists, hanging = ([look for look in looks if look.asking.connection is connection] for looks in self._looks)
        count = _cost(["stranger"]) + _LOGINS + _REPETITIONS
        count += sum(_cost(["whole"]) for _ in lists)
        count += sum(_cost(["child"]) for look in hanging if isinstance(look, ChildEvidence))
        for kind in self.kinds:
            if kind.lists[0] in lists:
                costs = [_cost(set(_needs(asked_of(look, deep=True))) - {"whole"}) for look in kind.lists]
                count += sum(costs) if kind.is_each_deep else max(costs)
        return count

    @property
    def _looks(self) -> tuple[list[Evidence], list[Evidence]]:
        return [*self.lists, *self.parents], self.hanging

    @property
    def accounts(self) -> list[Evidence]:
        """A list for each connection."""
        first: dict[int, Evidence] = {}
        for look in [*self.lists, *self.parents]:
            first.setdefault(id(look.asking.connection), look)
        return list(first.values())


def plan_of(provider: Provider, names: Sequence[str]) -> Plan:
    """Return what to ask a provider.

    Args:
        provider: the provider, as the user has configured it.
        names: the streams to ask; empty for all.
    """
    known: dict[str, Evidence] = {}
    for stream in provider.declared.values():
        _add(known, provider, stream)
    wanted = list(names) or list(known)
    plain = [name for name in (names or provider.listed) if name not in provider.declared]
    chosen = [known[name] for name in wanted if name in known]
    lists = [look for look in chosen if look.settings.parent is None]
    hanging = [look for look in chosen if look.settings.parent is not None]
    parents = {
        look.parent.stream.name: look.parent for look in hanging if isinstance(look, (ChildEvidence, NestedEvidence))
    }
    others = [look for name, look in parents.items() if look not in lists]
    return Plan([Kind(each, bool(names)) for each in _alike(lists)], hanging, others, plain)


def asked_of(look: Evidence, *, deep: bool) -> list[Question]:
    """Return the questions that are asked of a stream."""
    return [each for each in QUESTIONS if not each.of_account and (each.of_each or deep) and each.applies(look)]


def _add(known: dict[str, Evidence], provider: Provider, stream: StreamDeclaration) -> Evidence:
    if stream.name in known:
        return known[stream.name]
    asking = Asking(provider.connection(stream.list.connection, PATIENCE))
    given = (stream, provider.schema(stream.name), provider.config, asking)
    if stream.list.parent is None:
        look = Evidence(*given)
    else:
        kind = NestedEvidence if stream.list.parent.rows else ChildEvidence
        look = kind(*given, hanging=stream.list.parent, parent=_add(known, provider, stream.source))
    known[stream.name] = look
    return look


def _alike(lists: Iterable[Evidence]) -> Iterator[list[Evidence]]:
    found: list[tuple[object, list[Evidence]]] = []
    for look in lists:
        given = look.settings
        shape = (given.connection, given.paging, given.envelope, given.window, given.sorted_by_key, look.cursor_field)
        for known, alike in found:
            if known == shape:
                alike.append(look)
                break
        else:
            found.append((shape, [look]))
    yield from (alike for _, alike in found)


def _needs(questions: Iterable[Question]) -> Iterator[str]:
    return (need for each in questions for need in each.needs)


def _cost(needs: Iterable[str]) -> int:
    return sum(COSTS[need] for need in needs)
