"""The catalogue of manifests: which providers there are, found by looking, and the spec composed of theirs.

Nothing here needs the CDK, so that `spec` answers without importing it.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

DOCUMENTATION_URL = "https://docs.airbyte.com/integrations/sources/customers"

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def manifest_paths() -> dict[str, Path]:
    """Return the manifest of each provider, by the provider's name, in the order of the names."""
    package = Path(__file__).parent.parent
    # Installed inside the package; in a checkout, which is installed as editable, beside it.
    installed = package / "manifests"
    folder = installed if installed.is_dir() else package.parent / "manifests"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_manifest(provider: str) -> dict[str, Any]:
    """Return a provider's manifest, freshly read: the framework changes what it is given.

    Raises:
        KeyError: there is no such provider.
    """
    with manifest_paths()[provider].open(encoding="utf-8") as file:
        manifest: dict[str, Any] = yaml.load(file, Loader=_Loader)  # noqa: S506  # the C twin of the safe loader
    return manifest


@cache
def provider_spec(provider: str) -> dict[str, Any]:
    """Return the JSON schema of a provider's flat config, as its manifest gives it."""
    spec: dict[str, Any] = load_manifest(provider)["spec"]["connection_specification"]
    return spec


def connection_specification() -> dict[str, Any]:
    """Return the connector's spec: an object whose `provider` is one of the manifests' own specs."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Customers",
        "type": "object",
        "required": ["provider"],
        "additionalProperties": True,
        "properties": {
            "provider": {
                "type": "object",
                "title": "Provider",
                "description": "The system to read customers from.",
                "order": 0,
                "oneOf": [_branch(provider) for provider in manifest_paths()],
            }
        },
    }


def specification() -> dict[str, Any]:
    """Return the spec message's content: the connection specification, and where the documentation is."""
    return {"documentationUrl": DOCUMENTATION_URL, "connectionSpecification": connection_specification()}


def _branch(provider: str) -> dict[str, Any]:
    spec = {key: value for key, value in provider_spec(provider).items() if key != "$schema"}
    name = {"type": "string", "const": provider, "default": provider, "order": 0}
    return {
        **spec,
        "required": ["name", *spec.get("required", [])],
        "properties": {"name": name, **spec["properties"]},
    }
