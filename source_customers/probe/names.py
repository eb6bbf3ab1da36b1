"""Which names of fields may be shown: those that are names and no data, and none that points to a person."""

import re
from collections.abc import Iterable

from source_customers.messages.names import listed

_NAME = re.compile(r"[A-Za-z_]+[0-9]?(?:(?:\[\])*\.?[A-Za-z_]+[0-9]?)*(?:\[\])*")
_LONGEST = 60
_PERSONAL = re.compile(
    "name|mail|phone|mobile|fax|address|street|zip|postal|city|birth|gender|iban|bic|bank|account|person|contact|login"
    "|user|vat|tax|coc|kvk|bsn|ssn|passport|signature|photo|image|logo|latitude|longitude|lat$|lng$|comment|note"
    "|message|description|secret|token|password|url|href|link",
    re.IGNORECASE,
)


def shown(names: Iterable[str]) -> str:
    """Return names of fields as text. Those that may be data are counted and not named."""
    given = list(names)
    plain = [f"`{name}`" for name in given if is_name(name)]
    odd = len(given) - len(plain)
    others = f"{odd} whose names may be data" if odd else ""
    return " and ".join(part for part in (listed(plain), others) if part)


def is_name(name: str) -> bool:
    """Return whether a field's name is surely one: no number, no date, no sentence."""
    return len(name) <= _LONGEST and _NAME.fullmatch(name) is not None


def is_personal(name: str) -> bool:
    """Return whether a field looks like one that tells something of a person."""
    return _PERSONAL.search(name) is not None
