"""Moments as the query parameters that filter by change time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from source_customers.config.fields import value_at
from source_customers.manifest.settings import Bound, TimeFormat, Window
from source_customers.moments import EPOCH

_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
_UNITS: dict[TimeFormat, timedelta] = {
    "epoch_seconds": _SECOND,
    "epoch_milliseconds": timedelta(milliseconds=1),
    "iso_seconds": _SECOND,
    "date": _DAY,
}
_ZONES = timedelta(hours=14)
"""A day begins this much earlier or later somewhere, and no document says where."""


class Bounds:
    """Writes the filters of a window so that they leave no row out.

    A lower bound is rounded down and an upper bound up to what the filter can express. Where the documents do not say
    that a bound is inclusive, it is moved outwards by one unit more. A date is moved by 14 hours instead.
    """

    def __init__(self, window: Window, config: Mapping[str, Any]) -> None:
        """Take how the list is filtered, and the config that may name a format."""
        self._lower = _Side(window.lower, config)
        self._upper = _Side(window.upper, config) if window.upper else None

    @property
    def has_upper(self) -> bool:
        """Whether the API has an upper bound."""
        return self._upper is not None

    @property
    def slack(self) -> timedelta:
        """How far from a moment the rows may be that its bound lets through.

        A bound is rounded and moved outwards; a server may compare whole units, and have another midnight.
        """
        sides = [self._lower, *([self._upper] if self._upper else [])]
        return max(2 * side.unit + side.more + 2 * side.zones for side in sides)

    @property
    def unit(self) -> timedelta:
        """How finely the lower bound can be told."""
        return self._lower.unit

    def exactly(self, lower: datetime | None, upper: datetime | None) -> list[tuple[str, str]]:
        """Return the query parameters that name two moments as they are, rounded to what the filter can express."""
        given = [(self._lower.parameter, self._lower.text(lower))] if lower else []
        return given + ([(self._upper.parameter, self._upper.text(upper))] if upper and self._upper else [])

    def parameters(self, lower: datetime | None, upper: datetime | None) -> list[tuple[str, str]]:
        """Return the query parameters that let through what changed between two moments, both included."""
        given = []
        if lower is not None:
            given.append((self._lower.parameter, self._lower.down(lower)))
        if upper is not None and self._upper:
            given.append((self._upper.parameter, self._upper.up(upper)))
        return given


class _Side:
    def __init__(self, bound: Bound, config: Mapping[str, Any]) -> None:
        named = value_at(config, bound.format_field) if bound.format_field else None
        self.parameter = bound.parameter
        self._format: TimeFormat = named or bound.format
        self.unit = _UNITS[self._format]
        self.zones = _ZONES if self._format == "date" else timedelta(0)
        self.more = timedelta(0) if bound.inclusive or self._format == "date" else self.unit

    def down(self, moment: datetime) -> str:
        return self._text(moment - self.more - self.zones - EPOCH)

    def up(self, moment: datetime) -> str:
        return self._text(moment + self.more + self.zones - EPOCH, up=True)

    def text(self, moment: datetime) -> str:
        return self._text(moment - EPOCH)

    def _text(self, passed: timedelta, *, up: bool = False) -> str:
        count = -(-passed // self.unit) if up else passed // self.unit
        if self._format in {"epoch_seconds", "epoch_milliseconds"}:
            return str(max(count, 0))
        return (EPOCH + count * self.unit).strftime("%Y-%m-%d" if self._format == "date" else "%Y-%m-%dT%H:%M:%SZ")
