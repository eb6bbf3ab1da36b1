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


_FILTERS_OF_CUSTOMERS: Mapping[str, Mapping[str, str]] = {
    "caoloon": {field: field for field in ("statuses", "archived", "only_helped", "only_favorites", "contains")},
    "valomnia": {
        "active_only": "active_only",
        "customer_name": "name",
        "reference": "reference",
        "category_reference": "category_reference",
    },
}


def _filters_of_customers(config: Config) -> Config:
    """0.1 had the filters of customers beside the provider's fields: `{"provider": {"active_only": true, ...}}`."""
    provider = config.get("provider")
    if not isinstance(provider, Mapping):
        return config
    moved = _FILTERS_OF_CUSTOMERS.get(str(provider.get("name")), {})
    filters = {name: provider[field] for field, name in moved.items() if field in provider}
    given = provider.get("customers", {})
    if not filters or not isinstance(given, Mapping):
        return config
    fields = {field: value for field, value in provider.items() if field not in moved}
    return {**config, "provider": {**fields, "customers": {**filters, **given}}}


def _active_or_any(config: Config) -> Config:
    """0.2 had a switch where there are three choices today: `{"customers": {"active_only": true}}`."""
    provider = config.get("provider")
    if not isinstance(provider, Mapping) or provider.get("name") != "valomnia":
        return config
    filters = provider.get("customers")
    if not isinstance(filters, Mapping) or not isinstance(filters.get("active_only"), bool):
        return config
    chosen = {"is_active": "active"} if filters["active_only"] else {}
    others = {field: value for field, value in filters.items() if field != "active_only"}
    return {**config, "provider": {**provider, "customers": {**chosen, **others}}}


MIGRATIONS: Sequence[Migration] = (_provider_object, _filters_of_customers, _active_or_any)


def migrated(config: Config) -> Config:
    """Return a config as this version has it; the same object where it is that already."""
    for migration in MIGRATIONS:
        config = migration(config)
    return config
