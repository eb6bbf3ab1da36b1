"""Writes docs/manifest.md, the reference of what a manifest may say, from the settings: `make reference`."""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec.inspect
from msgspec import NODEFAULT

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from source_customers.manifest.mistakes import kind_of  # noqa: E402  # found by the line above
from source_customers.manifest.settings import (  # noqa: E402
    Bound,
    ChosenMethod,
    ConnectionSettings,
    Credential,
    CursorSettings,
    Days,
    EnvelopeSettings,
    FormLogin,
    HeaderCredentials,
    LeftOut,
    OAuthRefresh,
    Offset,
    OneAnswer,
    PaceSettings,
    PageNumber,
    ParentSettings,
    QueryParameter,
    RetrieverSettings,
    Settings,
    StartDatetime,
    StreamSettings,
    Window,
)

PAGE = ROOT / "docs" / "manifest.md"
# The sections of the page, in their order: the title, and the class that it describes.
SECTIONS: dict[str, type[Settings]] = {
    "Stream": StreamSettings,
    "Retriever": RetrieverSettings,
    "Page numbers": PageNumber,
    "Offsets": Offset,
    "Days": Days,
    "One answer": OneAnswer,
    "Envelope": EnvelopeSettings,
    "Query parameter": QueryParameter,
    "Parent": ParentSettings,
    "Left out": LeftOut,
    "Window": Window,
    "Bound": Bound,
    "Change time": CursorSettings,
    "Start": StartDatetime,
    "Connection": ConnectionSettings,
    "Credentials in headers": HeaderCredentials,
    "Credential": Credential,
    "OAuth refresh": OAuthRefresh,
    "Login form": FormLogin,
    "Chosen method": ChosenMethod,
    "Pace": PaceSettings,
}
TITLES: dict[type, str] = {settings: title for title, settings in SECTIONS.items()}

INTRODUCTION = """\
# What a manifest may say

<!-- Written by scripts/manifest_reference.py. Change the settings or the script, then run `make reference`. -->

A provider is one YAML file in `manifests/`. Its name is the name of the provider. It is written in the language of the
CDK's declarative sources, and has these parts:

| Part | What it holds |
|---|---|
| `version`, `type` | the CDK that it was written for, and `DeclarativeSource` |
| `check` | the streams that `check` asks for one row |
| `definitions` | what several streams share: the connection, the retriever, the change time |
| `streams` | one entry a stream |
| `spec` | the form that a user fills in, as a JSON schema |
| `schemas` | the fields of each stream's rows, as JSON schemas |

`{$ref: "#/definitions/retriever"}` takes over what stands at another place of the file. Keys beside the `$ref` add to
it or replace what it brings. So a stream takes four to eight lines:

```yaml
streams:
  - type: DeclarativeStream
    name: projects
    primary_key: id
    incremental_sync: {$ref: "#/definitions/changed_at"}
    retriever: {$ref: "#/definitions/retriever", path: /v1/projects}
    schema_loader: {type: InlineSchemaLoader, schema: {$ref: "#/schemas/projects"}}
```

Without `incremental_sync`, and without a `window` in the retriever, a stream is read in full each time.
[fifth_provider.yaml](../integration_tests/fifth_provider.yaml) is a whole manifest, commented line by line.

**Defaults stand once**, in the spec: `default: 100` at `page_size`, say. A setting names a config field and gives no
default of its own. A dot leads into an object of the config: `customers.archived`.

**Mistakes are refused** when the manifest is loaded, by every command: an unknown key, a key that is missing, a value
that is not allowed, a key that has no effect beside the others. The message names the path and what is allowed. What
takes the whole file to see is found by `python -m manifest_lint manifests/<provider>.yaml`: config fields that the spec
does not have or that nothing reads, definitions that nothing uses, references that lead nowhere, forms and schemas that
say too little.

## Streams of the CDK's own components

A stream may also be made of the CDK's own components: `SimpleRetriever`, `HttpRequester`, `DefaultPaginator`,
`DatetimeBasedCursor`. It works in `spec`, `check`, `discover` and `read`, also beside streams of our retriever, and its
state is kept. Expressions see the config with the defaults of the spec.
[sixth_provider.yaml](../integration_tests/sixth_provider.yaml) has two of them. The keys are those of the
[CDK's own reference](https://docs.airbyte.com/platform/connector-development/config-based/understanding-the-yaml-file/reference).

The connector's promise does not hold for such a stream:

- **Rows can be missing from a sync that ends COMPLETE.** The CDK takes a page that it cannot understand for the end of
  the list. With a page size it takes a short page for the end, too. It does not notice rows that move while pages are
  read.
- **Credentials and rows can be shown.** A request that is refused is logged with its address and the answer. A link or
  a redirect to another host is followed, with most headers.
- **Nothing is shared.** It has its own session and its own pace. It is read after the other streams, and no pages are
  fetched ahead.
- **Credentials are taken for numbers** where they look like one: `12_34` is sent as `1234`.
- **A request may wait for ever** without `connect_timeout_in_seconds` and `read_timeout_in_seconds`. The lint asks for
  both.
- **Fields are not learned.** The catalog has the fields of its schema alone.
- **A fault is told in the CDK's words**, without what a user can do, unless an `error_handler` says so.

# Reference

The tables name each key, what it may hold, what holds where it is left out, and what it means. *Required* keys have to
be there. *Nothing* means that what the key describes is not there, or not done.
"""


