"""What every manifest of this connector keeps to, beyond what the CDK asks."""

from collections.abc import Callable, Iterator
from importlib.metadata import version

from airbyte_cdk.sources.declarative.parsers.custom_exceptions import CircularReferenceException
from airbyte_cdk.sources.declarative.parsers.manifest_reference_resolver import ManifestReferenceResolver
from packaging.version import Version

from manifest_lint.config_fields import config_fields
from manifest_lint.document import Finding, Node, streams_of
from manifest_lint.own_streams import connections, defaults, permissions, spec_forms
from manifest_lint.schemas import added_fields, left_out_fields, spec_fields, streams
from source_customers.manifest.mistakes import Path

Rule = Callable[[Node], Iterator[Finding]]

_TIMEOUTS = ("connect_timeout_in_seconds", "read_timeout_in_seconds")
_SHARED = ("definitions", "schemas")


def references(manifest: Node) -> Iterator[Finding]:
    """Yield references that lead nowhere or in a circle, and text that the CDK would take for one."""
    for node in manifest.written():
        text = node.value if isinstance(node.value, str) else ""
        if node.path[-1:] == ("$ref",):
            if not text.startswith("#/") or node.find(text) is None:
                yield Finding(node.path, f"`{text}` leads nowhere", "Correct the reference")
        elif text.startswith("#/") and "config_overrides" not in node.path:
            yield Finding(node.path, f"the CDK takes `{text}` for a reference", "Begin the text with something else")
    try:
        ManifestReferenceResolver().preprocess_manifest(manifest.root)
    except CircularReferenceException as circle:
        yield Finding((), "references lead in a circle", f"Take apart what leads back to itself: {circle}")
    except Exception:  # noqa: BLE001, S110  # found above, with its place
        pass


def cdk_version(manifest: Node) -> Iterator[Finding]:
    """Yield a version that the installed CDK does not know yet."""
    installed = version("airbyte-cdk")
    written = manifest.text("version")
    if written and Version(written) > Version(installed):
        yield Finding(("version",), f"{written} is newer than the CDK here, {installed}", "Lower it, or raise the CDK")


def checked_streams(manifest: Node) -> Iterator[Finding]:
    """Yield a check that leaves out the stream that everybody reads, or names one that does not exist."""
    names = manifest.member("check", "stream_names")
    streams = [stream.text("name") for stream in streams_of(manifest)]
    checked = {name.value: name for name in names.elements()}
    for name, node in checked.items():
        if name not in streams:
            yield Finding(node.path, f"there is no stream `{name}`", f"The streams are {', '.join(streams)}")
    if streams and streams[0] not in checked:
        yield Finding(names.path, f"the check does not read the first stream, `{streams[0]}`", f"Add `{streams[0]}`")


def unused_definitions(manifest: Node) -> Iterator[Finding]:
    """Yield definitions and schemas that nothing refers to, or only others that nothing refers to."""
    waiting = [manifest.member(key) for key in manifest.members() if key not in _SHARED]
    used: set[Path] = set()
    while waiting:
        targets = [node.target.path[:2] for node in waiting.pop().written() if node.target]
        for path in {path for path in targets if path[0] in _SHARED} - used:
            used.add(path)
            waiting.append(manifest.member(*path))
    for section in _SHARED:
        for definition in manifest.member(section).members().values():
            if definition.path not in used:
                yield Finding(definition.path, "nothing uses the definition", "Remove it")


def requesters(manifest: Node) -> Iterator[Finding]:
    """Yield requesters of the CDK that may wait for ever."""
    for node in manifest.member("streams").in_use():
        if node.text("type") == "HttpRequester":
            for timeout in _TIMEOUTS:
                if timeout not in node.members():
                    yield Finding(
                        node.member("type").path[:-1], f"there is no `{timeout}`", "Add it: the CDK waits for ever"
                    )


RULES: tuple[Rule, ...] = (
    cdk_version,
    checked_streams,
    unused_definitions,
    requesters,
    connections,
    permissions,
    defaults,
    spec_forms,
    streams,
    added_fields,
    left_out_fields,
    spec_fields,
    config_fields,
)
