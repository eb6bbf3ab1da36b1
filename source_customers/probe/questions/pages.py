"""Whether pages are as they were asked for: their size, their order, what follows them, how many rows there are."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from source_customers.manifest.settings import Offset, PageNumber
from source_customers.probe.evidence import FEW, Evidence
from source_customers.probe.question import question
from source_customers.probe.replies import Reply, cannot_tell, contradicted, holds
from source_customers.reading.page import Row

_MORE_ROWS = f"Probe again when the list has at least {FEW} rows."
CHANGED = cannot_tell("Somebody changed the list meanwhile.", "Probe again when nobody changes it.")
_SURE = 5


def _has_pages(look: Evidence) -> bool:
    paged = isinstance(look.settings.paging, (PageNumber, Offset))
    return paged and not look.api.paging.is_one_answer and look.settings.parent is None


def _has_size(look: Evidence) -> bool:
    return _has_pages(look) and look.asked_size > 0


@question("page-size", "A page has as many rows as were asked for.", _has_size, ("whole", "small", "beyond", "large"))
def page_size(look: Evidence) -> Reply:
    """Ask for a few rows, and for as many as a config may."""
    field = _config_field(look)
    if look.small_size and (given := len(look.small.rows or [])) != look.small_size:
        look.found["fixed_page_size"] = given
        return contradicted(
            f"The API gave {given} rows where {look.small_size} were asked for: it does not take the page size.",
            "Correct `paging.size_parameter` in the manifest.",
        )
    count, more = len(look.rows), look.has_more()
    if count < look.asked_size and more:
        look.found["max_page_size"] = count
        return contradicted(
            f"The API gives at most {count} rows at a time where {look.asked_size} were asked for. Nothing is lost.",
            f"Set {field} to {count}.",
        )
    if not look.small_size:
        return _too_few(look)
    if count == look.asked_size and more and look.large_size:
        largest = len(look.large.rows or [])
        goes_on = bool(look.large.following) if look.whole.total is None else look.whole.total > largest
        if count <= largest < look.large_size and goes_on:
            look.found["max_page_size"] = largest
            return holds(
                f"As many rows came as were asked for. Where {look.large_size} were asked for, {largest} came.",
                news=True,
            )
    return holds("As many rows came as were asked for.")


def _config_field(look: Evidence) -> str:
    size = look.settings.paging.size if isinstance(look.settings.paging, (PageNumber, Offset)) else ""
    return f"`{size}`" if isinstance(size, str) else "`paging.size` in the manifest"


@question(
    "order-stable", "The same request gives the same rows in the same order.", _has_pages, ("whole", "small", "again")
)
def order_stable(look: Evidence) -> Reply:
    """Ask twice for the same, and compare it with the beginning of a longer page."""
    if len(look.rows) < _SURE:
        return _too_few(look, _SURE)
    if not _is_stable(look):
        look.found["shuffled"] = True
        return contradicted(
            "Rows came in another order when they were asked for again. Rows may be passed over; a sync notices and "
            "reads again.",
            "Ask for an order in the stream's `query` in the manifest, or in the config where it has a field for it.",
        )
    look.found["order"] = order_of(look)
    return holds("The same rows came in the same order.")


def _is_stable(look: Evidence) -> bool:
    """Return whether rows that have not changed come in the same order, whoever changes others meanwhile."""
    return all(_keep_order(look, look.whole.rows or [], other.rows or []) for other in (look.again, look.small))


def _keep_order(look: Evidence, rows: Sequence[Row], others: Sequence[Row]) -> bool:
    same = [row for row in rows if row in others]
    again = [row for row in others if row in rows]
    if 2 * len(same) < min(len(rows), len(others)):
        return False
    return [row.get(look.stream.key) for row in same] == [row.get(look.stream.key) for row in again]


@question(
    "sorted-by-key",
    "The list comes in the order of the key, as it is asked for.",
    lambda look: _has_pages(look) and look.settings.sorted_by_key,
    of_each=True,
)
def sorted_by_key(look: Evidence) -> Reply:
    """Look whether the keys of a page rise."""
    if not any(value == look.stream.key for _, value in look.api.query):
        return cannot_tell("With this config the order of the key is not asked for.")
    keys = look.keys(look.whole)
    if len(keys) < _SURE:
        return _too_few(look, _SURE)
    if len({type(key) for key in keys}) > 1 or any(late <= early for early, late in pairwise(keys)):
        look.found["order_ignored"] = True
        return contradicted(
            "The keys do not rise: the order that was asked for is ignored. A sync counts rows instead, which takes "
            "longer in a busy account.",
            "Choose another order in the config, or correct `query` and `sorted_by_key` in the manifest.",
        )
    return holds("The keys rise.")


@question(
    "page-two",
    "The second page goes on where the first one ends.",
    _has_pages,
    ("whole", "small", "again", "second", "later"),
)
def page_two(look: Evidence) -> Reply:  # noqa: PLR0911  # a sentence a case
    """Compare the page after a short one with the beginning of a longer one."""
    if (look.asked_size and not look.small_size) or (not look.asked_size and not look.has_more()):
        return _too_few(look)
    if not look.second.is_allowed:
        return contradicted(
            f"The second page was refused with status {look.second.status}.", "Correct `paging` in the manifest."
        )
    if not look.position_works:
        look.found["stuck_page"] = True
        return contradicted(
            "The second page repeats the first one: the position is ignored.",
            "Correct `paging.parameter` in the manifest.",
        )
    if not _is_stable(look):
        return cannot_tell("The order changes from request to request.", "See order-stable.")
    first, second = look.keys(look.small), look.keys(look.second)
    overlap = look.api.paging.overlap if len(first) > look.api.paging.overlap else 0
    expected = (look.keys(look.whole) if look.asked_size else first)[len(first) - overlap :][: len(second)]
    if second[: len(expected)] != expected or set(first[: len(first) - overlap]) & set(second):
        if look.has_changed():
            return CHANGED
        return contradicted(
            "The second page does not go on where the first one ends.",
            "Correct `paging.by` in the manifest: `page` counts pages, `offset` counts rows.",
        )
    return holds("The second page goes on where the first one ends.")


@question(
    "next-page",
    "An answer says whether a page follows.",
    lambda look: _has_pages(look) and bool(look.settings.envelope.next),
    ("whole", "small", "second", "last", "past", "later"),
)
def next_page(look: Evidence) -> Reply:
    """Look at what names the next page on the first and on the last page."""
    name, following = look.settings.envelope.next, look.whole.following
    more = look.has_more()
    if more and not following:
        return contradicted(
            f"`{name}` is empty although the total says that more rows follow.",
            "Correct `envelope.next` in the manifest.",
        )
    if following and look.settings.envelope.next_is_page and following != look.api.paging.first + 1:
        return contradicted(
            f"`{name}` of the first page does not name the second one.",
            "Correct `envelope.next_is_page` in the manifest.",
        )
    if (more and look.position_works and _end_names_another(look)) or (not more and following):
        if look.has_changed():
            return CHANGED
        look.found["never_last"] = True
        return contradicted(f"`{name}` of the last page names another one.", "Correct `envelope.next` in the manifest.")
    if not more:
        return holds(f"`{name}` names no page after the only one.") if look.rows else _too_few(look, 1)
    return holds(f"`{name}` names a page after the first one, and none after the last.")


@question(
    "total",
    "The total is the number of rows.",
    lambda look: _has_pages(look) and bool(look.settings.envelope.total),
    ("whole", "small", "again", "second", "last"),
    of_each=True,
)
def total(look: Evidence) -> Reply | None:
    """Compare the total of a short list with its rows; of a long one, look at the last page."""
    said, count, name = look.whole.total, len(look.rows), look.settings.envelope.total
    if said is None:
        return cannot_tell("The answer has none.", "See envelope.")
    if said <= count or (look.settings.envelope.next and not look.whole.following):
        return (
            _compared(look, name, said, count)
            if count
            else cannot_tell("There is no row.", "Probe again when there are rows.")
        )
    return _by_last_page(look, name, said) if look.is_deep else None


def _by_last_page(look: Evidence, name: str, said: int) -> Reply:
    """Compare the total of a long list with its last page."""
    if look.asked_size and not look.small_size:
        return _too_few(look)
    if not look.position_works:
        return cannot_tell("The position is ignored.", "See page-two.")
    if look.last.total is not None and look.last.total != said:
        return CHANGED
    before = said - look.last_position[1]
    return _compared(look, name, said, before + len(look.last.rows or []))


def _end_names_another(look: Evidence) -> bool:
    """Return whether the last page names another one. With a wrong total it is not known which one is the last."""
    if look.whole.total is None:
        return look.past.is_empty and bool(look.past.following)
    return len(look.last.rows or []) == look.last_position[1] and bool(look.last.following)


def _compared(look: Evidence, name: str, said: int, count: int) -> Reply:
    if said == count:
        return holds(f"`{name}` is the number of rows.")
    look.found["total_off"] = said - count
    more = "more" if count > said else "fewer"
    return contradicted(
        f"`{name}` is {said}, and there are {more} rows.",
        "Take `envelope.total` out of the manifest if another number is meant by it.",
    )


@question("past-end", "A page past the end is empty.", _has_pages, ("whole", "small", "second", "past"))
def past_end(look: Evidence) -> Reply:
    """Ask for a page far behind the last one."""
    if not look.rows:
        return _too_few(look, 1)
    if not look.past.is_allowed:
        look.found["past_end"] = "refused"
        return contradicted(
            f"A page past the end is refused with status {look.past.status}. A list that becomes shorter while it is "
            "read fails.",
            "Tell the connector's makers; the next sync reads the list again.",
        )
    if look.past.rows is None:
        return contradicted("A page past the end has no list of rows.", "Correct `envelope.rows` in the manifest.")
    if not look.past.rows:
        return holds("A page past the end is empty.")
    if not look.position_works:
        return cannot_tell("The position is ignored.", "See page-two.")
    look.found["past_end"] = "last"
    return contradicted(
        "A page past the end repeats rows.", "Tell the connector's makers: the end of the list cannot be told by it."
    )


def _too_few(look: Evidence, needed: int = FEW) -> Reply:
    remedy = (
        _MORE_ROWS
        if needed == FEW
        else f"Probe again when the list has at least {needed} {'row' if needed == 1 else 'rows'}."
    )
    return cannot_tell(f"There are too few rows: {len(look.rows)}.", remedy)


def order_of(look: Evidence) -> Any:
    """Return the order that a list seems to have, for a sandbox: by key, newest or oldest first; None for another."""
    keys = look.keys(look.whole)
    times = [moment for row in look.rows if (moment := look.moment(row)) is not None]
    if len(keys) < _SURE:
        return None
    if len({type(key) for key in keys}) == 1 and keys == sorted(keys):
        return "key"
    if len(times) == len(keys):
        return {True: "oldest"}.get(times == sorted(times)) or (
            "newest" if times == sorted(times, reverse=True) else None
        )
    return None
