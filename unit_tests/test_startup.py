"""What makes the start quick is still there, and changes nothing but the time."""

import json
import subprocess
import sys

import pytest

SPEC = "from source_customers.run import run; run({arguments})"
CDK_IMPORTED = f"{SPEC}; import sys; assert 'airbyte_cdk' in sys.modules, 'not imported'"


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_spec_does_without_the_cdk() -> None:
    done = run_python(CDK_IMPORTED.format(arguments="['spec']"))

    assert "not imported" in done.stderr
    assert json.loads(done.stdout)["type"] == "SPEC"


def test_spec_is_the_same_with_the_cdk() -> None:
    quick = run_python(SPEC.format(arguments="['spec']"))
    whole = run_python(CDK_IMPORTED.format(arguments="['spec', '--debug']"))

    assert whole.stderr == ""
    [message] = [message for message in map(json.loads, whole.stdout.splitlines()) if message["type"] == "SPEC"]
    # The CDK adds empty fields that the protocol has for destinations.
    assert {field: value for field, value in message["spec"].items() if value} == json.loads(quick.stdout)["spec"]


def test_the_replaced_function_is_the_one_that_serpyco_calls() -> None:
    code = (
        "import attributes_doc\n"
        "from source_customers.startup import quick_imports\n"
        "calls = []\n"
        "with quick_imports():\n"
        "    empty = attributes_doc.get_attributes_doc\n"
        "    attributes_doc.get_attributes_doc = lambda cls: calls.append(cls) or empty(cls)\n"
        "    import airbyte_cdk\n"
        "print(len(calls), attributes_doc.get_attributes_doc is not empty)\n"
    )
    calls, is_restored = run_python(code).stdout.split()

    assert int(calls) > 10
    assert is_restored == "True"


@pytest.mark.parametrize("package", ["boto3", "tomlkit"])
def test_what_requests_cache_can_do_without_is_left_out_and_there_for_others(package: str) -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    import airbyte_cdk\n"
        "import sys\n"
        "from requests_cache.backends import DynamoDbCache\n"
        "from requests_cache.serializers.preconf import toml_preconf_stage\n"
        f"print('{package}' in sys.modules, DynamoDbCache.__name__, toml_preconf_stage.__name__)\n"
        f"import {package}\n"
        f"print({package}.__name__)\n"
    )
    assert run_python(code).stdout.split() == ["False", "Placeholder", "Placeholder", package]


def test_jwt_is_imported_when_a_manifest_signs_with_it() -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    from airbyte_cdk.sources.declarative.auth import JwtAuthenticator\n"
        "import sys\n"
        "print('jwt' in sys.modules, 'cryptography.x509' in sys.modules)\n"
        "signing = {'secret_key': 'a' * 32, 'algorithm': 'HS256', 'token_duration': 60}\n"
        "print(JwtAuthenticator(config={}, parameters={}, **signing).token.count('.'))\n"
        "import jwt.algorithms\n"
        "print(jwt.algorithms.__name__)\n"
    )
    assert run_python(code).stdout.split() == ["False", "False", "2", "jwt.algorithms"]


def test_a_package_is_there_for_one_that_asks_for_it_at_once() -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    import jwt\n"
        "    print(jwt.encode.__name__)\n"
    )
    assert run_python(code).stdout.split() == ["encode"]


FIELDS = """
import re
import sys
if {quick}:
    from source_customers.startup import quick_imports
    with quick_imports():
        import airbyte_cdk.sources.declarative.models.declarative_component_schema as models
else:
    import airbyte_cdk.sources.declarative.models.declarative_component_schema as models
from pydantic.v1 import BaseModel, ValidationError

def told(field):
    slots = {{name: getattr(field, name) for name in field.__slots__ if name not in {{"field_info", "model_config"}}}}
    parts = [told(part) for part in slots.pop("sub_fields") or []]
    key = told(slots.pop("key_field")) if field.key_field else None
    lengths = [len(slots.pop(name) or []) for name in ("validators", "pre_validators", "post_validators")]
    return [re.sub(" at 0x[0-9a-f]+", "", repr(slots)), lengths, parts, key]

declared = [model for model in vars(models).values() if isinstance(model, type) and issubclass(model, BaseModel)]
put_off = sum(any(not field.validators and not field.sub_fields for field in model.__fields__.values())
              for model in declared)
for model in declared:
    try:
        model(**dict.fromkeys(field.alias for field in model.__fields__.values()))
    except ValidationError:
        pass
    print(model.__name__, model.__signature__, [told(field) for field in model.__fields__.values()])
print(put_off, file=sys.stderr)
"""


def test_models_of_manifests_are_prepared_late_and_just_the_same() -> None:
    quick, plain = (run_python(FIELDS.format(quick=quick)) for quick in (True, False))

    assert quick.stdout == plain.stdout
    assert quick.stdout.count("\n") > 100
    assert int(quick.stderr) > 100 > int(plain.stderr)


def test_imports_that_are_there_already_stay_as_they_are() -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "import jwt, pydantic.v1.main\n"
        "for _ in range(3):\n"
        "    with quick_imports():\n"
        "        import airbyte_cdk\n"
        "    print(pydantic.v1.main.validate_model.__name__)\n"
        "import sys\n"
        "print(sys.modules['jwt'] is jwt)\n"
        "from airbyte_cdk.sources.declarative.models.declarative_component_schema import DpathExtractor\n"
        "print(DpathExtractor(type='DpathExtractor', field_path=['rows']).field_path)\n"
    )
    done = run_python(code)

    assert done.stdout.splitlines() == ["_validate_prepared"] * 3 + ["True", "['rows']"], done.stderr


def test_a_manifest_is_checked_before_a_read_and_not_by_it() -> None:
    code = (
        "import logging\n"
        "from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer\n"
        "from airbyte_cdk.sources.declarative import concurrent_declarative_source as cdk\n"
        "from source_customers.source import SourceCustomers\n"
        "def read_schema():\n"
        "    print('schema')\n"
        "    return {}\n"
        "cdk.get_declarative_component_schema = read_schema\n"
        "source, config = SourceCustomers(), {'provider': {'name': 'caoloon', 'api_token': 'none'}}\n"
        "streams = source.discover(logging.getLogger(), config).streams\n"
        "catalog = {'streams': [{'stream': {'name': 'customers', 'json_schema': {}, 'supported_sync_modes': []},\n"
        "           'sync_mode': 'full_refresh', 'destination_sync_mode': 'append'}]}\n"
        "reading = source.read(None, config, ConfiguredAirbyteCatalogSerializer.load(catalog))\n"
        "print(next(reading).type.value)\n"
        "print(cdk.get_declarative_component_schema is read_schema)\n"
    )
    assert run_python(code).stdout.split() == ["schema", "TRACE", "True"]


def test_a_process_ends_after_its_last_line_without_taking_itself_apart() -> None:
    code = (
        "import atexit, sys\n"
        "atexit.register(print, 'taken apart')\n"
        "sys.argv = ['source-customers', 'discover', '--config', '/dev/stdin']\n"
        "from source_customers.run import run\n"
        "run()\n"
    )
    config = json.dumps({"provider": {"name": "caoloon", "api_token": "none"}})
    done = subprocess.run([sys.executable, "-c", code], input=config, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1])["type"] == "CATALOG"
