"""Whether rows tell when they changed, in a form and a unit that is understood."""

from datetime import timedelta
from typing import Any

from source_customers.manifest.settings import Days, Window
from source_customers.moments import moment_or_none
from source_customers.probe.evidence import Evidence
from source_customers.probe.question import question
from source_customers.probe.replies import Reply, cannot_tell, contradicted, holds

_MARGIN = timedelta(days=366)


def _has_change_time(look: Evidence) -> bool:
    return bool(look.cursor_field) and look.settings.parent is None


@question(
    "change-time", "Every row tells when it changed, in a form that is understood.", _has_change_time, of_each=True
)
def change_time(look: Evidence) -> Reply:
    """Count the rows without a change time, and those with one that is no moment."""
    field, count = look.cursor_field, len(look.rows)
    if not count:
        return cannot_tell("There is no row.", "Probe again when there are rows.")
    values = [row.get(field) for row in look.rows]
    odd = sum(value is not None and not _is_number(value) and moment_or_none(value) is None for value in values)
    if odd:
        return contradicted(
            f"`{field}` of {odd} of {count} rows is no moment that is understood. They are delivered, and do not move "
            "the state.",
            "Correct `incremental_sync.cursor_field` in the manifest, or tell the connector's makers the form.",
        )
    missing = values.count(None)
    look.found["missing_change_times"] = round(missing / count, 2)
    foreseen = isinstance(look.settings.window, Window) and look.settings.window.missing_change_time is not None
    if missing and not foreseen:
        return contradicted(
            f"{missing} of {count} rows have no `{field}`. No filter finds their changes.",
            "Set `window.missing_change_time: sync_start` in the manifest, or read the stream with full_refresh.",
        )
    if missing:
        return holds(
            f"{missing} of {count} rows have no `{field}`; the moment the sync began stands for it.", news=True
        )
    return holds(f"All {count} rows have `{field}`.")


@question("change-time-unit", "Change times are in the documented unit.", _has_change_time, of_each=True)
def change_time_unit(look: Evidence) -> Reply:
    """Look for change times before there was any web API, or far in the future."""
    field = look.cursor_field
    values = [value for row in look.rows if (value := row.get(field)) is not None]
    values = [value for value in values if _is_number(value) or moment_or_none(value) is not None]
    if not values:
        return cannot_tell(f"No row has a `{field}` that is a moment.", "Probe again when there are such rows.")
    wrong = sum(not _is_plausible(look, value) for value in values)
    if wrong:
        look.found["last_modified_as"] = "seconds"
        return contradicted(
            f"`{field}` of {wrong} of {len(values)} rows is before 1990 or far in the future: its unit is another one "
            "than milliseconds.",
            "Tell the connector's makers the unit. Until then read the stream with full_refresh.",
        )
    return holds(f"The {len(values)} change times are in a likely range.")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, str) and value.strip().isdigit())


def _is_plausible(look: Evidence, value: Any) -> bool:
    moment = look.moment({look.cursor_field: value})
    return moment is not None and (isinstance(look.settings.paging, Days) or moment <= look.now + _MARGIN)
