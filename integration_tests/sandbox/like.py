"""A probe's report as settings of the sandbox, so that what was found in the field can be looked at here."""

from collections.abc import Mapping
from typing import Any

from integration_tests.sandbox.provider import Provider
from integration_tests.sandbox.sandbox import Sandbox
from integration_tests.sandbox.settings import apply, setting_names

BY_KEY = {"caoloon": "guid", "coredination": "id"}
"""How the settings of these call the order of the key; of Valomnia the order can be asked for."""


def behave_like(sandbox: Sandbox, report: Any) -> dict[str, Any]:
    """Make a provider behave as a report says, and return the settings.

    What was found of one list is set for all of them: the first one that something was found of counts.

    Raises:
        ValueError: It is no report, or of a provider that the sandbox does not have.
    """
    if not isinstance(report, dict) or not isinstance(report.get("streams"), dict):
        raise ValueError("it is no report of a probe")
    provider = sandbox.providers.get(str(report.get("provider")))
    if provider is None:
        raise ValueError("the sandbox does not have its provider")
    found: dict[str, Any] = {}
    for stream in report["streams"].values():
        found = {**stream.get("found", {}), **found}
    settings = {**_known(provider, found), **_order(provider, found), **_refused(report)}
    try:
        apply(provider, settings)
    except ValueError:
        raise ValueError("something in it is no setting of the sandbox") from None
    return settings


def _known(provider: Provider, found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name in setting_names(provider)}


def _order(provider: Provider, found: Mapping[str, Any]) -> dict[str, Any]:
    order = found.get("order")
    if provider.name in BY_KEY:
        return {"list_order": BY_KEY[provider.name] if order == "key" else order} if order else {}
    return {"ignored_sorts": ["id"]} if found.get("order_ignored") and provider.name == "valomnia" else {}


def _refused(report: Mapping[str, Any]) -> dict[str, Any]:
    refused = [
        finding["stream"]
        for finding in report.get("findings", [])
        if (finding["id"], finding["verdict"]) == ("access", "contradicted")
    ]
    return {"refused_streams": refused} if refused else {}
