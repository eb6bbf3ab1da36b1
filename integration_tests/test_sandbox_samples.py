"""The sandbox answers in the form of the samples that the vendors print."""

import json
import re
from typing import Any

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import ask
from integration_tests.sandbox.data.samples import samples
from integration_tests.sandbox_reading import STREAMS, Reader

DOCUMENTS: dict[str, str | tuple[str, ...]] = {
    "caoloon": ("http://docs.test.caoloon.com", "http://handleiding.test.caoloon.com"),
    "mijnklantportaal": "https://docs.developers.mijnklantportaal.nl/",
    "coredination": "https://apidoc.coredination.com/",
    "valomnia": "https://developers.valomnia.com/",
}
# What the customers leave out here and there, whatever their sample has.
NULLS = {"valomnia": {"creditLimit", "logo"}}

CAOLOON = """
{
  "models": [
    {
      "companyName": "",
      "coc": null,
      "invitedBy": "testuitlener@caoloon.com",
      "contact": "testmail1@caoloon.com",
      "updatedAt": "2025-10-02T14:32:33.541494+02:00",
      "status": "Uitgenodigd",
      "guid": "75ec49ab-664a-4669-bf8d-00ed3b580271",
      "href": "https://test.caolooin.com/portal/customer/75ec49ab-664a-4669-bf8d-00ed3b580271/"
    },
    {
      "companyName": "",
      "coc": null,
      "invitedBy": "testuitlener@caoloon.com",
      "contact": "testmail2@caoloon.com",
      "updatedAt": "2025-10-02T12:06:50.130832+02:00",
      "status": "Uitgenodigd",
      "guid": "421a7581-231a-4798-9d77-306fa50dc21a",
      "href": "https://caoloon.com/portal/customer/421a7581-231a-4798-9d77-306fa50dc21a/"
    }
  ],
  "nextPage": 2,
  "total": 63,
  "pageSize": 2,
  "page": 1
}
"""

MIJNKLANTPORTAAL = """
{
  "current_page": 1,
  "data": [
    {
      "id": "cst_abc12345def678",
      "companyName": "Test Company BV",
      "address": "Teststreet 123",
      "zipCode": "1234AB",
      "city": "Amsterdam",
      "primaryEmail": "[email protected]",
      "phone": "+312012345678",
      "integration": "acumulus",
      "integrationId": "123456789",
      "customerGroups": [
        "cug_123abc567"
      ],
      "createdAt": "2024-04-28T21:00:00+02:00"
    }
  ],
  "first_page_url": "https://api.mijnklantportaal.nl/v1/customers?page=1",
  "from": 1,
  "next_page_url": "https://api.mijnklantportaal.nl/v1/customers?page=2,",
  "path": "https://api.mijnklantportaal.nl/v1/customers",
  "per_page": 15,
  "prev_page_url": null,
  "to": 15
}
"""

# The documents print no list; this is the document that an upload answers, which a customer can carry.
COREDINATION_DOCUMENT = """
{
  "uuid": "8acac590-cc94-45aa-a237-18a9d268f431",
  "thumbUrl": "/vault/thumbnail/8acac590-cc94-45aa-a237-18a9d268f431",
  "size": 7911,
  "mimeType": "image/jpeg",
  "lastModified": 1447890986622,
  "contentUrl": "/vault/document/8acac590-cc94-45aa-a237-18a9d268f431",
  "creationTimeStamp": 1447890986484,
  "creatorId": null,
  "description": null,
  "fileName": "myimage.jpg",
  "groupId": 17,
  "id": 26174165,
  "internal": false
}
"""
COREDINATION_WRITTEN = """
{"name": "Wendy Warner", "customerProjects": [{"name": "Floor installation"}, {"name": "General maintenance"}]}
"""

VALOMNIA = """
{
  "paging": {
    "total": 1019,
    "max": 2,
    "offset": 0,
    "previous": null,
    "next": "/api/v1.0/customers?max=2&offset=2&sort=dateCreated&order=asc"
  },
  "data": [
    {
      "id": 256,
      "reference": "NC-3",
      "reference2": null,
      "name": "Marie's Jewelry",
      "categoryReference": "jewelry",
      "customerCategory": {
        "id": 2,
        "reference": "jewelry",
        "name": "Home",
        "href": "/api/v1.0/customerCategories/2"
      },
      "isSubCustomer": false,
      "parentCustomer": null,
      "billWithParent": true,
      "customerSegmentationReference": "seg_a",
      "customerSegmentation": {
        "id": 1,
        "reference": "seg_a",
        "name": "Segmentation A",
        "href": "/api/v1.0/customerSegmentations/1"
      },
      "pocTenus": null,
      "email": null,
      "logo": null,
      "phone": null,
      "mobile": null,
      "fax": null,
      "comment": null,
      "barcode": null,
      "isSameAddress": true,
      "billingCountry": "FR",
      "billingCity": "Nice",
      "billingPostalCode": null,
      "billingAddress": null,
      "billingLat": null,
      "billingLng": null,
      "country": "FR",
      "city": "Nice",
      "postalCode": null,
      "address": null,
      "latitude": null,
      "longitude": null,
      "isCredit": null,
      "creditLimit": 5000,
      "balance": null,
      "maxChequePeriod": null,
      "maxChequeValue": null,
      "appliedCashBackOutput": null,
      "returnDiscount": null,
      "invoicesPerRoute": null,
      "isActive": true,
      "onHold": false,
      "onHoldReason": null,
      "paymentTerm": null,
      "createdBy": {
        "userId": 2,
        "reference": "emp-002",
        "href": "/api/v1.0/users/2"
      },
      "dueDateConfigNumber": 3,
      "dueDateConfigType": "daysAfterInvoiceDate",
      "paymentTypes": [],
      "website": null,
      "taxNumber": null,
      "companyRegistrationNumber": null,
      "contacts": [],
      "currency": "EUR",
      "organization": "entity1",
      "dateCreated": "2015-12-17T23:00:00Z",
      "lastUpdated": "2015-12-17T23:00:00Z",
      "region": null
    }
  ]
}
"""


