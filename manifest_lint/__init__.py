"""Finds in a manifest what the CDK lets pass in silence: `python -m manifest_lint manifests/*.yaml`."""

from manifest_lint.lint import lint

__all__ = ["lint"]
