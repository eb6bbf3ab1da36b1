"""Moments in time, read from whatever an API, a config or a state holds."""

from datetime import datetime, timedelta, timezone

import pendulum

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def parse_moment(value: object) -> datetime:
    """Return the moment that a cursor value names, in UTC.

    Args:
        value: ISO 8601 text with any fraction, offset or none (read as UTC), or a number of milliseconds
            since the epoch, as number or digits (Coredination's documented `Timestamp`).

    Raises:
        ValueError: the value names no moment. The message does not repeat it.
    """
    moment = moment_or_none(value)
    if moment is None:
        raise ValueError("not a moment in time: expected ISO 8601 text or milliseconds since the epoch")
    return moment


def moment_or_none(value: object) -> datetime | None:
    """Return the same as `parse_moment`, and None for what names no moment."""
    # Nearly every value begins like 2024-01-01, which `fromisoformat` reads in a fortieth of pendulum's time. Digits
    # alone are milliseconds here, and a date there.
    if isinstance(value, str) and value[4:5] == "-":
        try:
            return _in_utc(datetime.fromisoformat(value))
        except (ValueError, OverflowError):
            pass
    return _of_any_form(value)


def _of_any_form(value: object) -> datetime | None:
    try:
        if isinstance(value, str):
            return _parse_text(value.strip())
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return EPOCH + timedelta(milliseconds=value)
    except (ValueError, OverflowError, TypeError):  # pendulum raises a TypeError for `01:`
        pass
    return None


def _parse_text(text: str) -> datetime:
    if text.isdigit():
        return EPOCH + timedelta(milliseconds=int(text))
    try:
        # Python 3.10 does not know the Z.
        return _in_utc(datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text))
    except ValueError:
        # `now`, and times without a date, would be moments of this day.
        parsed = pendulum.parse(text) if text[:4].isdigit() else None
        if not isinstance(parsed, datetime):
            raise ValueError from None
        # As the standard library's type: pendulum's forgets its zone where it is subtracted from.
        return _in_utc(datetime.combine(parsed.date(), parsed.time(), parsed.tzinfo))


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is timezone.utc:
        return moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def parse_duration(text: str) -> timedelta:
    """Return the length of an ISO 8601 duration such as `PT10M`.

    Raises:
        ValueError: the text is no duration. The message does not repeat it.
    """
    try:
        parsed = pendulum.parse(text) if text.startswith("P") else None
    except (ValueError, OverflowError, TypeError):  # pendulum raises a TypeError for `PT/2024-01-01`
        parsed = None
    if not isinstance(parsed, pendulum.Duration):
        raise ValueError("not an ISO 8601 duration such as PT10M")
    return parsed.as_timedelta()
