"""Whether the filters by change time let through what they should, and nothing else."""

from source_customers.manifest.settings import Window
from source_customers.probe.answer import Answer
from source_customers.probe.evidence import Evidence
from source_customers.probe.question import question
from source_customers.probe.questions.pages import CHANGED
from source_customers.probe.replies import Reply, cannot_tell, contradicted, holds

_LONG = cannot_tell("More rows are let through than come on a page.", "Probe again with a larger `page_size`.")
_IGNORED = cannot_tell("The filter lets everything through.", "See filter-lower.")


def _has_filter(look: Evidence) -> bool:
    return look.settings.window is not None and look.settings.parent is None


def _has_upper(look: Evidence) -> bool:
    return look.settings.window is not None and look.settings.window.upper is not None and look.settings.parent is None


def _window(look: Evidence) -> Window:
    assert look.settings.window  # noqa: S101  # that is when these questions are asked
    return look.settings.window


def _format(look: Evidence) -> str:
    field = _window(look).lower.format_field
    return f"Change the config field `{field}`." if field else "Correct `window.lower.format` in the manifest."


def _refused(side: str, answer: Answer, remedy: str) -> Reply:
    return contradicted(
        f"The {side} bound of the filter by change time is refused with status {answer.status}.", remedy
    )


@question(
    "filter-lower",
    "Nothing is let through that changed before the lower bound.",
    _has_filter,
    ("whole", "known", "future"),
)
def filter_lower(look: Evidence) -> Reply:
    """Ask for what changed since a moment to come."""
    if not look.future.is_allowed:
        return _refused("lower", look.future, _format(look))
    if look.future.rows is None:
        return cannot_tell("The answer has no list of rows.", "See envelope.")
    if look.future.rows:
        look.found["lower_filter"] = "ignored"
        return contradicted(
            f"`{_window(look).lower.parameter}` lets rows through that changed before it: it is ignored, or is taken "
            "for a moment long ago. Every sync reads everything.",
            f"{_format(look)} If that does not help, correct `window.lower.parameter`.",
        )
    if not look.rows:
        return cannot_tell("There is no row.", "Probe again when there are rows.")
    return holds("A bound in the future lets nothing through.")


def _unknown(look: Evidence) -> Reply | None:
    """Return why no row can be looked for."""
    if look.known is None:
        return cannot_tell(
            f"There is no row with a key and a `{look.cursor_field}` to look for.",
            "Probe again when there are such rows.",
        )
    if not look.future.is_empty:
        return _IGNORED
    return None


@question(
    "filter-finds",
    "A row is let through whose change is well within the bounds.",
    _has_filter,
    ("whole", "known", "future", "inside", "later"),
)
def filter_finds(look: Evidence) -> Reply:
    """Ask for what changed since two days before a known row, and look for the row."""
    if reply := _unknown(look):
        return reply
    if not look.inside.is_allowed:
        return _refused("lower", look.inside, _format(look))
    found = look.has_known(look.inside)
    if found is None:
        return _LONG
    if not found:
        if look.known_has_changed():
            return CHANGED
        look.found["lower_filter"] = "misread"
        return contradicted(
            "A row that changed two days after the bound is not let through: the bound is taken for another moment.",
            _format(look),
        )
    return holds("A row well within the bounds is let through.")


@question(
    "filter-inclusive",
    "A row is let through whose change is the lower bound.",
    _has_filter,
    ("whole", "known", "future", "inside", "since", "exact", "later"),
)
def filter_inclusive(look: Evidence) -> Reply:
    """Ask for what changed since the very change of a known row."""
    if reply := _unknown(look):
        return reply
    if look.has_known(look.inside) is not True:
        return cannot_tell("The filter does not find the row at all.", "See filter-finds.")
    found, exact = look.has_known(look.since), look.has_known(look.exact)
    if found is None:
        return _LONG
    if exact is not None:
        look.found["lower_filter"] = "inclusive" if exact else "exclusive"
    if not found:
        if look.known_has_changed():
            return CHANGED
        return contradicted(
            "A row that changed at the very moment of the bound is not let through. Changes are missed.",
            "Set `window.lower.inclusive: false` in the manifest; until then a `lookback_window` reads them again.",
        )
    return holds(f"The bound is {'inclusive' if exact else 'exclusive, and is asked for a unit earlier'}.", news=True)


@question(
    "filter-precision",
    "A row is left out that changed two units before the lower bound.",
    _has_filter,
    ("whole", "known", "future", "inside", "after"),
)
def filter_precision(look: Evidence) -> Reply:
    """Ask for what changed since two units after a known row."""
    if reply := _unknown(look):
        return reply
    if look.has_known(look.inside) is not True:
        return cannot_tell("The filter does not find the row at all.", "See filter-finds.")
    found = look.has_known(look.after)
    if found is None:
        return _LONG
    if found:
        look.found["lower_filter"] = "coarse"
        return contradicted(
            "A row is let through that changed before the bound: the filter is coarser than its format. Syncs read "
            "more than they need, and lose nothing.",
            "Nothing has to be done. A coarser `window.lower.format` in the manifest would ask as it filters.",
        )
    return holds("The filter is as fine as its format.")


