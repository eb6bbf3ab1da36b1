"""The connector as its users install it: built, and run without the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# PyAirbyte brings DuckDB and SQLAlchemy along.
WITHOUT_PYAIRBYTE = "PyAirbyte is not installed: it supports Python 3.10 to 3.12"
needs_pyairbyte = pytest.mark.skipif(find_spec("airbyte") is None, reason=WITHOUT_PYAIRBYTE)


@dataclass(frozen=True)
class Installation:
    """The wheel, installed in an environment of its own."""

    wheel: Path
    scripts: Path
    package: Path

    def run(self, script: str, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        """Run a command of the environment from a folder, without what the caller's environment adds to it."""
        return subprocess.run(
            [self.scripts / script, *arguments],
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    dist, environment = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("environment")
    # The wheel is made from the source distribution: both are complete, or this fails.
    run_python("-m", "hatchling", "build", "--target", "sdist", "--directory", str(dist), folder=ROOT)
    [source] = dist.glob("*.tar.gz")
    shutil.unpack_archive(source, dist)
    unpacked = dist / source.name.removesuffix(".tar.gz")
    run_python("-m", "hatchling", "build", "--target", "wheel", "--directory", str(dist), folder=unpacked)
    [wheel] = dist.glob("*.whl")
    venv.create(environment, with_pip=False, symlinks=True)
    scripts = environment / "bin"
    [packages] = environment.glob("lib/*/site-packages")
    # The dependencies are those of the environment that runs the tests. What a .pth file names is searched last, and
    # .pth files in there are not followed: the checkout, which is installed as editable, stays out of sight.
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    pip = ["-m", "pip", "--python", str(scripts / "python"), "--quiet", "--disable-pip-version-check"]
    run_python(*pip, "install", "--no-index", "--no-deps", str(wheel), folder=dist)
    return Installation(wheel, scripts, packages / "source_customers")


def run_python(*arguments: str, folder: Path) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
