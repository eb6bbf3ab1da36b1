"""Writes the streams of each provider into the page for users and into README.md, from the manifests: `make reference`.

They stand between two comments, which are kept:

    <!-- streams of caoloon: written by `make reference` -->
    <!-- end of streams -->
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from source_customers.manifest.catalogue import load_manifest, manifest_paths  # noqa: E402  # found by the line above
from source_customers.manifest.declarations import StreamDeclaration, declared, resolved  # noqa: E402
from source_customers.manifest.settings import Days  # noqa: E402

PAGE = ROOT / "docs" / "integrations" / "sources" / "customers.md"
README = ROOT / "README.md"
EVERY_PROVIDER = "every provider"

_FULL = "in full"


@dataclass(frozen=True)
class Listed:
    """A stream, as a manifest lists it.

    Attributes:
        declaration: what the manifest says of the stream.
        keys: the fields that identify a row.
        wanted_by: config field that has to be there for the stream to exist; empty where nothing has to.
    """

    declaration: StreamDeclaration
    keys: Sequence[str]
    wanted_by: str


def page() -> str:
    """Return the page for users, with a table a provider."""
    text = PAGE.read_text(encoding="utf-8")
    for provider in manifest_paths():
        text = _replaced(text, provider, streams_table(listed(resolved(load_manifest(provider)))))
    return text


def readme() -> str:
    """Return README.md, with a table of all providers."""
    manifests = [resolved(load_manifest(provider)) for provider in manifest_paths()]
    return _replaced(README.read_text(encoding="utf-8"), EVERY_PROVIDER, providers_table(manifests))


def listed(manifest: Mapping[str, Any]) -> list[Listed]:
    """Return all streams of a resolved manifest, those too that exist for some configs only."""
    return [_listed(stream, wanted_by) for stream, wanted_by in _streams(manifest)]


def streams_table(streams: Sequence[Listed]) -> str:
    """Return a table with a row a stream. Only providers whose manifest names permissions have a column for them."""
    has_permissions = any(stream.declaration.list.permission for stream in streams)
    names = ["Stream", "Path", "Primary key", "Read since", "Hangs on", *(["Permission"] if has_permissions else [])]
    return _table(names, [_cells(stream)[: len(names)] for stream in streams])


def providers_table(manifests: Sequence[Mapping[str, Any]]) -> str:
    """Return a table with a row a provider: how many streams it has, and their names."""
    rows = []
    for manifest in manifests:
        streams = listed(manifest)
        incremental = sum(stream.declaration.cursor is not None for stream in streams)
        title = manifest["spec"]["connection_specification"]["title"]
        rows.append([title, str(len(streams)), str(incremental), ", ".join(map(_name, streams))])
    return _table(["Provider", "Streams", "Incremental", "Names"], rows)


def _streams(manifest: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    for stream in manifest["streams"]:
        if stream["type"] == "ConditionalStreams":
            [wanted_by] = re.findall(r"config\.get\('([\w.]+)'\)", stream["condition"])
            yield from ((each, wanted_by) for each in stream["streams"])
        else:
            yield stream, ""


def _listed(stream: Mapping[str, Any], wanted_by: str) -> Listed:
    keys = stream["primary_key"]
    return Listed(declared(stream), [keys] if isinstance(keys, str) else keys, wanted_by)


def _cells(stream: Listed) -> list[str]:
    lists = stream.declaration.list
    parent = lists.parent
    above = _code(parent.stream.name) if parent else ""
    path = f"{_code(parent.rows)} in each row of {above}" if parent and parent.rows else _code(lists.path)
    since = f"as {above}" if parent and stream.declaration.cursor else _since(stream.declaration)
    # A scope has one word. What has several says that none is documented.
    permission = lists.permission if " " in lists.permission else _code(lists.permission)
    return [_name(stream), path, _codes(stream.keys), since, above, permission]


def _since(stream: StreamDeclaration) -> str:
    """Return the field that tells a row's time, and the parameters that filter by it."""
    if not stream.cursor:
        return _FULL
    field, paging, window = _code(stream.cursor.cursor_field), stream.list.paging, stream.list.window
    if isinstance(paging, Days):
        return f"{field}, by {_codes([paging.parameter, paging.days_parameter])}"
    bounds = [bound.parameter for bound in (window.lower, window.upper) if bound] if window else []
    without = " or the sync's start," if window and window.missing_change_time else ""
    return f"{field},{without} by {_codes(bounds)}"


def _name(stream: Listed) -> str:
    wanted = f" (with {_code(stream.wanted_by)} in the config)" if stream.wanted_by else ""
    return f"{_code(stream.declaration.name)}{wanted}"


def _codes(names: Sequence[str]) -> str:
    return ", ".join(map(_code, names))


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head, *body = [re.sub(" +", " ", f"| {' | '.join(cells)} |") for cells in [names, *rows]]
    return "\n".join([head, f"|{'---|' * len(names)}", *body])


def _replaced(text: str, whose: str, table: str) -> str:
    """Return a document with another table between its comments."""
    begin, end = f"<!-- streams of {whose}: written by `make reference` -->", "<!-- end of streams -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        sys.exit(f"The comments for the streams of {whose} are missing.")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


if __name__ == "__main__":
    for path, content in [(PAGE, page()), (README, readme())]:
        path.write_text(content, encoding="utf-8")
        print(f"{path.relative_to(ROOT)} is written.")