def reference() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *(_section(title, settings) for title, settings in SECTIONS.items())])


def _section(title: str, settings: type[Settings]) -> str:
    told, attributes = _docstring(settings)
    structure: Any = msgspec.inspect.type_info(settings)
    rows = ["| Key | Holds | Left out | Meaning |", "|---|---|---|---|"]
    if structure.tag_field:
        rows.append(f"| `{structure.tag_field}` | `{structure.tag}` | *required* | chooses this form |")
    for each in structure.fields:
        meaning = attributes.pop(each.name).removesuffix(".")
        rows.append(f"| `{each.encode_name}` | {_holds(each.type)} | {_left_out(each)} | {meaning} |")
    return f"## {title}\n\n{told}\n\n" + "\n".join(rows) + "\n"


def _docstring(settings: type[Settings]) -> tuple[str, dict[str, str]]:
    """Return what a class says of itself, and of each attribute; those of its bases included."""
    attributes: dict[str, str] = {}
    told = ""
    for each in reversed(settings.__mro__):
        if issubclass(each, Settings):
            told, _, lines = inspect.cleandoc(each.__doc__ or "").partition("\n\nAttributes:\n")
            found = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", lines, flags=re.MULTILINE)
            attributes |= {name: " ".join(meaning.split()) for name, meaning in found}
    return " ".join(told.split()), attributes


def _holds(expected: Any) -> str:
    return ", or ".join(_forms(expected))


def _forms(expected: Any) -> Iterator[str]:
    if isinstance(expected, msgspec.inspect.UnionType):
        for each in expected.types:
            yield from _forms(each)
    elif isinstance(expected, msgspec.inspect.StructType):
        title = TITLES[expected.cls]
        yield f"[{title.lower()}](#{title.lower().replace(' ', '-')})"
    elif isinstance(expected, msgspec.inspect.ListType):
        yield f"a list, each entry a {_holds(expected.item_type)}"
    elif isinstance(expected, msgspec.inspect.DictType):
        value = expected.value_type
        yield "an object" if isinstance(value, msgspec.inspect.AnyType) else f"an object, each value {_holds(value)}"
    elif isinstance(expected, msgspec.inspect.LiteralType):
        yield ", ".join(f"`{value}`" for value in expected.values)
    elif not isinstance(expected, msgspec.inspect.NoneType):
        yield kind_of(expected)


def _left_out(each: msgspec.inspect.Field) -> str:
    if each.required:
        return "*required*"
    if isinstance(each.default, bool):
        return f"`{str(each.default).lower()}`"
    return f"`{each.default}`" if each.default_factory is NODEFAULT and each.default else "nothing"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written.")
