"""Reads small answers: of a login, of an error."""

import json
from typing import Any


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body holds; an empty one where it holds none.

    The standard library's reader takes NaN and numbers of any length: one odd field must not cost the others.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
