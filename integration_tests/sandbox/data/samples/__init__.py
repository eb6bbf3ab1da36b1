"""The records that the documents print, by provider and stream: ``<provider>.yaml`` beside this module."""

from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

from integration_tests.sandbox.resource import Row


@dataclass(frozen=True)
class Sample:
    """The record of one stream, and where the documents print it.

    ``path`` is where the API serves it, with the parent's or its own key as ``{key}``. ``note`` says what the documents
    leave open and what stands in for it. ``values`` are the documented values of a field, ``nullable`` the fields that
    are documented as nullable. ``refers`` and ``holds`` say what a field refers to where no link in the record tells,
    see ``Template``. ``key`` is the field of the record's own key.
    """

    path: str
    source: str
    sample: Row
    note: str = ""
    key: str = "id"
    values: dict[str, list[Any]] = field(default_factory=dict)
    nullable: list[str] = field(default_factory=list)
    refers: dict[str, str] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)


# The parser in C, where PyYAML has it, takes a tenth of the time.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def samples(provider: str) -> dict[str, Sample]:
    """The samples of a provider by stream."""
    text = resources.files(__name__).joinpath(f"{provider}.yaml").read_text(encoding="utf-8")
    return {stream: Sample(**given) for stream, given in yaml.load(text, _Loader).items()}
