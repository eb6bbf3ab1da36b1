"""Takes configs of earlier versions along, so that nobody has to type theirs again.

Each migration is a function that gets a config and returns what it is today, or the same object where it has nothing to
do. They run in order, so a config of any age passes through all that came after it. The platform is told by a CONTROL
message and keeps the new config; the config file itself is left alone, which may be read-only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Config = Mapping[str, Any]
Migration = Callable[[Config], Config]


def _provider_object(config: Config) -> Config:
    """0.0 had the provider's name and its fields side by side: `{"provider": "caoloon", "api_token": "..."}`."""
    name = config.get("provider")
    if not isinstance(name, str):
        return config
    fields = {field: value for field, value in config.items() if field != "provider"}
    return {"provider": {"name": name, **fields}}


MIGRATIONS: Sequence[Migration] = (_provider_object,)


def migrated(config: Config) -> Config:
    """Return a config as this version has it; the same object where it is that already."""
    for migration in MIGRATIONS:
        config = migration(config)
    return config
