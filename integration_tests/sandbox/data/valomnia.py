"""A customer of Valomnia."""

from datetime import datetime
from random import Random

from integration_tests.sandbox.data.companies import FRANCE, IRELAND, company
from integration_tests.sandbox.moments import zulu_seconds
from integration_tests.sandbox.resource import Row

CATEGORIES = (("jewelry", "Home"), ("Ref-6", "Pharmacies"), ("Ref-61", "Épiceries"), ("grocery", "Grocery"))
SEGMENTATIONS = (("seg_a", "Segmentation A"), ("seg_b", "Segmentation B"))
PAYMENT_TYPES = (
    {"id": 7, "reference": "cash", "name": "cash", "href": "/api/v1.0/paymentTypes/7"},
    {"id": 8, "reference": "CHEQUE", "name": "Cheque", "href": "/api/v1.0/paymentTypes/8"},
)


def customer(random: Random, number: int, created: datetime, changed: datetime) -> Row:
    """All fields of the sample, in its order; what the sample leaves null is filled here and there."""
    it = company(random, random.choice((FRANCE, FRANCE, IRELAND)))
    category, segmentation = random.randrange(len(CATEGORIES)), random.randrange(len(SEGMENTATIONS))
    located, held = random.random() < 0.3, random.random() < 0.05
    owner = random.randrange(1, 9)
    return {
        "id": 255 + number,
        "reference": f"NC-{number}",
        "reference2": None,
        "name": it.name,
        "categoryReference": CATEGORIES[category][0],
        "customerCategory": _reference("customerCategories", category + 1, CATEGORIES[category]),
        "isSubCustomer": False,
        "parentCustomer": None,
        "billWithParent": True,
        "customerSegmentationReference": SEGMENTATIONS[segmentation][0],
        "customerSegmentation": _reference("customerSegmentations", segmentation + 1, SEGMENTATIONS[segmentation]),
        "pocTenus": None,
        "email": it.email(number) if located else None,
        "logo": None,
        "phone": it.phone if located else None,
        "mobile": None,
        "fax": None,
        "comment": None,
        "barcode": None,
        "isSameAddress": True,
        "billingCountry": it.country,
        "billingCity": it.city,
        "billingPostalCode": it.postcode if located else None,
        "billingAddress": it.street if located else None,
        "billingLat": None,
        "billingLng": None,
        "country": it.country,
        "city": it.city,
        "postalCode": it.postcode if located else None,
        "address": it.street if located else None,
        "latitude": round(random.uniform(42, 55), 6) if located else None,
        "longitude": round(random.uniform(-9, 8), 6) if located else None,
        "isCredit": None,
        "creditLimit": random.choice((None, 5000, 12000, 750.5)),
        "balance": None,
        "maxChequePeriod": None,
        "maxChequeValue": None,
        "appliedCashBackOutput": None,
        "returnDiscount": None,
        "invoicesPerRoute": None,
        "isActive": random.random() < 0.9,
        "onHold": held,
        "onHoldReason": "Unpaid invoices" if held else None,
        "paymentTerm": None,
        "createdBy": {"userId": owner, "reference": f"emp-{owner:03}", "href": f"/api/v1.0/users/{owner}"},
        "dueDateConfigNumber": 3,
        "dueDateConfigType": "daysAfterInvoiceDate",
        "paymentTypes": [],
        "website": None,
        "taxNumber": None,
        "companyRegistrationNumber": None,
        "contacts": [],
        "currency": "EUR",
        "organization": "entity1",
        "dateCreated": zulu_seconds(created),
        "lastUpdated": zulu_seconds(changed),
        "region": None,
    }


def customer_detail(row: Row) -> Row:
    """The record as its own page prints it: payment types filled, a risk, and no region."""
    shown = {field: value for field, value in row.items() if field != "region"}
    return {**shown, "paymentTypes": list(PAYMENT_TYPES), "customerRisk": None, "customerRiskColor": None}


def _reference(resource: str, number: int, what: tuple[str, str]) -> Row:
    return {"id": number, "reference": what[0], "name": what[1], "href": f"/api/v1.0/{resource}/{number}"}
