"""A config of an earlier version becomes what it is today; a config of today stays the object that it is."""

from typing import Any

import pytest

from source_customers.config.migrations import migrated


def valomnia(**fields: Any) -> dict[str, Any]:
    return {"provider": {"name": "valomnia", "username": "user", **fields}}


@pytest.mark.parametrize(
    ("earlier", "today"),
    [
        (valomnia(active_only=True), valomnia(customers={"is_active": "active"})),
        (valomnia(active_only=False), valomnia(customers={})),
        (valomnia(customers={"active_only": True}), valomnia(customers={"is_active": "active"})),
        (valomnia(customers={"active_only": False}), valomnia(customers={})),
        (
            valomnia(customers={"active_only": True, "name": "A*"}),
            valomnia(customers={"is_active": "active", "name": "A*"}),
        ),
        (
            valomnia(customers={"active_only": True, "is_active": "inactive"}),
            valomnia(customers={"is_active": "inactive"}),
        ),
        (
            {"provider": "valomnia", "username": "user", "active_only": True},
            valomnia(customers={"is_active": "active"}),
        ),
    ],
    ids=["0.1 on", "0.1 off", "0.2 on", "0.2 off", "beside another filter", "beside the choice of today", "0.0"],
)
def test_the_switch_for_active_customers_becomes_a_choice(earlier: dict[str, Any], today: dict[str, Any]) -> None:
    assert migrated(earlier) == today


@pytest.mark.parametrize(
    "config",
    [
        valomnia(),
        valomnia(customers={"is_active": "active"}),
        valomnia(customers={"active_only": "yes"}),
        valomnia(customers="active_only"),
        {"provider": {"name": "caoloon", "customers": {"active_only": True}}},
        {"provider": None},
        {},
    ],
)
def test_a_config_that_needs_nothing_or_is_wrong_stays_the_same_object(config: dict[str, Any]) -> None:
    assert migrated(config) is config
