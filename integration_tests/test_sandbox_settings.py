"""Settings over HTTP, for another process."""

from typing import Any

import pytest
import requests

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import LISTS, TIMEOUT, ask


def set_over_http(sandbox: Sandbox, provider: str, **settings: Any) -> requests.Response:
    return requests.post(f"{sandbox.url}/_sandbox/{provider}/settings", json=settings, timeout=TIMEOUT)


@pytest.mark.parametrize("name", LISTS)
def test_every_provider_has_these(sandbox: Sandbox, name: str) -> None:
    settings = {
        "clock_skew": 3600,
        "date_header": False,
        "equals": "shuffled",
        "busy_every": 2,
        "busy_changes": ["insert"],
        "extra_fields": {"vatNumber": {"country": "NL"}},
        "latency": 0.01,
        "max_page_size": 3,
    }

    assert set_over_http(sandbox, name, **settings).status_code == 204

    api = sandbox.providers[name]
    assert {setting: getattr(api, setting) for setting in settings} == settings
    assert "vatNumber" in ask(sandbox, name).text
    sandbox.reset()
    assert (api.clock_skew, api.equals, api.busy_every, api.extra_fields) == (0.0, "stable", None, {})


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("valomnia", {"ignored_sorts": ["id"], "refused_sorts": ["name"], "cookie_paths": ["/", "/api"]}),
        ("valomnia", {"session_requests": 3}),
        ("mijnklantportaal", {"rotate_refresh_token": True, "refused_grant_status": 401, "rate_limit": None}),
        ("mijnklantportaal", {"grant_fields": {"expires_in": 1e300}, "grant_without": ["access_token"]}),
        ("mijnklantportaal", {"scopes": ["customers.read"], "appointments_max_days": 30, "appointments_zone": "UTC"}),
        ("coredination", {"last_modified_as": "iso", "last_modified": "some", "job_paging": False}),
        ("caoloon", {"list_order": "guid", "token": "other"}),
    ],
)
def test_and_settings_of_its_own(sandbox: Sandbox, name: str, settings: dict[str, Any]) -> None:
    assert set_over_http(sandbox, name, **settings).status_code == 204
    assert {setting: getattr(sandbox.providers[name], setting) for setting in settings} == settings


def test_an_account_is_busy_until_told_otherwise(sandbox: Sandbox) -> None:
    set_over_http(sandbox, "caoloon", busy_every=1, busy_changes=["insert"])
    ask(sandbox, "caoloon")
    set_over_http(sandbox, "caoloon", busy_every=None)
    ask(sandbox, "caoloon")

    assert len(sandbox.caoloon.rows) == 251


@pytest.mark.parametrize(
    "wrong",
    [
        {"no_such_setting": 1},
        {"equals": "sorted"},
        {"clock_skew": "3600"},
        {"date_header": 1},
        {"busy_changes": ["upsert"]},
        {"before_answer": None},
        {"name": "other"},
        {"world": None},
        {"list_field": None},
    ],
)
def test_a_mistake_changes_nothing(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    refused = set_over_http(sandbox, "caoloon", latency=9.0, **wrong)

    assert refused.status_code == 400
    assert refused.json()["error"]
    assert sandbox.caoloon.latency == 0.0
    assert set_over_http(sandbox, "acme", latency=9.0).status_code == 404
