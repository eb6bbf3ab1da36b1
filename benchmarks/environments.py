"""The peers' own environments, so that none decides which versions another one gets."""

import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.server import ROOT

# The version of the CDK is the one that the figures are about; the others are the latest there are.
PACKAGES = {
    "dlt": "dlt",
    "singer": "singer-sdk",
    "manifest": "airbyte-cdk==7.39.1",
    "chart": "matplotlib",
}


def folder(name: str) -> Path:
    return ROOT / f".venv-bench-{name}"


def script(name: str, program: str = "python") -> Path:
    """A program of an environment."""
    return folder(name) / "bin" / program


def exists(name: str) -> bool:
    """Whether an environment was set up to the end."""
    return (folder(name) / ".installed").exists()


def set_up(name: str, *, upgrade: bool = False) -> None:
    """Install a peer, unless that was done before; an upgrade brings the latest version."""
    if exists(name) and not upgrade:
        return
    sys.stderr.write(f"Installing {PACKAGES[name]} into {folder(name).name}\n")
    if not script(name).exists():
        venv.create(folder(name), with_pip=True)
    pip: list[str | Path] = [script(name), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--upgrade", PACKAGES[name]], check=True)
    (folder(name) / ".installed").touch()


def version(name: str) -> str:
    """What is installed, as `package version`."""
    package = PACKAGES[name].partition("=")[0]
    code = f"from importlib.metadata import version; print(version({package!r}))"
    found = subprocess.run([script(name), "-c", code], capture_output=True, text=True, check=True)
    return f"{package} {found.stdout.strip()}"
