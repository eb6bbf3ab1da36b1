"""What a server does that its documents neither promise nor rule out."""

from dataclasses import dataclass
from typing import Literal

Order = Literal["newest", "oldest", "key", "key_descending", "key_as_text", "creation", "none"]
Ties = Literal["stable", "per_request", "per_plan", "swaps"]
Hidden = Literal["never", "sometimes", "always"]


@dataclass(frozen=True)
class Habits:
    """How one server orders, cuts and describes its list.

    Attributes:
        order: what the list is sorted by. `none` makes all rows equals.
        ties: order of equals: always the same, another at each request, another for each last row (offset + limit, as
            a top-N sort does), or the same with a few pairs swapped at each request.
        cap: most rows on a page, whatever was asked for.
        later_cap: the same from request number `cap_changes_at` on.
        cap_changes_at: number of a request, from 1. 0 means never.
        echoes_size: whether the envelope repeats the page size that was asked for, even where the page is capped.
        inclusive: whether bounds let rows of exactly that moment through, where the documents do not say it.
        compares_seconds: whether change times are cut to whole seconds before they are compared with a bound.
        zone: hours that the server's midnight is ahead of UTC, for filters by date.
        hidden: whether rows leave out their change time, by which they are filtered and sorted all the same.
        torn: whether `total` is counted in a query of its own, before that of the rows.
        end_mark: what names the next page on the last one; "absent" leaves it out.
    """

    order: Order = "creation"
    ties: Ties = "stable"
    cap: int = 1000
    later_cap: int = 1000
    cap_changes_at: int = 0
    echoes_size: bool = False
    inclusive: bool = True
    compares_seconds: bool = False
    zone: int = 0
    hidden: Hidden = "never"
    torn: bool = False
    end_mark: str | int | None = None

    @property
    def is_orderly(self) -> bool:
        """Whether the order holds still and the page size stays, so that a quiet list can always be read."""
        holds_still = self.ties == "stable" or self.order in {"key", "key_descending", "key_as_text", "creation"}
        return holds_still and not self.cap_changes_at
