"""A customer of MijnKlantportaal."""

from datetime import datetime
from random import Random

from integration_tests.sandbox.data.companies import NETHERLANDS, company, identifier
from integration_tests.sandbox.moments import amsterdam_seconds
from integration_tests.sandbox.resource import Row

INTEGRATIONS = ("acumulus", "moneybird", None)
_GROUP_IDS = Random("customer groups")
GROUPS = [identifier(_GROUP_IDS, "cug") for _ in range(9)]


def customer(random: Random, number: int, created: datetime, _changed: datetime) -> Row:
    it = company(random, NETHERLANDS)
    integration = random.choice(INTEGRATIONS)
    return {
        "id": identifier(random, "cst"),
        "companyName": it.name,
        "address": it.street,
        "zipCode": it.postcode,
        "city": it.city,
        "countryCode": it.country,
        "primaryEmail": it.email(number),
        "phone": it.phone if random.random() < 0.8 else None,
        "integration": integration,
        "integrationId": str(random.randrange(10**8, 10**9)) if integration else None,
        "customerGroups": random.sample(GROUPS, random.randrange(4)),
        "createdAt": amsterdam_seconds(created),
    }
