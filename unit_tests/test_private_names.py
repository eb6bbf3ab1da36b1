"""The connector stands on what other packages publish: it uses none of their private names."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for path in (ROOT / "source_customers").rglob("*.py") if path.name != "__main__.py")
# The only way to end a process without taking it apart. It is documented and so named for lack of a better name.
ALLOWED = {"os._exit"}
BY_TEXT = {"getattr", "setattr", "delattr", "hasattr", "attrgetter"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_private_name_of_another_module_is_used(path: Path) -> None:
    assert list(used_private_names(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_private_name_of_a_class_of_another_package_is_replaced(path: Path) -> None:
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    classes = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]

    assert [name for kind in classes for name in replaced_private_names(kind)] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("partition._retriever", ["line 1: partition._retriever"]),
        ("def read(self):\n    return self._constructor.repository", ["line 2: self._constructor"]),
        ("partition._retriever = 1", ["line 1: partition._retriever"]),
        ("del partition._retriever", ["line 1: partition._retriever"]),
        ("cursor.__class__ = Cursor", ["line 1: cursor.__class__"]),
        ("getattr(partition, '_retriever', None)", ["line 1: _retriever"]),
        ("setattr(cursor, '__class__', Cursor)", ["line 1: __class__"]),
        ("from airbyte_cdk._models import Model", ["line 1: airbyte_cdk._models.Model"]),
        ("from airbyte_cdk import _models", ["line 1: airbyte_cdk._models"]),
        ("import urllib3._collections", ["line 1: urllib3._collections"]),
        ("import os\nos._exit(0)", []),
        ("sys._getframe()", ["line 1: sys._getframe"]),
        ("class Row:\n    _key = 1\nRow._key", []),
        ("class Row:\n    def _key(self): ...\n    def key(self): return self._key()", []),
        ("class Row:\n    def __init__(self): self._key = 1\n    def same(self, other): return other._key", []),
        ("class Row:\n    _key: int\n    def key(self): return self._key", []),
        ("class Row:\n    def key(self): return self.__class__.__name__", []),
        ("def _key(): ...\n_key()", []),
    ],
)
def test_private_names_are_found_where_they_are_used(code: str, found: list[str]) -> None:
    assert list(used_private_names(code)) == found


def test_private_names_are_found_where_a_class_replaces_them() -> None:
    class Decoder(importlib.import_module("json").JSONDecoder):  # type: ignore[misc]
        def _own(self) -> None: ...

    class Reader(importlib.import_module("argparse").ArgumentParser):  # type: ignore[misc]
        _registries = None

        def _get_formatter(self) -> None: ...

    assert list(replaced_private_names(Decoder)) == []
    assert list(replaced_private_names(Reader)) == ["Reader._get_formatter", "Reader._registries"]


def used_private_names(code: str) -> Iterator[str]:
    """Name each use of a private name that the code does not define itself."""
    nodes = list(ast.walk(ast.parse(code)))
    own = {*defined_names(nodes), *ALLOWED}
    for node in nodes:
        for name in private_names(node):
            if own.isdisjoint({name, name.rpartition(".")[2]}):
                yield f"line {getattr(node, 'lineno', 0)}: {name}"


def private_names(node: ast.AST) -> list[str]:
    """List the private names that a piece of code imports, reads, assigns or looks up by their text."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [f"{node.module or ''}.{alias.name}" for alias in node.names]
    elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in BY_TEXT:
        names = [value.value for value in node.args if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    elif isinstance(node, ast.Attribute):
        is_another_class = node.attr == "__class__" and not isinstance(node.ctx, ast.Load)
        return [ast.unparse(node)] if is_private(node.attr) or is_another_class else []
    else:
        return []
    return [name for name in names if any(is_private(part) or part == "__class__" for part in name.split("."))]


def defined_names(nodes: list[ast.AST]) -> Iterator[str]:
    """Names that classes of the module define, in their body or on `self`."""
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    yield statement.name
                targets = statement.targets if isinstance(statement, ast.Assign) else []
                targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
                yield from (target.id for target in targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            yield node.attr


def is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def replaced_private_names(kind: type) -> Iterator[str]:
    """Name what a class defines or sets although a class of another package, on which it stands, uses it."""
    own = set(defined_names(list(ast.walk(ast.parse(dedent(inspect.getsource(kind)))))))
    for name in sorted(filter(is_private, own)):
        if any(name in {*vars(base), *names_on_self(base)} for base in kind.__mro__[1:] if is_foreign(base)):
            yield f"{kind.__name__}.{name}"


def names_on_self(kind: type) -> set[str]:
    try:
        return set(re.findall(r"\bself\.(_\w+)", inspect.getsource(kind)))
    except (OSError, TypeError):  # classes of C have no source
        return set()


def is_foreign(kind: type) -> bool:
    return kind.__module__.partition(".")[0] != "source_customers"
