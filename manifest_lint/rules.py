"""What every manifest of this connector keeps to, beyond what the CDK asks."""

import ast
import inspect
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version

from airbyte_cdk.sources.declarative.parsers.custom_exceptions import CircularReferenceException
from airbyte_cdk.sources.declarative.parsers.manifest_reference_resolver import ManifestReferenceResolver
from jsonschema import Draft7Validator
from packaging.version import Version

from manifest_lint.document import Finding, Node
from manifest_lint.keys import component_schemas, load_class, unknown_keys

Rule = Callable[[Node], Iterator[Finding]]

_TIMEOUTS = ("connect_timeout_in_seconds", "read_timeout_in_seconds")
_EXPLAINED_STATUSES = ("401", "403", "404")
_SECRET_WORDS = {"key", "token", "secret", "password"}
_RECORD_SCHEMA_KEYS = {*Draft7Validator.META_SCHEMA["properties"], "airbyte_type"}
_SPEC_KEYS = {
    *Draft7Validator.META_SCHEMA["properties"],
    *("order", "airbyte_secret", "airbyte_hidden", "always_show", "display_type", "group", "multiline"),
    "pattern_descriptor",
}
_CONFIG_READ = re.compile(r"""config\s*(?:\.get\(|\[)\s*['"](\w+)['"]|config\.(?!get\b)(\w+)""")
_FIELD_NAME = re.compile(r"\.?\w+(\.\w+)*")


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


def check_reads_first_stream(manifest: Node) -> Iterator[Finding]:
    """Yield a check that leaves out the stream that everybody reads."""
    names = manifest.member("check", "stream_names")
    first = next((stream.text("name") for stream in manifest.member("streams").elements()), "")
    if first not in [name.value for name in names.elements()]:
        yield Finding(names.path, f"the check does not read the first stream, `{first}`", f"Add `{first}`")


def unused_definitions(manifest: Node) -> Iterator[Finding]:
    """Yield definitions that nothing refers to, or only definitions of that kind."""
    waiting = [manifest.member(key) for key in manifest.members() if key != "definitions"]
    used: set[str | int] = set()
    while waiting:
        targets = [node.target for node in waiting.pop().written() if node.target]
        for name in {target.path[1] for target in targets if target.path[0] == "definitions"} - used:
            used.add(name)
            waiting.append(manifest.member("definitions", str(name)))
    for name, definition in manifest.member("definitions").members().items():
        if name not in used:
            yield Finding(definition.path, "nothing uses the definition", "Remove it")


def requesters(manifest: Node) -> Iterator[Finding]:
    """Yield requesters that may wait for ever, or leave a user alone with a status."""
    for node in manifest.member("streams").in_use():
        if node.text("type") in ("CustomRequester", "HttpRequester"):
            written = node.member("type").path[:-1]
            for timeout in _TIMEOUTS:
                if timeout not in node.members():
                    yield Finding(written, f"there is no `{timeout}`", "Add it: the CDK waits for ever")
            for status in _EXPLAINED_STATUSES:
                if not node.member("error_messages").text(status):
                    yield Finding(
                        written,
                        f"there is no message for status {status}",
                        f'Say under `error_messages`, key "{status}", what the user can do',
                    )


def streams(manifest: Node) -> Iterator[Finding]:
    """Yield streams whose rows cannot be told apart, or whose schema says too little or too much."""
    for stream in manifest.member("streams").elements():
        schema = stream.member("schema_loader", "schema")
        properties = set(schema.member("properties").members())
        keys = set(re.findall(r"\w+", str(stream.member("primary_key").value or "")))
        if not keys:
            yield Finding(stream.path, "the stream has no primary_key", "Name the field that identifies a row")
        for key in sorted(keys - properties):
            yield Finding(stream.member("primary_key").path, f"the schema has no `{key}`", "Correct the key or add it")
        # Which properties must be nullable depends on the key: without one, none is said to be wrong.
        yield from _record_schema(schema, keys or properties)


def _record_schema(schema: Node, keys: set[str]) -> Iterator[Finding]:
    members = schema.members()
    yield from _schema_keys(members, _RECORD_SCHEMA_KEYS)
    if "properties" in members and schema.member("additionalProperties").value is not True:
        written = members["properties"].path[:-1]
        yield Finding(written, "the schema does not say `additionalProperties: true`", "Add it: APIs add fields")
    for name, field in schema.member("properties").members().items():
        kind = field.member("type")
        if not field.text("description"):
            yield Finding(field.path, "the property has no description", "Say what it is")
        if kind.value is not None and name not in keys and "null" not in kind.value:
            yield Finding(kind.path, "the property is not nullable", 'Add "null": only a key is always there')
        yield from _record_schema(field, set())
    if "items" in members:
        yield from _record_schema(members["items"], set())


