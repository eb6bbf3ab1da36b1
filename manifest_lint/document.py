"""A manifest as it is written: where each value stands, and where its references lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from source_customers.manifest.mistakes import Path, path_text

# What stands in a manifest's list of streams for several that exist only under a condition.
CONDITIONAL = "ConditionalStreams"

# The C twin, where there is one: it takes a tenth of the time.
SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Finding:
    """What is wrong at a place of a manifest, and what to do about it."""

    path: Path
    what: str
    remedy: str = ""

    @property
    def place(self) -> str:
        """The path as it is printed: `streams[0].retriever`."""
        return path_text(self.path) or "(top)"

    def __str__(self) -> str:
        return f"{self.place}: {self.what}.{f' {self.remedy}.' if self.remedy else ''}"


@dataclass(frozen=True)
class Node:
    """A value of a manifest, and the place where it is written."""

    root: Any
    path: Path
    value: Any

    def find(self, reference: str) -> Node | None:
        """Return what a reference such as `#/definitions/connection` leads to; None where it leads nowhere."""
        value, path = self.root, []
        for step in reference.removeprefix("#/").split("/"):
            key = int(step) if isinstance(value, list) and step.isdigit() else step
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
            path.append(key)
        return Node(self.root, tuple(path), value)

    @property
    def target(self) -> Node | None:
        """What the value's own `$ref` leads to."""
        reference = self.value.get("$ref") if isinstance(self.value, dict) else None
        return self.find(reference) if isinstance(reference, str) else None

    @property
    def home(self) -> Node:
        """Where the value itself is written, when all that stands here is a reference to it."""
        return self.target.home if self.target and len(self.value) == 1 else self

    @property
    def base(self) -> Node:
        """Where references end: the object that those on the way add to."""
        return self.target.base if self.target else self

    def members(self) -> dict[str, Node]:
        """Return the members of an object, those it takes over by reference included."""
        if not isinstance(self.value, dict):
            return {}
        taken_over = self.target.members() if self.target else {}
        return taken_over | {key: node for key, node in self._written_members() if key != "$ref"}

    def elements(self) -> list[Node]:
        """Return the elements of a list."""
        if isinstance(self.value, list):
            return [Node(self.root, (*self.path, index), value) for index, value in enumerate(self.value)]
        return self.target.elements() if self.target else []

    def member(self, *keys: str | int) -> Node:
        """Return a member, however deep; a node without a value where there is none."""
        node = self
        for key in keys:
            below: dict[str | int, Node] = dict(enumerate(node.elements()))
            below.update(node.members())
            node = below.get(key, Node(self.root, (*node.path, key), None))
        return node

    def text(self, key: str) -> str:
        """Return a member that is text; otherwise the empty text."""
        value = self.member(key).value
        return value if isinstance(value, str) else ""

    def in_use(self) -> Iterator[Node]:
        """Yield this node and all below it, along references."""
        yield self
        for node in [*self.members().values(), *self.elements()]:
            yield from node.in_use()

    def written(self) -> Iterator[Node]:
        """Yield this node and all below it, as they are written."""
        yield self
        below = self.elements() if isinstance(self.value, list) else [node for _, node in self._written_members()]
        for node in below:
            yield from node.written()

    def _written_members(self) -> Iterator[tuple[str, Node]]:
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, Node(self.root, (*self.path, key), value)


def streams_of(manifest: Node) -> Iterator[Node]:
    """Yield the streams of a manifest, also those that exist only under a condition."""
    for stream in manifest.member("streams").elements():
        yield from stream.member("streams").elements() if stream.text("type") == CONDITIONAL else [stream]


def duplicate_keys(node: yaml.Node, path: Path = ()) -> Iterator[Finding]:
    """Yield every key that is written twice in one object: YAML takes the last one."""
    if isinstance(node, yaml.SequenceNode):
        for index, element in enumerate(node.value):
            yield from duplicate_keys(element, (*path, index))
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            here = (*path, key.value)
            if key.value in seen:
                yield Finding(here, "the key is written twice", "Keep one of the two: only the last one counts")
            seen.add(key.value)
            yield from duplicate_keys(value, here)