def assert_like(value: Any, sample: Any, where: str = "") -> None:
    """The same fields in the same order, with values of the same type, in the same spelling of dates and ids."""
    if value is None or sample is None:
        return
    if isinstance(sample, dict):
        assert list(value) == list(sample), where
        for field, inner in sample.items():
            assert_like(value[field], inner, f"{where}.{field}")
    elif isinstance(sample, list):
        for item in value if sample else []:
            assert_like(item, sample[0], f"{where}[]")
    elif isinstance(sample, str):
        assert spelling(value) == spelling(sample), where
    else:
        # JSON has one kind of number, and a credit limit may have cents.
        assert isinstance(value, bool) == isinstance(sample, bool), where
        assert isinstance(value, int | float), where


def spelling(text: str) -> str:
    """What kind of text this is: two texts of a kind have the same spelling."""
    kinds = {
        "moment": r"\d{4}[-_]\d\d[-_]\d\dT[\d:]{8}(\.\d{3}|\.\d{6})?(Z|[+-]\d\d:\d\d)",
        "date": r"\d{4}-\d\d-\d\d",
        "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "prefixed id": r"([a-z]{3})__?[0-9a-z]{6,}",
        "agreement": r"\d+-\d{4}",
        "link": r"(https?://[a-z.]+)?/.*/",
    }
    found = [(name, match) for name, kind in kinds.items() if (match := re.fullmatch(kind, text))]
    if not found:
        return "text"
    name, match = found[0]
    if name == "moment":
        return f"{name} of {len(match.group(1) or '')} digits {'Z' in text}"
    return f"{name} {match.group(1)}" if name == "prefixed id" else name


def test_caoloon(sandbox: Sandbox) -> None:
    sample = json.loads(CAOLOON)

    answer = ask(sandbox, "caoloon", "pageSize=2").json()

    assert_like(answer, sample)
    assert {**answer, "models": []} == {**sample, "models": [], "total": len(sandbox.caoloon.listed())}


def test_caoloon_detail_is_the_record_of_the_list(sandbox: Sandbox) -> None:
    guid, row = next(iter(sandbox.caoloon.rows.items()))

    answer = ask(sandbox, "caoloon", path=f"/portal/customer/{guid}/").json()

    assert answer == row
    assert_like(answer, json.loads(CAOLOON)["models"][1])


def test_mijnklantportaal(sandbox: Sandbox) -> None:
    sample = json.loads(MIJNKLANTPORTAAL.replace("https://api.mijnklantportaal.nl", sandbox.url))

    answer = ask(sandbox, "mijnklantportaal").json()

    assert_like(answer["data"], sample["data"])
    assert list(answer) == list(sample)
    assert {**answer, "data": []} == {**sample, "data": []}
    assert len(answer["data"]) == 15


def test_coredination(sandbox: Sandbox) -> None:
    rows = ask(sandbox, "coredination").json()

    assert isinstance(rows, list)
    written, document = json.loads(COREDINATION_WRITTEN), json.loads(COREDINATION_DOCUMENT)
    for row in rows:
        assert_like({field: row[field] for field in written}, written)
        assert_like(row["documents"], [document])
        assert set(row) - set(written) - set(document) == {"documents"}
    assert any(row["documents"] for row in rows)
    assert any(row["customerProjects"] for row in rows)


def test_valomnia(sandbox: Sandbox) -> None:
    sample = json.loads(VALOMNIA)

    answer = ask(sandbox, "valomnia", "max=2").json()

    assert_like(answer, sample)
    assert answer["paging"] == {**sample["paging"], "total": 250}


def test_every_generated_row_is_like_the_sample(sandbox: Sandbox) -> None:
    samples = {
        "caoloon": json.loads(CAOLOON)["models"][0],
        "mijnklantportaal": json.loads(MIJNKLANTPORTAAL)["data"][0],
        "valomnia": json.loads(VALOMNIA)["data"][0],
    }

    for name, sample in samples.items():
        for row in sandbox.providers[name].listed().values():
            assert_like(row, sample, name)


@pytest.mark.parametrize(("provider", "stream"), STREAMS)
def test_every_stream_is_served_like_its_sample(sandbox: Sandbox, provider: str, stream: str) -> None:
    sandbox.mijnklantportaal.rate_limit = None
    documented = samples(provider)[stream]

    rows = Reader(sandbox, provider).rows(stream)

    assert rows
    for row in rows:
        assert_like(row, documented.sample, stream)
        nulls = {field for field, value in row.items() if value is None and documented.sample[field] is not None}
        assert nulls <= set(documented.nullable) | NULLS.get(provider, set())
        for field, values in documented.values.items():
            assert row[field] in [*values, *([None] if field in documented.nullable else [])]


@pytest.mark.parametrize(("provider", "stream"), STREAMS)
def test_every_sample_has_a_page_of_the_documents(provider: str, stream: str) -> None:
    documented = samples(provider)[stream]

    assert documented.source.startswith(DOCUMENTS[provider])
    assert documented.key in documented.sample or documented.note
