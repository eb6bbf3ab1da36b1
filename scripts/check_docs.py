"""Checks what the documents say against what there is: links, config fields, versions, tests, JSON, white space.

`python scripts/check_docs.py` prints one finding a line and ends with status 1 when there is any.
"""

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
PAGE = "docs/integrations/sources/customers.md"
NEXT_SECTION = "\n## "


def main() -> int:
    """Print the findings of every check, and return their number."""
    findings = [finding for check in CHECKS for finding in check(ROOT)]
    for finding in findings:
        print(finding)
    return len(findings)


def documents(root: Path) -> dict[str, str]:
    """Return the documents that people read, by their path."""
    paths = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("dbt/*.md")]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}


def links(root: Path) -> Iterator[str]:
    """Find links that lead to no file, or to no heading of this repository."""
    texts = documents(root)
    for name, text in texts.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text)):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            path = (root / name).parent / file if file else root / name
            if not path.exists():
                yield f"{name}: the link {target} leads to no file."
            elif anchor and anchor not in anchors(path.read_text(encoding="utf-8")):
                yield f"{name}: the link {target} leads to no heading."


def config_fields(root: Path) -> Iterator[str]:
    """Find fields of a manifest's spec that the docs page does not mention, and required ones not asked for."""
    page = documents(root).get(PAGE, "")
    prerequisites = section(page, "Prerequisites").lower()
    for path in sorted(root.glob("manifests/*.yaml")):
        spec = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]["connection_specification"]
        for name, field, is_required in fields(spec):
            if not re.search(rf"[`\".]{re.escape(name)}[`\"]", page):
                yield f"{PAGE}: the field `{name}` of {path.name} is not mentioned."
            if is_required and field.get("title", name).lower() not in prerequisites:
                yield f"{PAGE}: Prerequisites do not name the required field {field.get('title', name)} of {path.name}."


def fields(spec: Mapping[str, Any], *, is_needed: bool = True) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Yield name, rule and whether it is required of each field, those of nested objects included.

    A field that an object requires is not, where nobody needs the object.
    """
    for name, field in spec.get("properties", {}).items():
        is_required = is_needed and name in spec.get("required", [])
        yield name, field, is_required and "const" not in field
        for branch in [field, *field.get("oneOf", [])]:
            yield from fields(branch, is_needed=is_required)


def changelogs(root: Path) -> Iterator[str]:
    """Find changelogs without an entry for the version of the package."""
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    [version] = re.findall(r'^version = "(.+)"$', project, re.MULTILINE)
    texts = documents(root)
    if f"\n## {version}\n" not in re.sub(r"(\n## \S+) .*", r"\1", texts.get("CHANGELOG.md", "")):
        yield f"CHANGELOG.md: there is no entry for version {version}."
    if not re.search(
        rf"^\| {re.escape(version)} \| \d{{4}}-\d\d-\d\d \|", section(texts.get(PAGE, ""), "Changelog"), re.MULTILINE
    ):
        yield f"{PAGE}: there is no entry for version {version} in the changelog."


def tests(root: Path) -> Iterator[str]:
    """Find tests that a document names, as `test_file.py::test_name`, and that do not exist."""
    for name, text in documents(root).items():
        for file, test in re.findall(r"`(?:\w+/)*(test_\w+\.py)(?:::(\w+))?`", text):
            paths = [path for folder in ("unit_tests", "integration_tests") for path in (root / folder).rglob(file)]
            if not paths:
                yield f"{name}: there is no {file}."
            elif test and not any(test in functions(path) for path in paths):
                yield f"{name}: there is no {test} in {file}."


def functions(path: Path) -> set[str]:
    """Return the names of a module's functions and methods."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def snippets(root: Path) -> Iterator[str]:
    """Find JSON in the documents that cannot be parsed."""
    for name, text in documents(root).items():
        for indent, code in re.findall(r"^( *)```json\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
            try:
                json.loads(code)
            except ValueError as mistake:
                first = code.removeprefix(indent).splitlines()[0]
                yield f"{name}: the JSON that begins with {first} cannot be parsed: {mistake}."


def white_space(root: Path) -> Iterator[str]:
    """Find white space at the end of a line, and files that do not end with one line break."""
    for name, text in documents(root).items():
        for number, line in enumerate(text.split("\n"), start=1):
            if line != line.rstrip():
                yield f"{name}:{number}: there is white space at the end of the line."
        if not text.endswith("\n") or text.endswith("\n\n"):
            yield f"{name}: the file does not end with one line break."


def without_code(text: str) -> str:
    """Return a document without its code, in which brackets are no links."""
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", without_blocks(text))


def anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, as they are made from the text."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def without_blocks(text: str) -> str:
    """Return a document without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    return text.partition(f"\n## {heading}\n")[2].partition(NEXT_SECTION)[0]


CHECKS: tuple[Callable[[Path], Iterator[str]], ...] = (
    links,
    config_fields,
    changelogs,
    tests,
    snippets,
    white_space,
)

if __name__ == "__main__":
    sys.exit(main() > 0)
