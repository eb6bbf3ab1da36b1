"""The defaults of a config, which stand once, in the manifest's spec."""

from collections.abc import Mapping
from typing import Any


def with_defaults(config: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config with the default of each field that it does not have.

    Args:
        config: the provider's flat config, or an object inside it.
        properties: its fields in the spec, as JSON schemas.
    """
    whole = dict(config)
    for name, rule in properties.items():
        if "properties" in rule:
            inner = with_defaults(config.get(name, {}), rule["properties"])
            whole.update({name: inner} if inner else {})
        elif "default" in rule:
            whole.setdefault(name, rule["default"])
    return whole
