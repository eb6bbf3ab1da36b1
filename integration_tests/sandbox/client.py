"""A bare client of the sandbox that has the right credentials, to look at single answers."""

from collections.abc import Mapping

import requests

from integration_tests.sandbox.sandbox import Sandbox

TIMEOUT = 10
LISTS = {
    "caoloon": "/portal/customer/",
    "mijnklantportaal": "/v1/customers",
    "coredination": "/api/1/customer",
    "valomnia": "/api/v1.0/customers",
}


def credentials(sandbox: Sandbox, name: str) -> dict[str, str]:
    """The headers that a provider admits; for Valomnia, of a session that is opened for them."""
    if name == "caoloon":
        return {"authorization": f"Token {sandbox.caoloon.token}"}
    if name == "mijnklantportaal":
        return {"authorization": f"Bearer {sandbox.mijnklantportaal.api_key}"}
    if name == "coredination":
        return {"api-key": sandbox.coredination.api_key}
    session = log_in(sandbox).cookies.get("JSESSIONID", path=sandbox.valomnia.cookie_paths[0])
    return {"cookie": f"JSESSIONID={session}"}


def log_in(sandbox: Sandbox, **fields: str) -> requests.Response:
    """Valomnia's form login, with the right fields unless others are given."""
    form = {"j_username": sandbox.valomnia.username, "j_password": sandbox.valomnia.password, "ajax": "true", **fields}
    address = f"{sandbox.url}/j_spring_security_check"
    return requests.post(address, data=form, allow_redirects=False, timeout=TIMEOUT)


def ask(
    sandbox: Sandbox,
    name: str,
    query: str = "",
    *,
    path: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> requests.Response:
    """One request for the list of customers, or for another path of the API; redirects are not followed."""
    address = f"{sandbox.url}{path or LISTS[name]}{f'?{query}' if query else ''}"
    sent = {**credentials(sandbox, name), **(headers or {})}
    return requests.get(address, headers=sent, allow_redirects=False, timeout=TIMEOUT)