@question(
    "filter-upper", "Nothing is let through that changed after the upper bound.", _has_upper, ("whole", "ancient")
)
def filter_upper(look: Evidence) -> Reply:
    """Ask for what has not changed since 1990."""
    if not look.ancient.is_allowed:
        return _refused("upper", look.ancient, "Correct `window.upper.format` in the manifest.")
    if look.ancient.rows is None:
        return cannot_tell("The answer has no list of rows.", "See envelope.")
    if look.ancient.rows:
        look.found["upper_filter"] = "ignored"
        return contradicted(
            "The upper bound lets rows through that changed after it: it is ignored. Rows that change during a sync "
            "are noticed, and reading a busy list fails.",
            "Take `window.upper` out of the manifest, or correct its `parameter`.",
        )
    if not look.rows:
        return cannot_tell("There is no row.", "Probe again when there are rows.")
    return holds("A bound in 1990 lets nothing through.")


@question(
    "filter-upper-inclusive",
    "A row is let through whose change is the upper bound.",
    _has_upper,
    ("whole", "known", "future", "ancient", "inside", "until", "later"),
)
def filter_upper_inclusive(look: Evidence) -> Reply:  # noqa: PLR0911  # a sentence a case
    """Ask for what has not changed since the very change of a known row."""
    if reply := _unknown(look):
        return reply
    if not look.ancient.is_empty:
        return cannot_tell("The upper bound lets everything through.", "See filter-upper.")
    if look.has_known(look.inside) is not True:
        return cannot_tell("The filter does not find the row at all.", "See filter-finds.")
    found = look.has_known(look.until)
    if found is None:
        return _LONG
    if not found and look.known_has_changed():
        return CHANGED
    look.found["upper_filter"] = "inclusive" if found else "exclusive"
    if not found:
        return contradicted(
            "A row that changed at the very moment of the upper bound is not let through.",
            "Set `window.upper.inclusive: false` in the manifest.",
        )
    return holds("A row at the upper bound is let through.")


@question(
    "total-filtered",
    "The total counts what the filters let through.",
    lambda look: _has_filter(look) and bool(look.settings.envelope.total),
    ("whole", "known", "future"),
)
def total_filtered(look: Evidence) -> Reply:
    """Look at the total where a filter lets nothing through."""
    if not look.rows:
        return cannot_tell("There is no row.", "Probe again when there are rows.")
    if not look.future.is_empty or look.future.total is None:
        return _IGNORED
    if "total_off" in look.found:
        return cannot_tell("The total is wrong without a filter, too.", "See total.")
    if look.future.total:
        look.found["total_unfiltered"] = True
        return contradicted(
            f"`{look.settings.envelope.total}` counts rows that the filter leaves out. A sync takes them for missing.",
            "Take `envelope.total` out of the manifest.",
        )
    return holds("The total counts what the filter lets through.")


@question(
    "lists-all",
    "A list leaves nothing out where a filter with a few values is not sent.",
    lambda look: look.settings.parent is None and look.unsent is not None and bool(look.settings.envelope.total),
    ("whole", "parts", "later"),
    of_each=True,
)
def lists_all(look: Evidence) -> Reply:  # noqa: PLR0911  # a sentence a case
    """Compare the total with those that each value of the filter lets through."""
    name = look.unsent.parameter if look.unsent else ""
    field = look.unsent.field if look.unsent else ""
    if not look.rows:
        return cannot_tell("There is no row.", "Probe again when there are rows.")
    totals = [each.total for each in look.parts]
    if look.whole.total is None or None in totals:
        return cannot_tell(f"The list was not given with `{name}`.", "See access and total.")
    together = sum(filter(None, totals))
    if "total_off" in look.found or "total_unfiltered" in look.found:
        return cannot_tell("The total is not the number of rows.", "See total and total-filtered.")
    if together != look.whole.total and look.has_changed():
        return CHANGED
    if together > look.whole.total:
        look.found["inactive_hidden"] = True
        return contradicted(
            f"Without `{name}` {look.whole.total} rows are listed, with each of its values {together}: some are left "
            "out.",
            f"Read once with each value of the config field `{field}`, as two connections.",
        )
    if together < look.whole.total:
        return contradicted(
            f"Without `{name}` {look.whole.total} rows are listed, with each of its values only {together}.",
            f"Leave the config field `{field}` as it is.",
        )
    return holds(f"All rows are listed where `{name}` is not sent.")
