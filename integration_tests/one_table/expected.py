"""What the one customer table has to hold of a provider's rows, written down a second time."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from integration_tests.connector import Json

Rows = dict[tuple[Any, ...], Json]
"""Rows by what tells them apart."""

UNKNOWN = dict.fromkeys(
    (
        "reference",
        "name",
        "status",
        "is_active",
        "registration_number",
        "tax_number",
        "email",
        "phone",
        "website",
        "currency",
        "parent_key",
        "created_at",
        "updated_at",
    )
)


def moment(text: str | None) -> datetime | None:
    """A moment in UTC, as the tables have it."""
    return (
        None
        if text is None
        else datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc).replace(tzinfo=None)
    )


def _milliseconds(value: int) -> datetime:
    return datetime.fromtimestamp(value / 1000, timezone.utc).replace(tzinfo=None)


def _caoloon(row: Json) -> Json:
    return {
        "native_id": row["guid"],
        "name": row["companyName"] or None,
        "status": row["status"],
        "registration_number": row["coc"],
        "email": row["contact"],
        "updated_at": moment(row["updatedAt"]),
    }


def _coredination(row: Json) -> Json:
    return {
        "native_id": str(row["id"]),
        "name": row["name"],
        "created_at": _milliseconds(row["creationTimeStamp"]),
        "updated_at": _milliseconds(row["lastModified"]),
    }


def _mijnklantportaal(row: Json) -> Json:
    return {
        "native_id": row["id"],
        "name": row["companyName"],
        "email": row["primaryEmail"],
        "phone": row["phone"],
        "created_at": moment(row["createdAt"]),
    }


def _valomnia(row: Json) -> Json:
    parent = row["parentCustomer"]
    return {
        "native_id": str(row["id"]),
        "reference": row["reference"],
        "name": row["name"],
        "status": "onHold" if row["onHold"] else None,
        "is_active": row["isActive"],
        "registration_number": row["companyRegistrationNumber"],
        "tax_number": row["taxNumber"],
        "email": row["email"],
        "phone": row["phone"],
        "website": row["website"],
        "currency": row["currency"],
        "parent_key": f"valomnia:{parent['id']}" if parent else None,
        "created_at": moment(row["dateCreated"]),
        "updated_at": moment(row["lastUpdated"]),
    }


MAPPINGS: Mapping[str, Callable[[Json], Json]] = {
    "caoloon": _caoloon,
    "coredination": _coredination,
    "mijnklantportaal": _mijnklantportaal,
    "valomnia": _valomnia,
}


def customers(provider: str, rows: Iterable[Json]) -> Rows:
    found = {}
    for row in rows:
        known = {**UNKNOWN, "provider": provider, "source_relation": provider, **MAPPINGS[provider](row)}
        known["customer_key"] = f"{provider}:{known['native_id']}"
        found[known["customer_key"],] = known
    return found


def addresses(provider: str, rows: Iterable[Json]) -> Rows:
    found: Rows = {}
    for row in rows:
        key = f"{provider}:{row['id']}"
        if provider == "mijnklantportaal":
            place = (row["address"], row["zipCode"], row["city"], row.get("countryCode"), None, None)
            places = {"main": place}
        else:
            at = ("address", "postalCode", "city", "country", "latitude", "longitude")
            billed_at = (
                "billingAddress",
                "billingPostalCode",
                "billingCity",
                "billingCountry",
                "billingLat",
                "billingLng",
            )
            places = {
                "main": tuple(row[field] for field in at),
                "billing": tuple(row[field] for field in billed_at),
            }
        for kind, values in places.items():
            if any(value is not None for value in values):
                names = ("line", "postal_code", "city", "country_code", "latitude", "longitude")
                found[key, kind] = {"customer_key": key, "kind": kind, **dict(zip(names, values, strict=True))}
    return found


def contacts(provider: str, rows: Iterable[Json]) -> Rows:
    found: Rows = {}
    for row in rows:
        if provider == "caoloon":
            key = f"caoloon:{row['guid']}"
            found[key,] = {"contact_key": key, "customer_key": key, "first_name": None, "email": row["contact"]}
        else:
            key = f"valomnia:{row['id']}"
            found[key,] = {
                "contact_key": key,
                "customer_key": f"valomnia:{row['customer']['id']}",
                "first_name": row["firstName"],
                "last_name": row["lastName"],
                "job_title": row["fonction"],
                "email": row["email"] or None,
                "is_decision_maker": row["isDecisionMaker"],
                "updated_at": moment(row["lastUpdated"]),
            }
    return found


def mijnklantportaal_groups(rows: Iterable[Json], groups: Mapping[str, Json]) -> Rows:
    return {
        (f"mijnklantportaal:{row['id']}:{group}",): {
            "customer_key": f"mijnklantportaal:{row['id']}",
            "group_key": f"mijnklantportaal:{group}",
            "group_reference": None,
            "group_name": groups[group]["name"],
        }
        for row in rows
        for group in row["customerGroups"]
    }


def valomnia_groups(assignments: Iterable[Json], groups: Mapping[int, Json]) -> Rows:
    return {
        (f"valomnia:{row['id']}",): {
            "customer_key": f"valomnia:{row['customer']['id']}",
            "group_key": f"valomnia:{row['customerGroup']['id']}",
            "group_reference": groups[row["customerGroup"]["id"]]["reference"],
            "group_name": groups[row["customerGroup"]["id"]]["name"],
        }
        for row in assignments
    }
