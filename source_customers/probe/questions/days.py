"""Whether a list of which days are asked for gives as many days as it was asked for, and no others."""

from datetime import timedelta

from source_customers.manifest.settings import Days
from source_customers.moments import EPOCH
from source_customers.probe.evidence import Evidence
from source_customers.probe.question import question
from source_customers.probe.replies import Reply, cannot_tell, contradicted, holds

_ZONES = timedelta(hours=14)
_DAY = timedelta(days=1)
_NO_ROW = cannot_tell("There is no row to look for.", "Probe again when there are rows.")
_NEEDS = ("whole", "span", "last_day")


def _is_days(look: Evidence) -> bool:
    return isinstance(look.settings.paging, Days)


def _field(look: Evidence) -> str:
    return f"`{look.settings.paging.days}`" if isinstance(look.settings.paging, Days) else ""


@question("days", "As many days are given as were asked for.", _is_days, _NEEDS)
def days(look: Evidence) -> Reply:
    """Ask for days that end with those of a known row, and look for the row."""
    if look.some_day is None:
        return _NO_ROW
    if not look.last_day.is_allowed:
        return contradicted(
            f"{look.asked_size} days at a time are refused with status {look.last_day.status}.",
            f"Lower {_field(look)}.",
        )
    if look.some_day[0] not in look.keys(look.last_day):
        return contradicted(
            f"A row of the last of {look.asked_size} days that were asked for is not given: the API gives fewer days.",
            f"Lower {_field(look)}.",
        )
    moments = [moment for row in look.span.rows or [] if (moment := look.moment(row)) is not None]
    far = [moment for moment in moments if moment > EPOCH + _DAY * (look.span_first + look.asked_size) + _ZONES]
    more = f" {look.span_days} at a time are given as well." if far and look.span_days > look.asked_size else ""
    return holds(f"{look.asked_size} days at a time are given.{more}", news=bool(more))


@question("days-filter", "No day is given but those that were asked for.", _is_days, _NEEDS)
def days_filter(look: Evidence) -> Reply:
    """Look at the days of the rows that came."""
    if look.some_day is None or not look.last_day.rows:
        return _NO_ROW
    begin = EPOCH + _DAY * look.last_day_first - _ZONES
    end = EPOCH + _DAY * (look.last_day_first + look.asked_size) + _ZONES
    outside = sum(not begin <= moment <= end for row in look.last_day.rows if (moment := look.moment(row)) is not None)
    if outside:
        look.found["appointments_unfiltered"] = True
        return contradicted(
            f"{outside} of {len(look.last_day.rows)} rows are of other days than were asked for.",
            "Correct `paging.parameter` and `paging.days_parameter` in the manifest.",
        )
    return holds("Rows are of the days that were asked for.")
