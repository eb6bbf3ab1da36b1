"""A question: what it is about, when it is asked, what it costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from source_customers.probe.replies import Reply

if TYPE_CHECKING:
    from source_customers.probe.evidence import Evidence

Applies = Callable[["Evidence"], bool]
Ask = Callable[["Evidence"], Reply | None]


@dataclass(frozen=True)
class Question:
    """Something that is assumed of an API.

    Attributes:
        id: its name in findings, reports and documents.
        holds: what is so where it holds, as a sentence.
        applies: whether the manifest's settings of a stream make it one, never the provider's name.
        ask: finds the reply; None where there is nothing to say.
        needs: what is looked at, by the names of `evidence.COSTS`.
        of_each: whether it is asked of each stream. The others are asked of one list for all of its kind.
        of_refused: whether it is asked of a list without rows that can be read, too.
        of_account: whether it is asked once, with any stream.
    """

    id: str
    holds: str
    applies: Applies
    ask: Ask
    needs: Sequence[str]
    of_each: bool = False
    of_refused: bool = False
    of_account: bool = False


def question(
    name: str,
    holds: str,
    applies: Applies,
    needs: Sequence[str] = ("whole",),
    *,
    of_each: bool = False,
    of_refused: bool = False,
    of_account: bool = False,
) -> Callable[[Ask], Question]:
    """Make a question of the function that finds its reply. See `Question` for the arguments."""

    def made(ask: Ask) -> Question:
        return Question(name, holds, applies, ask, needs, of_each, of_refused, of_account)

    return made
