"""What the image does, without a container engine.

The platform installs the project into an empty Python 3.13, as one user, and runs `source-customers "$@"` as another,
from another folder, with a config that may only be read. Here the same is done with a wheel and a folder of its own:
nobody's user, no home, read-only folders, and not a byte that may be written to any file.
"""

import ast
import importlib.metadata
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integration_tests.connector import Outcome, configured_catalog
from integration_tests.installation import ROOT, Installation
from integration_tests.sandbox import Sandbox

USER = "nobody"
READ_ONLY_FILE, READ_ONLY_FOLDER = 0o444, 0o555


@dataclass(frozen=True)
class Image:
    """The installed connector, and folders that whoever runs it can read but not change."""

    command: Path
    work: Path
    files: Path

    def run(self, *arguments: str, **files: Any) -> Outcome:
        """Run a command as a container does, with the given contents in read-only files."""
        options = [*arguments]
        for name, content in files.items():
            path = self.files / f"{name}.json"
            path.unlink(missing_ok=True)
            path.write_text(json.dumps(content), encoding="utf-8")
            path.chmod(READ_ONLY_FILE)
            options += [f"--{name}", str(path)]
        done = subprocess.run(
            [self.command, *options],
            cwd=self.work,
            env={"PATH": os.defpath, "HOME": str(self.work), "TMPDIR": str(self.work), "AIRBYTE_OFFLINE_MODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            preexec_fn=forbid_writing,  # no threads that hold a lock it needs
            **other_user(),
        )
        return Outcome(done.stdout, done.returncode, done.stderr)


def forbid_writing() -> None:
    """Let no regular file grow: standard output, a pipe, is all that can be written to."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def other_user() -> dict[str, Any]:
    """Who runs the connector: whoever runs the tests, unless that is root, who may write anywhere."""
    return {"user": USER, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def may_run(python: str, path: Path) -> bool:
    """Whether that user can run an interpreter, of the version that runs the tests, and read a folder."""
    code = f"import os, sys; os.listdir({str(path)!r}); sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    try:
        return subprocess.run([python, "-c", code], check=False, capture_output=True, **other_user()).returncode == 0
    except (OSError, LookupError):
        return False


@pytest.fixture(scope="module")
def image(installation: Installation) -> Iterator[Image]:
    packages = Path(sysconfig.get_path("purelib"))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [os.path.realpath(sys.executable), shutil.which(version, path=os.defpath), f"/usr/local/bin/{version}"]
    python = next((each for each in candidates if each and may_run(each, packages)), None)
    if python is None:
        pytest.skip(f"no {version}, or not the packages beside it, can be run and read by the user {USER}")
    # Not in pytest's own folder for temporary files, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="source-customers-image-"))
    folder.chmod(0o755)
    try:
        yield installed(installation.wheel, folder, python, packages)
    finally:
        for each in folder.iterdir():
            each.chmod(0o755)
        shutil.rmtree(folder)


def installed(wheel: Path, folder: Path, python: str, packages: Path) -> Image:
    """Install the wheel into an empty environment; the dependencies are those of the tests' own."""
    environment, work, files = folder / "environment", folder / "work", folder / "files"
    subprocess.run([python, "-m", "venv", "--without-pip", environment], check=True, capture_output=True)
    [site_packages] = environment.glob("lib/*/site-packages")
    (site_packages / "dependencies.pth").write_text(f"{packages}\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "--quiet"]
    subprocess.run([*pip, "install", "--no-index", "--no-deps", wheel], check=True, capture_output=True)
    for each in (work, files):
        each.mkdir()
    work.chmod(READ_ONLY_FOLDER)
    return Image(environment / "bin" / "source-customers", work, files)


def contents(folder: Path) -> set[tuple[str, float]]:
    return {(str(path), path.stat().st_mtime) for path in folder.rglob("*") if path.is_file()}


def test_spec_check_discover_and_read_write_nothing_but_their_messages(image: Image, sandbox: Sandbox) -> None:
    config, environment = sandbox.config("caoloon"), image.command.parent.parent
    before = contents(environment)

    spec = image.run("spec")
    check = image.run("check", config=config)
    discover = image.run("discover", config=config)

    assert [len(outcome.of_type(kind)) for outcome, kind in ((spec, "SPEC"), (discover, "CATALOG"))] == [1, 1]
    assert check.status == ("SUCCEEDED", None)
    assert [outcome.errors_output for outcome in (spec, check, discover)] == ["", "", ""]
    assert contents(environment) == before
    assert list(image.work.iterdir()) == []


@pytest.mark.parametrize("provider", ["caoloon", "coredination", "mijnklantportaal", "valomnia"])
def test_a_read_goes_on_from_its_state(image: Image, sandbox: Sandbox, provider: str) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    files = {"config": sandbox.config(provider), "catalog": configured_catalog()}

    first = image.run("read", **files)
    second = image.run("read", **files, state=first.last_state)

    for outcome in (first, second):
        assert outcome.is_complete, outcome.output[-2000:]
        assert outcome.errors_output == ""
    assert len(first.rows()) >= 200
    assert list(image.work.iterdir()) == []


def test_an_error_needs_no_file_either(image: Image, sandbox: Sandbox) -> None:
    outcome = image.run("read", config=sandbox.config("caoloon", api_token="wrong"), catalog=configured_catalog())

    assert outcome.exit_code == 1
    assert outcome.stream_errors[0][0] == "config_error"
    assert list(image.work.iterdir()) == []


def test_the_user_and_the_limits_are_what_they_are_meant_to_be(image: Image) -> None:
    """Otherwise the tests above would prove nothing."""
    code = (
        "import os, pathlib\n"
        "print(os.geteuid())\n"
        "for path in ('/tmp/source-customers-image-written', 'written'):\n"
        "    try:\n"
        "        pathlib.Path(path).write_text('x')\n"
        "    except OSError as refused:\n"
        "        print(type(refused).__name__)\n"
        "    pathlib.Path(path).unlink(missing_ok=True)\n"
    )
    python = image.command.with_name("python")

    said = Image(python, image.work, image.files).run("-c", code).output.splitlines()

    assert int(said[0]) != 0
    assert said[1:] == ["OSError", "PermissionError"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 cannot tell which distribution brings a package")
def test_every_package_that_is_imported_is_installed_with_the_connector() -> None:
    """The image has what pyproject.toml names, and no more: not what tests and examples bring."""
    required = {
        re.match(r"[\w.-]+", line).group().lower()  # type: ignore[union-attr]  # every requirement begins with a name
        for line in importlib.metadata.requires("airbyte-source-customers") or []
        if "extra ==" not in line
    }
    distributions = importlib.metadata.packages_distributions()

    missing = {
        package
        for path in (ROOT / "source_customers").rglob("*.py")
        for package in imported_packages(path)
        if package not in {*sys.stdlib_module_names, "source_customers"}
        and not required & lower(distributions.get(package, []))
    }

    assert missing == set()


def imported_packages(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {
        name.split(".")[0] for name in plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    }


def lower(names: list[str]) -> set[str]:
    return {name.lower() for name in names}
