"""The catalogue of manifests: which providers there are, found by looking, and the spec composed of theirs.

Nothing here needs the CDK, so that `spec` answers without importing it.
"""

from collections.abc import Iterable, Mapping
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


@cache
def load_manifest(provider: str) -> Mapping[str, Any]:
    """Return a provider's manifest as its file says it. It is read once, so nobody may change what is returned.

    Raises:
        KeyError: there is no such provider.
    """
    with manifest_paths()[provider].open(encoding="utf-8") as file:
        manifest: Mapping[str, Any] = yaml.load(file, Loader=_Loader)  # noqa: S506  # the C twin of the safe loader
    return manifest


def provider_spec(provider: str) -> Mapping[str, Any]:
    """Return the JSON schema of a provider's flat config, as its manifest gives it."""
    spec: Mapping[str, Any] = load_manifest(provider)["spec"]["connection_specification"]
    return spec


def connection_specification(providers: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the connector's spec: an object whose `provider` is one of the manifests' own specs.

    Args:
        providers: the providers to name, where these are enough: reading a manifest takes tens of milliseconds. None
            for all that there are.
    """
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
                "oneOf": [_branch(provider) for provider in (manifest_paths() if providers is None else providers)],
            }
        },
    }


def specification(providers: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the spec message's content: the connection specification, and where the documentation is."""
    return {"documentationUrl": DOCUMENTATION_URL, "connectionSpecification": connection_specification(providers)}


def _branch(provider: str) -> dict[str, Any]:
    spec = {key: value for key, value in provider_spec(provider).items() if key != "$schema"}
    name = {"type": "string", "const": provider, "default": provider, "order": 0}
    return {
        **spec,
        "required": ["name", *spec.get("required", [])],
        "properties": {"name": name, **spec["properties"]},
    }
