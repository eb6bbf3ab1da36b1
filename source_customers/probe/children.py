"""What is looked at of a stream whose rows hang on those of another one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from source_customers.manifest.declarations import StreamDeclaration
from source_customers.manifest.settings import ParentSettings
from source_customers.probe.answer import OK, Answer, Problem
from source_customers.probe.asking import Asking
from source_customers.probe.evidence import Evidence
from source_customers.reading.page import Row

_MOST_PARENTS = 3


class _OfParent(Evidence):
    """A stream that is looked at by the rows of its parent."""

    def __init__(
        self,
        stream: StreamDeclaration,
        schema: Mapping[str, Any],
        config: Mapping[str, Any],
        asking: Asking,
        *,
        hanging: ParentSettings,
        parent: Evidence,
    ) -> None:
        """Take the stream, what sends requests, how its rows hang on those of the parent, and what is known of that."""
        super().__init__(stream, schema, config, asking)
        self._hanging = hanging
        self.parent = parent


class ChildEvidence(_OfParent):
    """A list, or a row, that is asked for by the key of a parent's row."""

    @cached_property
    def whole(self) -> Answer:
        """The rows of the first parent that has any, among a few."""
        answer = Answer(0)
        for key in self.parent.keys(self.parent.whole)[:_MOST_PARENTS]:
            if not isinstance(key, (str, int)):
                continue
            api = self.api.of(key)
            added = {self._hanging.key_field: key}
            first, size = api.paging.first, api.paging.size
            given = self.delivered(self.asking.send(api, api.call(first, size), first, added))
            if given.is_allowed or not answer.is_allowed:
                answer = _own(given, self.stream.key, key) if self.settings.envelope.single else given
            if answer.rows:
                break
        return answer


class NestedEvidence(_OfParent):
    """Rows that stand in a list inside of each row of the parent."""

    @cached_property
    def whole(self) -> Answer:
        """The rows inside of those of the parent's first page."""
        given = [row[self._field] for row in self.parent.rows if row.get(self._field) is not None]
        if not self.parent.whole.is_allowed or not given:
            return Answer(0)
        if not all(isinstance(rows, list) and all(isinstance(row, dict) for row in rows) for rows in given):
            problem = Problem(
                f"`{self._field}` of a row of {self.parent.stream.name} is no list of objects.", "parent.rows"
            )
            return Answer(OK, problems=[problem])
        return self.delivered(Answer(OK, [row for group in self.groups for row in group]))

    @cached_property
    def groups(self) -> Sequence[Sequence[Row]]:
        """The rows inside of each row of the parent."""
        hanging, found = self._hanging, []
        for row in self.parent.rows:
            inside = row.get(self._field)
            if isinstance(inside, list):
                key = {hanging.key_field: row.get(self.parent.stream.key)}
                places = [
                    {hanging.position_field: n} if hanging.position_field else {} for n in range(1, len(inside) + 1)
                ]
                found.append(
                    [
                        {**key, **place, **each}
                        for place, each in zip(places, inside, strict=True)
                        if isinstance(each, dict)
                    ]
                )
        return found

    @property
    def _field(self) -> str:
        return self._hanging.rows


def _own(answer: Answer, field: str, key: str | int) -> Answer:
    if answer.rows and answer.rows[0].get(field, key) != key:
        problem = Problem("The answer is another row than the one that was asked for.", "path")
        return replace(answer, problems=[*answer.problems, problem])
    return answer
