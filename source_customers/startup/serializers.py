"""Has the serializers of the CDK's messages made when they are used."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any

import serpyco_rs

from source_customers.startup.stand_ins import replaced

_Serializer = serpyco_rs.Serializer


@contextmanager
def made_on_demand() -> Iterator[None]:
    """Have serializers that are made meanwhile made when something of them is asked for: a sync uses three of eight."""
    with replaced(serpyco_rs, "Serializer", _OnDemand):
        yield


class _OnDemand:
    def __init__(self, *given: Any, **named: Any) -> None:
        self._make = partial(_Serializer, *given, **named)

    def __class_getitem__(cls, message: type) -> type:
        return cls

    @cached_property
    def _made(self) -> Any:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)
