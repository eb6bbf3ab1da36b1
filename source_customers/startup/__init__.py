"""Has the CDK start in a third of the time that it takes by itself, and end without being taken apart again."""

import gc
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import attributes_doc

from source_customers.startup.functions import compiled_on_demand
from source_customers.startup.stand_ins import imported_on_demand, left_out, replaced

_MANIFEST_MODELS = "airbyte_cdk.sources.declarative.models.declarative_component_schema"
# For answers that tell no charset, for rare forms of time, and for decoders, macros and an authentication that no
# manifest here has. Of pydantic, the CDK asks for pydantic.v1 alone.
_SELDOM_USED = ("charset_normalizer", "ijson", "jwt", "pendulum", "pydantic", "pytz", "xmltodict")


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import within this what is slow to import; what is imported then stays for good.

    `import airbyte_cdk` takes 7.0 billion instructions, of which 1.8 are left (as `valgrind --tool=cachegrind` counts
    them, with all that is imported for the first time):

    - 3.2: serpyco-rs parses the source of every message class for the docstrings of its fields, which only a JSON
      schema of them would need. It gets an empty answer here.
    - 0.4: 877 functions of dataclasses are compiled, of which a sync calls a few dozen.
    - 0.4: pydantic declares 149 models of manifests, of which a manifest uses about ten.
    - 0.4: requests-cache imports boto3 and tomlkit for caches in DynamoDB and TOML, and does without where they are
      not installed.
    - 0.3: packages are there for what no manifest here asks for; pydantic.v1 stands in one that it needs nothing of.
    - Less than 0.1: eight serializers of messages are made, of which a sync uses three.
    - 0.1 to 0.4: the garbage collector looks again and again at what is being imported.
    """
    gc.disable()
    for package in _SELDOM_USED:
        imported_on_demand(package)
    try:
        with (
            replaced(attributes_doc, "get_attributes_doc", lambda cls: {}),  # noqa: ARG005
            left_out("boto3"),
            left_out("tomlkit"),
            compiled_on_demand(),
        ):
            # These import what is to be imported quickly.
            from source_customers.startup.models import declared_on_demand  # noqa: PLC0415
            from source_customers.startup.serializers import made_on_demand  # noqa: PLC0415

            with declared_on_demand(_MANIFEST_MODELS), made_on_demand():
                yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def unchecked_manifest() -> Iterator[None]:
    """Have the CDK take a manifest as it is: the schema that it would check it against takes 0.06 seconds to read."""
    cdk = importlib.import_module("airbyte_cdk.sources.declarative.concurrent_declarative_source")
    with replaced(cdk, "get_declarative_component_schema", dict):
        yield


def end_at_once() -> NoReturn:
    """End the process successfully; taking every module and thread apart first would take a tenth of a second."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
