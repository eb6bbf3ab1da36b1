"""An account in which others work while it is read."""

from collections.abc import Sequence
from random import Random

from integration_tests.sandbox.changes import Change, change
from integration_tests.sandbox.table import Table


def change_one(table: Table, changes: Sequence[Change], seed: str) -> None:
    """One change of a row, both chosen by the seed; where no row is left, only an insertion is possible."""
    possible = [kind for kind in changes if kind == "insert" or table.rows]
    if possible:
        change(table, {Random(seed).choice(possible): 1}, seed)
