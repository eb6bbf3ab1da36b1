"""Runs Airbyte's own QA checks over the connector, without the network: `make qa`.

The checks (PyPI: airbyte-internal-ops, Python 3.12) expect the layout of Airbyte's repository, so the connector's files
are copied into one. Some of what they do needs the network and is done without:

- whether this version is released is looked up in the registry: it is taken as not released, so that all checks run;
- whether links answer (CheckDocumentationLinks) and whether the version is higher than the released one
  (CheckVersionIncrement) is not checked;
- nor does the check of metadata.yaml ask Docker Hub for the base image and for the images released so far.

The checks of a documentation page's contents apply to connectors that Airbyte supports with a service level of 300 or
more. They are applied here too.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from airbyte_ops_mcp.connector_ops.utils import Connector  # type: ignore[import-not-found]
from airbyte_ops_mcp.connector_qa.checks import ENABLED_CHECKS  # type: ignore[import-not-found]
from airbyte_ops_mcp.connector_qa.models import CheckStatus  # type: ignore[import-not-found]
from airbyte_ops_mcp.metadata_validator import PRE_UPLOAD_VALIDATORS  # type: ignore[import-not-found]

ROOT = Path(__file__).parent.parent
NAME = "source-customers"
NEED_THE_NETWORK = {"CheckDocumentationLinks", "CheckVersionIncrement"}
ASK_DOCKER_HUB = {"validate_metadata_base_images_in_dockerhub", "validate_docker_image_tag_is_not_decremented"}
HIGHEST_SERVICE_LEVEL = 300


def copy_into(repository: Path) -> None:
    """Copy the files of the connector, and its page, to where Airbyte's repository has them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607  # the user's own git
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        is_page = name.startswith("docs/integrations/")
        target = repository / (name if is_page else f"airbyte-integrations/connectors/{NAME}/{name}")
        if (ROOT / name).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)


def main() -> int:
    """Print what each check says, and return the number of those that failed."""
    # No registry is asked; see above.
    PRE_UPLOAD_VALIDATORS[:] = [each for each in PRE_UPLOAD_VALIDATORS if each.__name__ not in ASK_DOCKER_HUB]
    Connector.is_released = False
    Connector.ab_internal_sl = HIGHEST_SERVICE_LEVEL
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy_into(Path(folder))
        os.chdir(folder)
        for check in ENABLED_CHECKS:
            if type(check).__name__ in NEED_THE_NETWORK:
                print(f"⏭ Left out, needs the network - {check.name}")
                continue
            try:
                result = check.run(Connector(NAME))
            except KeyError as missing:  # what a check takes for granted, such as [tool.poetry]
                print(f"{CheckStatus.FAILED.value} - {check.name}: {missing} is missing")
                failed += 1
                continue
            failed += result.status is CheckStatus.FAILED
            print(f"{result.status.value} - {check.name}: {result.message}")
        os.chdir(ROOT)
    print(f"{failed} of {len(ENABLED_CHECKS) - len(NEED_THE_NETWORK)} checks failed.")
    return failed


if __name__ == "__main__":
    sys.exit(main() > 0)
