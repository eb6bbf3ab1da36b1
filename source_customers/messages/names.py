"""Names of fields in a log line."""

from collections.abc import Sequence

_MOST = 50
_LONGEST = 60


def listed(names: Sequence[str]) -> str:
    """Return names with commas between them, at most a screenful."""
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(map(_shortened, names[:_MOST])) + more


def _shortened(name: str) -> str:
    name = name.encode("utf-8", "replace").decode()  # half a character cannot be written
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..."