def _schema_keys(members: dict[str, Node], known: set[str]) -> Iterator[Finding]:
    for key, member in members.items():
        if key not in known:
            yield Finding(member.path, f"JSON schema has no `{key}`", "Correct the key or remove it")


def spec_fields(manifest: Node) -> Iterator[Finding]:
    """Yield fields of the spec that a form cannot show well, or would show as plain text."""
    specification = manifest.member("spec", "connection_specification")
    # The connector adds the provider's `name` in front, with order 0.
    yield from _spec_object(specification, taken_orders=[0])
    if "name" in specification.member("properties").members():
        field = specification.member("properties", "name")
        yield Finding(field.path, "`name` is taken: it names the provider", "Call the field something else")


def _spec_object(schema: Node, taken_orders: list[int]) -> Iterator[Finding]:
    yield from _schema_keys(schema.members(), _SPEC_KEYS)
    fields = schema.member("properties").members()
    orders = Counter([*taken_orders, *(field.member("order").value for field in fields.values())])
    for name, field in fields.items():
        wanted = ["order"] if "const" in field.members() else ["title", "description", "order"]
        for key in wanted:
            if key not in field.members():
                yield Finding(field.path, f"the field has no {key}", "Add it: the form is made of it")
        order = field.member("order")
        if order.value is not None and orders[order.value] > 1:
            yield Finding(order.path, f"order {order.value} is taken", "Number the fields of an object from 1")
        if _looks_secret(name, field) and field.member("airbyte_secret").value is not True:
            yield Finding(field.path, "the field looks like a secret", "Mark it with `airbyte_secret: true`")
        yield from _spec_object(field, [])
        for branch in field.member("oneOf").elements():
            yield from _spec_object(branch, [])


def _looks_secret(name: str, field: Node) -> bool:
    is_text = field.member("type").value == "string" and "const" not in field.members()
    return is_text and not _SECRET_WORDS.isdisjoint(name.split("_"))


def config_fields(manifest: Node) -> Iterator[Finding]:
    """Yield config fields that are read but not in the spec, and those in the spec that nothing reads."""
    known = dict(_spec_paths(manifest.member("spec", "connection_specification"), ""))
    read = {path: node for node, path in _reads(manifest)}
    for path, node in read.items():
        if path not in known:
            yield Finding(node.path, f"the spec has no field `{path}`", "Correct the field or add it to the spec")
    in_python = _names_in_python(manifest)
    for path, field in known.items():
        # A constant tells the branches of a `oneOf` apart, which is use enough.
        is_used = path in read or path.rpartition(".")[2] in in_python or "const" in field.members()
        if not is_used and not any(other.startswith(f"{path}.") for other in read):
            yield Finding(field.path, f"nothing reads the field `{path}`", "Remove it, or read it")


def _spec_paths(schema: Node, above: str) -> Iterator[tuple[str, Node]]:
    for branch in [schema, *schema.member("oneOf").elements()]:
        for name, field in branch.member("properties").members().items():
            yield f"{above}{name}", field
            yield from _spec_paths(field, f"{above}{name}.")


def _reads(manifest: Node) -> Iterator[tuple[Node, str]]:
    """Yield the config fields that the manifest reads, each with the place."""
    # The CDK's own keys of that form, such as `cursor_field`, name fields of rows.
    of_rows = {key for schema in component_schemas().values() for key in schema.get("properties", {})}
    for section in ("check", "definitions", "streams"):
        for node in manifest.member(section).written():
            key, value = str(node.path[-1]), node.value
            if key == "authenticator_selection_path":
                yield node, ".".join(value)
            elif key == "config_overrides":
                yield from ((node.member(field), field) for field in value)
            elif isinstance(value, str) and re.search("(^|_)field$", key) and key not in of_rows:
                yield node, value
            elif isinstance(value, str) and "{" in value:
                yield from ((node, found[1] or found[2]) for found in _CONFIG_READ.finditer(value))


def _names_in_python(manifest: Node) -> set[str]:
    """Return the names that stand as text in the components in use: such fields are read there."""
    class_names = {node.text("class_name") for node in manifest.member("streams").in_use()} - {""}
    found = [load_class(name) for name in class_names]
    ours = {cls for leaf in found if leaf for cls in leaf.__mro__ if _package(cls) == _package(leaf)}
    return {name for cls in ours for name in _names_in_class(cls)}


@cache
def _names_in_class(cls: type) -> set[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {name for text in texts if isinstance(text, str) and _FIELD_NAME.fullmatch(text) for name in text.split(".")}


def _package(cls: type) -> str:
    return cls.__module__.partition(".")[0]


RULES: tuple[Rule, ...] = (
    unknown_keys,
    cdk_version,
    check_reads_first_stream,
    unused_definitions,
    requesters,
    streams,
    spec_fields,
    config_fields,
)
