"""Prints one finding a line, and ends with status 1 when there is any."""

import sys
from pathlib import Path

from manifest_lint.lint import lint

names = sys.argv[1:] or sys.exit("Name the manifests: python -m manifest_lint manifests/*.yaml")
findings = [f"{name}: {finding}" for name in names for finding in lint(Path(name).read_text(encoding="utf-8"))]
sys.stdout.writelines(f"{finding}\n" for finding in findings)
sys.exit(bool(findings))
