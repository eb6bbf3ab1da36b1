"""A customer of Coredination."""

from datetime import datetime
from random import Random
from uuid import UUID

from integration_tests.sandbox.data.companies import SWEDEN, company
from integration_tests.sandbox.moments import milliseconds
from integration_tests.sandbox.resource import Row

PROJECTS = (
    "Floor installation",
    "General maintenance",
    "Takbyte",
    "Elservice",
    "Målning fasad",
    "Årlig besiktning",
)
FILES = (
    ("application/pdf", "avtal.pdf"),
    ("image/jpeg", "myimage.jpg"),
    ("application/pdf", "ritning plan 2.pdf"),
)


def customer(random: Random, number: int, created: datetime, changed: datetime) -> Row:
    creator = random.choice((None, 204, 311))
    return {
        "id": 2_039_076 + number,
        "uuid": _uuid(random),
        "name": company(random, SWEDEN).name,
        "customerProjects": [{"name": name} for name in random.sample(PROJECTS, random.choice((0, 0, 1, 2)))],
        "documents": [_document(random, number, created)] if random.random() < 0.15 else [],
        "groupId": 17,
        "creatorId": creator,
        "creationTimeStamp": milliseconds(created),
        "lastModified": milliseconds(changed),
    }


def _document(random: Random, number: int, created: datetime) -> Row:
    uuid, (mime_type, file_name) = _uuid(random), random.choice(FILES)
    return {
        "uuid": uuid,
        "thumbUrl": f"/vault/thumbnail/{uuid}",
        "size": random.randrange(1_000, 5_000_000),
        "mimeType": mime_type,
        "lastModified": milliseconds(created),
        "contentUrl": f"/vault/document/{uuid}",
        "creationTimeStamp": milliseconds(created),
        "creatorId": None,
        "description": None,
        "fileName": file_name,
        "groupId": 17,
        "id": 26_174_164 + number,
        "internal": False,
    }


def _uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))
