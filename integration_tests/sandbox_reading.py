"""All that the sandbox answers for a stream, read in the plainest way."""

from collections.abc import Iterator
from typing import Any

import requests

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import TIMEOUT, credentials
from integration_tests.sandbox.data.samples import samples
from integration_tests.sandbox.provider import Provider

PROVIDERS = ("caoloon", "mijnklantportaal", "coredination", "valomnia")
STREAMS = [(provider, stream) for provider in PROVIDERS for stream in samples(provider)]
EVERYTHING = {"caoloon": "pageSize=500", "coredination": "limit=500&inactive&invoiced", "valomnia": "max=500"}
PARENTS = {
    "payment_link_payments": "payment_links",
    "issued_punch_cards": "punch_cards",
    "ticket_messages": "tickets",
    "customer_details": "customers",
    "job_details": "jobs",
    "collective_labour_agreement_details": "collective_labour_agreements",
    "inquiry_pay_equity_details": "inquiries_pay_equity",
}
NESTED = {"customer_projects": "customerProjects", "customer_documents": "documents"}


def flags(provider: str) -> dict[str, str]:
    """The query by which Coredination lists everything, for ``expected``."""
    return {"inactive": "", "invoiced": ""} if provider == "coredination" else {}


class Reader:
    """A client with one session, so that many small requests are quick."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self._url = sandbox.url
        self._name = name
        self._session = requests.Session()
        self._session.headers.update(credentials(sandbox, name))

    def get(self, path: str, query: str = "") -> requests.Response:
        address = f"{self._url}{path}{f'?{query}' if query else ''}"
        return self._session.get(address, allow_redirects=False, timeout=TIMEOUT)

    def rows(self, stream: str) -> list[Any]:
        """The rows of a stream as they stand in the answers."""
        path = samples(self._name)[stream].path
        if stream in NESTED:
            return [row for customer in self.rows("customers") for row in customer[NESTED[stream]]]
        if stream not in PARENTS:
            return list(self._list(path))
        key = samples(self._name)[PARENTS[stream]].key
        found = []
        for parent in self.rows(PARENTS[stream]):
            address = path.replace("{key}", str(parent[key]))
            if stream == "ticket_messages":
                found += self.get(address).json()["messages"]
            elif stream.endswith("_details"):
                found.append(self.get(address).json())
            else:
                found += self._list(address)
        return found

    def _list(self, path: str) -> Iterator[Any]:
        query = EVERYTHING.get(self._name, "page=1")
        if path.endswith("/search"):
            query = "q=a e i o u&inactive"
        if path.endswith("/appointments"):
            query = "start_at=2000-01-01 00:00&days=20000"
        document = self.get(path, query).json()
        if isinstance(document, list):
            yield from document
            return
        yield from document.get("data", document.get("models"))
        page = 1
        while document.get("next_page_url"):
            page += 1
            document = self.get(path, f"page={page}").json()
            yield from document["data"]


def provider_of(sandbox: Sandbox, name: str) -> Provider:
    sandbox.mijnklantportaal.rate_limit = None
    return sandbox.providers[name]
