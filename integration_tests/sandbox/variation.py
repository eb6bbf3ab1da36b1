"""Rows that are like the record that the documents print."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from integration_tests.sandbox.data.companies import identifier
from integration_tests.sandbox.moments import EPOCH, instant, milliseconds, spelled_like
from integration_tests.sandbox.resource import Resource, Row, Template

if TYPE_CHECKING:
    from integration_tests.sandbox.table import Table

MOMENT = re.compile(r"\d{4}[-_]\d\d[-_]\d\dT[\d:]{8}(\.\d+)?(Z|[+-]\d\d:\d\d)")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
EMAIL = re.compile(r"([^@+]+)[^@]*@[a-z.]+")
AGREEMENT = re.compile(r"(\d+)-(\d{4})")
PREFIXED = re.compile(r"\b([a-z]{3})__?[0-9a-z]{6,}\b")
TOKEN = re.compile(rf"{PREFIXED.pattern}|\b[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b")

CREATED = ("createdAt", "dateCreated", "creationTimeStamp", "sentAt", "postedAt", "issuedAt")
FIRST_MILLISECONDS = 10**12
"""A number from here on is a moment in milliseconds (September 2001), and none that counts something."""
NULL_SHARE = 0.15

FIRST_NAMES = ("Zoë", "Björn", "Marie", "Dirk Jan", "Noor", "Éloïse", "Sam", "Åsa")
LAST_NAMES = ("de Wit", "Lindström", "Bakker", "O'Hara", "Lefèvre", "van 't Hof", "Nyberg")
FULL_NAMES = ("attendeeName", "payersName", "postedBy", "signerName")


class Variation:
    """Makes the rows of one resource from its template.

    The first row is the documented record, with moments and references of the sandbox; the others have a key, a
    reference and a name of their own. The links of a record tell what it refers to: an ``href``, or a key with the
    prefix of another stream. What a row refers to is chosen by the seed among the rows that the other table started
    with, and is the same row for all fields that refer to that table.
    """

    def __init__(
        self, resource: Resource, template: Template, seed: object, tables: Mapping[str, "Table"], others: "Variations"
    ) -> None:
        self.resource = resource
        self.template = template
        self.tables = tables
        self.others = others
        self._seed = f"{seed}/{resource.name}"
        self._identities: dict[int, Row] = {}

    def __call__(self, random: Random, number: int, created: datetime, changed: datetime) -> Row:
        return _Variant(self, random, number, created, changed).row()

    def identity(self, number: int) -> Row:
        """What others know a row by: it does not depend on what the row refers to."""
        if number not in self._identities:
            self._identities[number] = self._identity(number)
        return self._identities[number]

    def _identity(self, number: int) -> Row:
        random = Random(f"{self._seed}/{number}")
        key, record, first = self.resource.key, self.template.record, self.template.first
        names = {"reference": self._reference, "name": _named, "title": _named}
        made: Row = {field: name(record[field], number) for field, name in names.items() if field in record}
        made |= {field: self.referred(field, number) for field in made if field in self.template.refers}
        if "uuid" in record:
            made["uuid"] = _uuid(random)
        made[key] = _key(record[key], number, random)
        return {**made, **(first[number - 1] if number <= len(first) else {})}

    def choice(self, stream: str, number: int, place: int = 0) -> int | None:
        """The number of the row that a row refers to in another table, or in a list of such; None in an empty one."""
        count = self.tables[stream].count
        if not count:
            return None
        if stream in self.template.paired:
            return (number - 1) % count + 1
        return (Random(f"{self._seed}/{number}/{stream}").randrange(count) + place) % count + 1

    def referred(self, field: str, number: int) -> Any:
        """The field of another row that a row's field repeats."""
        stream, _, other = self.template.refers[field].partition(".")
        chosen = self.choice(stream, number)
        return None if chosen is None else self.known(stream, chosen, other)

    def referring(self, stream: str, number: int) -> list[int]:
        """The numbers of the rows that refer to a row of another table."""
        if stream not in self._referring:
            found = self._referring[stream] = defaultdict(list)
            for own in range(1, self.tables[self.resource.name].count + 1):
                found[self.choice(stream, own)].append(own)
        return self._referring[stream][number]

    @cached_property
    def _referring(self) -> dict[str, defaultdict[int | None, list[int]]]:
        return {}

    def known(self, stream: str, number: int, field: str) -> Any:
        """A field of a row of another table, from its identity if that has it; ``xReference`` may stand in ``x``."""
        other = self.others.get(stream)
        identity = other.identity(number) if other else {}
        if field in identity:
            return identity[field]
        row = self.tables[stream].first(number)
        return row[field] if field in row else row[field.removesuffix("Reference")]["reference"]

    @cached_property
    def streams(self) -> dict[str, str]:
        """The streams by what a link calls them: the last part of their path, and the prefix of their keys."""
        by_path = {t.resource.path.rstrip("/").rsplit("/", 1)[-1]: name for name, t in self.tables.items()}
        templates = {name: (t.resource.key, t.resource.template) for name, t in self.tables.items()}
        keys = {name: str(template.record[key]) for name, (key, template) in templates.items() if template}
        by_prefix = {found[1]: name for name, key in keys.items() if (found := PREFIXED.fullmatch(key))}
        return {**by_path, **by_prefix}

    def _reference(self, sample: str, number: int) -> str:
        reference = _numbered(sample, number)
        taken = {row.get("reference") for row in self.template.first}
        return f"{reference}-{number}" if reference in taken else reference


