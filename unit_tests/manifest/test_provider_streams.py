"""The streams that the manifests declare: which there are, what they hang on, and what a user needs to read them."""

from typing import Any

import pytest

from source_customers.manifest.catalogue import load_manifest
from source_customers.manifest.declarations import StreamDeclaration, conditional, declared, resolved

SEARCH = {"customer_search": {"query": "horse"}}

PERMISSIONS = {
    "customers": "customers.read",
    "customer_groups": "customers.read",
    "customer_invoices": "invoices.read",
    "customer_offers": "offers.read",
    "customer_subscriptions": "subscription.read",
    "customer_subscription_packages": "subscription.read",
    "appointments": "appointments.read",
    "agreements": "agreements.read",
    "payment_links": "paymentlinks.read",
    "payment_link_payments": "paymentlinks.read",
    "punch_cards": "for punch cards, which the documents do not name",
    "issued_punch_cards": "for punch cards, which the documents do not name",
    "tickets": "tickets.read",
    "ticket_messages": "tickets.read",
    "file_requests": "filerequest.read",
    "file_shares": "fileshare.read",
    "mijnklantportaal_invoices": "businessoperations.read",
    "webhooks": "webhooks.read",
}
OF_COREDINATION = [
    "customers",
    "assets",
    "work_reports",
    "jobs",
    "job_details",
    "customer_projects",
    "customer_documents",
]
# Each stream that hangs on another: its parent, the field with the parent's key, and what identifies a row.
PARENTS = {
    "mijnklantportaal": {
        "payment_link_payments": ("payment_links", "paymentLinkId", "id"),
        "issued_punch_cards": ("punch_cards", "punchCardId", "id"),
        "ticket_messages": ("tickets", "ticketId", "id"),
    },
    "coredination": {
        "job_details": ("jobs", "id", "id"),
        "customer_projects": ("customers", "customerId", ["customerId", "position"]),
        "customer_documents": ("customers", "customerId", ["customerId", "uuid"]),
    },
}
NEVER_DELIVERED = {"webhooks": [("secret", "")]}
ON_REQUEST = {
    "agreements": [
        ("signerSignature", "agreements.signatures"),
        ("signers.signature", "agreements.signatures"),
    ]
}


def given(provider: str, config: dict[str, Any]) -> list[Any]:
    return list(conditional(resolved(load_manifest(provider))["streams"], config))


def streams(provider: str, config: dict[str, Any] | None = None) -> dict[str, StreamDeclaration]:
    return {each["name"]: declared(each) for each in given(provider, config or {})}


def test_every_list_of_mijnklantportaal_names_its_permission() -> None:
    assert {name: stream.list.permission for name, stream in streams("mijnklantportaal").items()} == PERMISSIONS


def test_coredination_has_a_search_only_where_the_config_asks_for_one() -> None:
    assert list(streams("coredination")) == OF_COREDINATION
    assert list(streams("coredination", SEARCH)) == [*OF_COREDINATION, "customer_search"]


@pytest.mark.parametrize("provider", PARENTS)
def test_stream_that_hangs_on_another_is_read_from_the_list_of_that_stream(provider: str) -> None:
    known = streams(provider)
    keys = {each["name"]: each["primary_key"] for each in given(provider, {})}
    parents = {
        name: (stream.list.parent.stream.name, stream.list.parent.key_field, keys[name])
        for name, stream in known.items()
        if stream.list.parent
    }

    assert parents == PARENTS[provider]
    assert {name: known[name].source for name in parents} == {name: known[parents[name][0]] for name in parents}


@pytest.mark.parametrize("provider", PARENTS)
def test_what_is_secret_or_not_asked_for_is_left_out(provider: str) -> None:
    left_out = {
        name: [(each.field, each.unless) for each in stream.list.leave_out]
        for name, stream in streams(provider).items()
        if stream.list.leave_out
    }

    assert left_out == ({**NEVER_DELIVERED, **ON_REQUEST} if provider == "mijnklantportaal" else {})


@pytest.mark.parametrize(
    ("provider", "incremental"),
    [
        ("mijnklantportaal", ["appointments"]),
        ("coredination", ["customers", "assets", "work_reports", "customer_projects", "customer_documents"]),
    ],
)
def test_only_what_can_be_filtered_by_time_is_incremental(provider: str, incremental: list[str]) -> None:
    assert [name for name, stream in streams(provider, SEARCH).items() if stream.cursor] == incremental
