"""A customer of CAO Loon."""

from datetime import datetime
from random import Random
from uuid import UUID

from integration_tests.sandbox.data.companies import NETHERLANDS, company
from integration_tests.sandbox.moments import amsterdam_microseconds
from integration_tests.sandbox.resource import Row

# The documents show the first only; the others stand in for the ones they do not.
STATUSES = ("Uitgenodigd", "Geregistreerd", "Ingevuld", "Akkoord", "Afgewezen")
# As in the samples: plain http and a misspelt test host among them, so that nobody follows these links.
HOSTS = ("https://caoloon.com", "http://caoloon.com", "https://test.caolooin.com")


def customer(random: Random, number: int, _created: datetime, changed: datetime) -> Row:
    """An invited customer has no name and number yet."""
    it = company(random, NETHERLANDS)
    status = random.choices(STATUSES, (5, 3, 4, 4, 1))[0]
    invited = status == STATUSES[0]
    guid = str(UUID(int=random.getrandbits(128), version=4))
    return {
        "companyName": "" if invited else it.name,
        "coc": None if invited else f"{random.randrange(100_000, 100_000_000):08}",
        "invitedBy": f"uitlener{number % 7}@example.nl",
        "contact": it.email(number),
        "updatedAt": amsterdam_microseconds(changed),
        "status": status,
        "guid": guid,
        "href": f"{random.choice(HOSTS)}/portal/customer/{guid}/",
    }