Variations = Mapping[str, Variation]


class _Variant:
    """One row in the making."""

    def __init__(self, variation: Variation, random: Random, number: int, created: datetime, changed: datetime) -> None:
        self._variation = variation
        self._template = variation.template
        self._random = random
        self._number = number
        self._identity = variation.identity(number)
        self._created = created
        self._changed = changed
        self._tokens: dict[str, str] = {}
        self._later = self._distance()

    def row(self) -> Row:
        record, resource = self._template.record, self._variation.resource
        row = {field: self._field(field, value) for field, value in record.items()}
        row.update(self._followers(row))
        row.update({field: self._held(record[field][0], stream) for field, stream in self._template.holds.items()})
        return {**row, **self._identity, **resource.stamped(self._changed)}

    def _distance(self) -> timedelta:
        """How much later than in the record everything happens."""
        happens = self._template.happens
        if happens is not None:
            return self._changed - _moment(self._template.record[happens])
        created = next((self._template.record[f] for f in CREATED if f in self._template.record), None)
        return timedelta() if created is None else self._created - _moment(created)

    def _field(self, field: str, value: Any) -> Any:
        """A field of the row itself."""
        template = self._template
        if value is not None and field in template.nullable and self._random.random() < NULL_SHARE:
            return None
        if field in template.values:
            return self._random.choice(template.values[field])
        if field in template.refers:
            stream = template.refers[field]
            return self._variation.referred(field, self._number) if "." in stream else self._reference(value, stream)
        if field in CREATED and template.happens is not None:
            return spelled_like(value, self._created)
        return self._value(field, value)

    def _value(self, field: str, value: Any, place: int = 0) -> Any:
        """A value anywhere in the row; ``place`` counts the items of a list."""
        if isinstance(value, dict):
            return self._object(value, place)
        if isinstance(value, list):
            return [self._value(field, item, place) for place, item in enumerate(value)]
        if isinstance(value, str):
            return self._text(field, value, place)
        if isinstance(value, int) and value >= FIRST_MILLISECONDS:
            return milliseconds(_moment(value) + self._later)
        return value + self._number - 1 if field == "id" else value

    def _object(self, value: Row, place: int) -> Row | None:
        stream = self._linked(value)
        if stream is not None:
            return self._reference(value, stream, place)
        if {"id", "href"} <= set(value):
            return value  # of a list that the documents do not have
        return {field: self._value(field, inner, place) for field, inner in value.items()}

    def _text(self, field: str, text: str, place: int) -> str:
        if MOMENT.fullmatch(text):
            return spelled_like(text, _moment(text) + self._later)
        if DATE.fullmatch(text):
            return (datetime.fromisoformat(text) + self._later).date().isoformat()
        if found := EMAIL.fullmatch(text):
            return f"{found[1]}.{self._number}@example.com"
        if field in {"firstName", "lastName", *FULL_NAMES}:
            names = {"firstName": [self._random.choice(FIRST_NAMES)], "lastName": [self._random.choice(LAST_NAMES)]}
            return " ".join(names.get(field, [*names["firstName"], *names["lastName"]]))
        if field.endswith(("Number", "No")):
            return _numbered(text, self._number)
        own = self._template.record[self._variation.resource.key]
        if isinstance(own, str):
            text = text.replace(own, self._identity[self._variation.resource.key])
        return TOKEN.sub(lambda found: self._token(found, place), text)

    def _token(self, found: re.Match[str], place: int) -> str:
        """A key of another row where its prefix is that of a stream, or else a new one of its kind."""
        token, prefix = found[0], found[1]
        if token == self._identity[self._variation.resource.key]:
            return token
        if prefix in self._variation.streams:
            stream = self._variation.streams[prefix]
            return str(self._of(stream, self._variation.tables[stream].resource.key, place))
        if token not in self._tokens:
            self._tokens[token] = identifier(self._random, prefix) if prefix else _uuid(self._random)
        return self._tokens[token]

    def _linked(self, value: Row) -> str | None:
        """The stream that an object with a link refers to, if it is one of the sandbox."""
        href = value.get("href")
        return self._variation.streams.get(href.rsplit("/", 2)[-2]) if isinstance(href, str) and "/" in href else None

    def _reference(self, sample: Row, stream: str, place: int = 0) -> Row | None:
        """An object that refers to a row of another table, with the fields of the one in the record."""
        number = self._variation.choice(stream, self._number, place)
        return None if number is None else self._pointing(sample, stream, number)

    def _pointing(self, sample: Row, stream: str, number: int) -> Row:
        known, key = self._variation.known, self._variation.tables[stream].resource.key
        pointing = {}
        for field, value in sample.items():
            if field == "href":
                pointing[field] = f"{value.rsplit('/', 1)[0]}/{known(stream, number, key)}"
            elif field == "type":  # of what a link leads to, not of the row
                pointing[field] = value
            else:
                pointing[field] = known(stream, number, field)
        return pointing

    def _of(self, stream: str, field: str, place: int = 0) -> Any:
        number = self._variation.choice(stream, self._number, place)
        return None if number is None else self._variation.known(stream, number, field)

    def _followers(self, row: Row) -> Row:
        """The fields that repeat the reference or id of an object, as they do in the record."""
        record = self._template.record
        objects = [(value, row[field]) for field, value in record.items() if isinstance(value, dict) and row[field]]
        return {
            field: now[kind]
            for field, value in record.items()
            for kind, suffix in (("reference", "Reference"), ("id", "Id"))
            for before, now in objects
            if field.endswith(suffix) and value is not None and before.get(kind) == value
        }

    def _held(self, sample: Row, stream: str) -> list[Row]:
        """Objects that refer to the rows of another table that refer to this one."""
        numbers = self._variation.others[stream].referring(self._variation.resource.name, self._number)
        return [self._pointing(sample, stream, number) for number in numbers]


def _moment(value: str | int) -> datetime:
    if isinstance(value, int):
        return EPOCH + timedelta(milliseconds=value)
    return EPOCH + timedelta(microseconds=instant(value.replace("_", "-")))


def _key(sample: str | int, number: int, random: Random) -> str | int:
    """A number counts on, text keeps its kind: a prefix, a uuid, or the number and year of an agreement."""
    if isinstance(sample, int):
        return sample + number - 1
    if found := PREFIXED.fullmatch(sample):
        return identifier(random, found[1])
    if found := AGREEMENT.fullmatch(sample):
        return f"{int(found[1]) + number - 1}-{random.randrange(2019, 2027)}"
    return _uuid(random)


def _numbered(sample: str, number: int) -> str:
    """``Ref-01`` counts on to ``Ref-02``, ``cod`` to ``cod-2``."""
    digits = re.search(r"\d+$", sample)
    if digits:
        return f"{sample[: digits.start()]}{int(digits[0]) + number - 1:0{len(digits[0])}}"
    return sample if number == 1 else f"{sample}-{number}"


def _named(sample: str, number: int) -> str:
    return sample if number == 1 else f"{sample} {number}"


def _uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))
