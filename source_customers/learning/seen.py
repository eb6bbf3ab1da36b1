"""Remembers which types of values were seen in rows, and never a value."""

import re
from collections.abc import Mapping
from typing import Any

from source_customers.moments import moment_or_none

_KINDS = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    dict: "object",
    list: "array",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:$|[Tt ]\d\d:\d\d)")
_DEEPEST = 16
"""Objects and lists inside of so many others are not looked into: rows may be nested deeper than Python can follow."""


class Seen:
    """The types that one value had in all rows, and those inside of it.

    Attributes:
        kinds: JSON types.
        fields: the fields of the objects, by name.
        items: the elements of the lists; None where no list had any.
        only_moments: whether every text was an ISO 8601 date or moment.
        only_dates: whether every text was an ISO 8601 date, without a time of day.
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.kinds: set[str] = set()
        self.fields: dict[str, Seen] = {}
        self.items: Seen | None = None
        self.only_moments = True
        self.only_dates = True

    @property
    def has_value(self) -> bool:
        """Whether anything but null was seen."""
        return bool(self.kinds - {"null"})

    def add(self, value: Any, depth: int = 0) -> None:
        """Note the type of a JSON value.

        Args:
            value: the value.
            depth: how many objects and lists it is inside of.
        """
        self.kinds.add(_KINDS[type(value)])
        if isinstance(value, str):
            self.only_moments = self.only_moments and _is_moment(value)
            # A column of dates would lose the time of day.
            self.only_dates = self.only_dates and self.only_moments and bool(_DATE.fullmatch(value))
        elif depth == _DEEPEST:
            return
        elif isinstance(value, Mapping):
            for name, inner in value.items():
                self.fields.setdefault(name, Seen()).add(inner, depth + 1)
        elif isinstance(value, list):
            for element in value:
                self.items = self.items or Seen()
                self.items.add(element, depth + 1)


def _is_moment(text: str) -> bool:
    # A column of times takes fewer forms than we do ourselves: digits alone, or a week, are none.
    return bool(_MOMENT.match(text)) and moment_or_none(text) is not None
