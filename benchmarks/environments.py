"""The environment of the connector and of each peer, as a user has it: none decides what another one finds there."""

import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from benchmarks.server import ROOT

# The plain manifest has the CDK that the connector has; the peers are the latest there are.
PACKAGES: dict[str, Sequence[str | Path]] = {
    # Without what the tests and the demo need: where boto3 is there, the CDK imports it, for a tenth of a second.
    "ours": ("--constraint", ROOT / "requirements.lock", "--editable", ROOT),
    "dlt": ("dlt",),
    "singer": ("singer-sdk",),
    "manifest": ("airbyte-cdk==7.39.1",),
    "chart": ("matplotlib",),
}


def folder(name: str) -> Path:
    """Where an environment is; every Python has its own."""
    major, minor = sys.version_info[:2]
    return ROOT / f".venv-bench-{name}-{major}.{minor}"


def script(name: str, program: str = "python") -> Path:
    """A program of an environment."""
    return folder(name) / "bin" / program


def exists(name: str) -> bool:
    """Whether an environment was set up to the end."""
    return (folder(name) / ".installed").exists()


def set_up(name: str, *, upgrade: bool = False) -> None:
    """Make an environment, unless that was done before; an upgrade brings the latest version."""
    if exists(name) and not upgrade:
        return
    sys.stderr.write(f"Installing {folder(name).name}\n")
    if not script(name).exists():
        venv.create(folder(name), with_pip=True)
    pip: list[str | Path] = [script(name), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--upgrade", *PACKAGES[name]], check=True)
    (folder(name) / ".installed").touch()


def version(name: str) -> str:
    """What a peer's environment has, as `package version`."""
    package = str(PACKAGES[name][0]).partition("=")[0]
    code = f"from importlib.metadata import version; print(version({package!r}))"
    found = subprocess.run([script(name), "-c", code], capture_output=True, text=True, check=True)
    return f"{package} {found.stdout.strip()}"
