"""What makes the start quick does no harm when the packages that it knows about have changed."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from integration_tests.connector import Outcome, configured_catalog
from integration_tests.installation import ROOT
from integration_tests.sandbox import Sandbox

PACKAGES = ("attributes_doc", "serpyco_rs")
# Text of the two packages, and what a later release may have instead of it.
CHANGES = {
    "renamed": {r"\bget_attributes_doc\b": "docstrings_of_fields"},
    "another signature": {
        r"get_attributes_doc\(cls: type\)": "get_attributes_doc(cls: type, *, inherited: bool)",
        r"lru_cache\(_get_attributes_doc\)": "lru_cache(lambda cls: _get_attributes_doc(cls, inherited=True))",
    },
    "another answer": {
        r"def get_attributes_doc\(.*:\n": (
            "def get_attributes_doc(cls: type) -> list[tuple[str, str]]:\n"
            "    return [('origin', 'the package'), *docstrings(cls).items()]\n"
            "def docstrings(cls):\n"
        ),
        r"lru_cache\(_get_attributes_doc\)": (
            "lru_cache(lambda cls: dict([_get_attributes_doc(cls)[0], *_get_attributes_doc(cls)[1:]]))"
        ),
    },
    "gone": {
        r"from \._base import ": "raise ImportError('gone')\nfrom ._base import ",
        r"from attributes_doc import .*": "_get_attributes_doc = lambda cls: {}",
    },
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_every_command_works_as_before(sandbox: Sandbox, tmp_path: Path, changes: dict[str, str]) -> None:
    packages, config, catalog = tmp_path / "packages", tmp_path / "config.json", tmp_path / "catalog.json"
    copy_packages(packages, changes)
    config.write_text(json.dumps(sandbox.config("caoloon")), encoding="utf-8")
    catalog.write_text(json.dumps(configured_catalog()), encoding="utf-8")
    with_config = ["--config", str(config)]
    read = ["read", *with_config, "--catalog", str(catalog)]
    # One process for all of them, since each start takes a second.
    code = (
        "from source_customers.run import run\n"
        f"for command in {[['spec'], ['check', *with_config], ['discover', *with_config], read]}:\n"
        "    run(command)\n"
        "import serpyco_rs\n"
        f"assert serpyco_rs.__file__.startswith({str(packages)!r}), 'the changed packages are not used'\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(packages), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    outcome = Outcome(done.stdout, done.returncode, done.stderr)
    assert [len(outcome.of_type(kind)) for kind in ("SPEC", "CATALOG")] == [1, 1]
    assert outcome.status == ("SUCCEEDED", None)
    assert {row["guid"] for row in outcome.rows()} == sandbox.caoloon.listed().keys()


def copy_packages(folder: Path, changes: dict[str, str]) -> None:
    """Copy the packages into a folder and change them; every change must find its text."""
    found = set()
    for name in PACKAGES:
        spec = find_spec(name)
        assert spec
        assert spec.origin
        shutil.copytree(Path(spec.origin).parent, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for old, new in changes.items():
            text, count = re.subn(old, new, text)
            found |= {old} if count else set()
        path.write_text(text, encoding="utf-8")
    assert found == changes.keys()
