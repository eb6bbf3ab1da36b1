"""Whether rows are as documented: their key, their fields, the types of these."""

from source_customers.learning.schema import Widening
from source_customers.learning.seen import Seen
from source_customers.probe.evidence import Evidence
from source_customers.probe.names import shown
from source_customers.probe.question import question
from source_customers.probe.replies import Reply, cannot_tell, contradicted, holds

_PAIR = 2
_LEARN = "Refresh the schema with `learn_fields` on, so that `discover` declares what the rows have."


@question("key", "Every row has its key, and no two have the same.", lambda _: True, of_each=True)
def key(look: Evidence) -> Reply:
    """Look for rows without the key, and for keys that come twice in one answer."""
    field, count = look.stream.key, len(look.rows)
    without = sum(type(row.get(field)) not in {str, int} for row in look.rows)
    if without:
        look.found["keys"] = "missing"
        return contradicted(
            f"{without} of {count} rows have no text or number at `{field}`, the key.",
            "Correct `primary_key` in the manifest.",
        )
    if look.settings.envelope.single and count:
        return holds(f"The row has its key `{field}`.")
    different = sum(len({row[field] for row in group}) for group in look.groups)
    if different < count:
        look.found["keys"] = "repeated"
        return contradicted(
            f"{count} rows of one answer have {different} different keys.", "Correct `primary_key` in the manifest."
        )
    if max(map(len, look.groups), default=0) < _PAIR:
        return cannot_tell("There are not two rows to compare.", "Probe again when there are more rows.")
    return holds(f"{count} rows have {different} different keys.")


@question("fields", "Rows have no fields but the documented ones.", lambda look: bool(look.schema), of_each=True)
def fields(look: Evidence) -> Reply:
    """Name the fields that no document names, where their names cannot be data themselves."""
    if not look.rows:
        return cannot_tell("There is no row.", "Probe again when there are rows.")
    widening, seen = Widening(), Seen()
    for row in look.rows:
        seen.add(row)
    widening.row(look.schema, seen)
    if widening.added:
        return contradicted(f"Rows have fields that the schema does not: {shown(widening.added)}.", _LEARN)
    known = look.schema.get("properties", {})
    never = sum(name not in seen.fields for name in known)
    note = f" {never} of {len(known)} documented fields were in none of them." if never else ""
    return holds(f"In {_counted(look)} there are documented fields alone.{note}", news=bool(note))


@question("types", "Fields have the documented types.", lambda look: bool(look.schema), of_each=True)
def types(look: Evidence) -> Reply:
    """Name the fields that have values of another type than documented."""
    if not look.rows:
        return cannot_tell("There is no row.", "Probe again when there are rows.")
    widening, seen = Widening(), Seen()
    for row in look.rows:
        seen.add(row)
    widening.row(look.schema, seen)
    if widening.contradicted:
        return contradicted(f"Fields have other types than the schema says: {shown(widening.contradicted)}.", _LEARN)
    return holds(f"The fields of {_counted(look)} have the documented types.")


def _counted(look: Evidence) -> str:
    return "1 row" if len(look.rows) == 1 else f"{len(look.rows)} rows"
