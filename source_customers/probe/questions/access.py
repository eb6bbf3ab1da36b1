"""Whether a stream may be read, and whether its answers have the form that the manifest says."""

from http import HTTPStatus

from source_customers.probe.children import NestedEvidence
from source_customers.probe.evidence import Evidence
from source_customers.probe.question import question
from source_customers.probe.replies import Reply, cannot_tell, contradicted, holds

_REMEDIES = {
    401: "Check the credentials.",
    403: "Ask the provider for the permission to read this list, or leave the stream out.",
    404: "Check `base_url`; if other streams are found, correct the stream's `path` in the manifest.",
    400: "Correct the stream's `query` or `paging` in the manifest.",
}


def _is_asked_for(look: Evidence) -> bool:
    return not isinstance(look, NestedEvidence)


@question("access", "The list may be read.", _is_asked_for, of_each=True, of_refused=True)
def access(look: Evidence) -> Reply:
    """Tell a refusal apart, and what helps."""
    status = look.whole.status
    if not status:
        return cannot_tell("The stream that it hangs on has no row to ask for.", _LATER)
    if look.whole.is_allowed:
        return holds("The list may be read.")
    if look.without_query and look.without_query.is_allowed:
        return holds("The list may be read without the parameters that are asked for.")
    messages = {**look.settings.connection.messages, **look.api.call(0, 1).messages}
    remedy = messages.get(str(status)) or _REMEDIES.get(status, "Tell the provider.")
    return contradicted(f"The list was refused with status {_named(status)}.", remedy)


_LATER = "Probe again when there are rows."


@question(
    "query-accepted",
    "The parameters that every request of the list carries are accepted.",
    lambda look: _is_asked_for(look) and bool(look.api.query),
    of_each=True,
    of_refused=True,
)
def query_accepted(look: Evidence) -> Reply:
    """Tell whether the list is given without them, where it is refused with them."""
    names = ", ".join(f"`{name}`" for name in dict(look.api.query))
    if look.whole.is_allowed:
        return holds(f"The parameters {names} are accepted.")
    if look.without_query and look.without_query.is_allowed:
        fields = [
            f"`{each.field}`" for each in look.settings.query if each.field and each.parameter in dict(look.api.query)
        ]
        remedy = f"Change or leave out the config field {' or '.join(fields)}, or the" if fields else "Correct the"
        return contradicted(
            f"The list is refused with status {look.whole.status} where it is asked with {names}, and given without.",
            f"{remedy} stream's `query` in the manifest.",
        )
    return cannot_tell("The list was not given.", "See access.")


@question("envelope", "The answer has the form that the manifest says.", lambda _: True, of_each=True, of_refused=True)
def envelope(look: Evidence) -> Reply:
    """Name the first thing that is not as the manifest says."""
    if not look.whole.is_allowed:
        return (
            cannot_tell("The list was not given.", "See access.")
            if look.whole.status
            else cannot_tell("There was nothing to look at.", _LATER)
        )
    for problem in look.whole.problems:
        return contradicted(problem.message, f"Correct `{problem.setting}` in the manifest.")
    return holds("The answer has the documented form.")


def _named(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase.lower()})"
    except ValueError:
        return str(status)
