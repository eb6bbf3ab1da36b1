"""Runs every rule over a manifest."""

import yaml

from manifest_lint.document import Finding, Node, SafeLoader, duplicate_keys
from manifest_lint.keys import unknown_keys
from manifest_lint.own_streams import settings
from manifest_lint.rules import RULES, references


def lint(text: str) -> list[Finding]:
    """Return what is wrong with a manifest, each thing once, in the order of the rules."""
    tree = yaml.compose(text, Loader=SafeLoader)
    document = yaml.load(text, Loader=SafeLoader)  # noqa: S506
    manifest = Node(document, (), document)
    broken = [*(duplicate_keys(tree) if tree else ()), *references(manifest)]
    if broken:
        return broken  # the rules follow references
    unknown = [*unknown_keys(manifest), *settings(manifest)]
    # The other rules read what these let pass.
    found = unknown or [finding for rule in RULES for finding in rule(manifest)]
    return list(dict.fromkeys(found))
