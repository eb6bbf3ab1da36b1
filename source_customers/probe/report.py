"""A report to send back: what was found, and what rows look like, without any value of theirs."""

from collections.abc import Mapping, Sequence
from typing import Any

from source_customers.learning.seen import Seen
from source_customers.probe.evidence import Evidence
from source_customers.probe.names import is_name, is_personal
from source_customers.probe.replies import Finding

_FORMAT = 1


def report(
    provider: str, looks: Sequence[Evidence], findings: Sequence[Finding], stands_for: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Return what can be sent to others: ids, verdicts, types, lengths, null rates, counts and timings.

    Args:
        provider: name of the provider.
        looks: the streams that were asked.
        findings: what was found.
        stands_for: the other lists of its kind, by the list that was asked everything.
    """
    return {
        "format": _FORMAT,
        "provider": provider,
        "findings": [{"stream": each.stream, "id": each.id, "verdict": each.reply.verdict} for each in findings],
        "streams": {look.stream.name: _stream(look, stands_for.get(look.stream.name, [])) for look in looks},
    }


def _stream(look: Evidence, others: Sequence[str]) -> dict[str, Any]:
    rows = look.rows if look.is_looked_at else []
    names = sorted({name for row in rows for name in row})
    shown = [name for name in names if is_name(name) and not is_personal(name)]
    return {
        "stands_for": list(others),
        "rows": len(rows),
        "total": look.whole.total if look.is_looked_at else None,
        "requests": len(look.asking.seconds),
        "seconds": [round(each, 3) for each in look.asking.seconds],
        "bytes": look.asking.lengths,
        "found": look.found,
        "fields": {name: _field([row.get(name) for row in rows], look, name) for name in shown},
        "fields_left_out": len(names) - len(shown),
    }


def _field(values: Sequence[Any], look: Evidence, name: str) -> dict[str, Any]:
    seen = Seen()
    for value in values:
        seen.add(value)
    lengths = [len(value) for value in values if isinstance(value, (str, list))]
    return {
        "types": sorted(seen.kinds),
        "null_rate": round(sum(value is None for value in values) / len(values), 3),
        "documented": name in look.schema.get("properties", {}),
        **({"lengths": [min(lengths), max(lengths)]} if lengths else {}),
    }
