"""The documents say what is so; and what checks them finds each kind of mistake."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
CHECK_DOCS: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "check_docs.py"))
CHECKS = {check.__name__: check for check in CHECK_DOCS["CHECKS"]}
PAGE = CHECK_DOCS["PAGE"]

RIGHT = {
    "README.md": '# Title\n\n[page](docs/integrations/sources/customers.md#changelog)\n\n```json\n{"a": [1]}\n```\n',
    "CHANGELOG.md": "# Changelog\n\n## 1.2.3 (2024-01-01)\n\n- First.\n",
    "CONTRIBUTING.md": "# Contributing\n\n`test_some.py::test_one`. [web](https://example.com) `[no](link)`\n",
    "pyproject.toml": '[build-system]\n\n[project]\nname = "some"\n\n[tool.poetry]\nversion = "1.2.3"\n',
    "manifests/some.yaml": (
        "spec: {connection_specification: {required: [api_key, credentials], properties: {api_key: {title: API key},"
        " credentials: {title: Credentials, oneOf:"
        " [{required: [secret], properties: {secret: {title: App Secret}}}]},"
        " search: {title: Search, required: [query], properties: {query: {title: Search query}}}}}}\n"
    ),
    "unit_tests/test_some.py": "class TestIt:\n    def test_one(self):\n        pass\n",
    PAGE: (
        "# Some\n\n## Prerequisites\n\nCredentials: an API key, an App Secret.\n\n## Fields\n\n"
        "`api_key`, `credentials`, `secret`, `search`, `search.query`\n\n"
        "## Changelog\n\n| Version | Date |\n|:--|:--|\n| 1.2.3 | 2024-01-01 |\n"
    ),
}

MISTAKES: dict[str, tuple[str, str, str, str, str]] = {
    "file that is not there": ("links", "README.md", "customers.md#", "nobody.md#", "leads to no file"),
    "heading that is not there": ("links", "README.md", "#changelog", "#changes", "leads to no heading"),
    "field that is not mentioned": ("config_fields", PAGE, "`secret`", "", "`secret` of some.yaml is not mentioned"),
    "field of an object that is not mentioned": ("config_fields", PAGE, ".query", "", "`query` of some.yaml is not"),
    "required field not asked for": ("config_fields", PAGE, "an API key", "a key", "required field API key of some"),
    "nested field not asked for": ("config_fields", PAGE, "an App Secret", "more", "required field App Secret of some"),
    "no entry": ("changelogs", "CHANGELOG.md", "1.2.3", "1.2.2", "no entry for version 1.2.3"),
    "no entry on the page": ("changelogs", PAGE, "| 1.2.3", "| 1.2.30", "no entry for version 1.2.3"),
    "no date of the entry": ("changelogs", PAGE, "2024-01-01", "soon", "no entry for version 1.2.3"),
    "file without the test": ("tests", "CONTRIBUTING.md", "test_one", "test_two", "no test_two in test_some.py"),
    "no such file of tests": ("tests", "CONTRIBUTING.md", "test_some", "test_none", "no test_none.py"),
    "JSON that is none": ("snippets", "README.md", "[1]", "[1,]", "cannot be parsed"),
    "white space at the end": ("white_space", "README.md", "# Title", "# Title ", "README.md:1: there is white space"),
    "no line break at the end": ("white_space", "CHANGELOG.md", "First.\n", "First.", "does not end with one line"),
}


def write(root: Path) -> None:
    for name, text in RIGHT.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("check", CHECKS)
def test_documents_have_no_findings(check: str) -> None:
    assert list(CHECKS[check](ROOT)) == []


@pytest.mark.parametrize("check", CHECKS)
def test_documents_without_mistakes_have_no_findings(tmp_path: Path, check: str) -> None:
    write(tmp_path)

    assert list(CHECKS[check](tmp_path)) == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_found(tmp_path: Path, mistake: str) -> None:
    check, name, right, wrong, said = MISTAKES[mistake]
    write(tmp_path)
    text = RIGHT[name]
    assert right in text
    (tmp_path / name).write_text(text.replace(right, wrong), encoding="utf-8")
    find: Callable[[Path], Any] = CHECKS[check]

    [finding] = find(tmp_path)

    assert said in finding


def test_every_check_has_a_mistake_to_find() -> None:
    assert {check for check, *_ in MISTAKES.values()} == set(CHECKS)
