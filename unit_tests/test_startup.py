"""What makes the start quick is still there, and changes nothing but the time."""

import json
import subprocess
import sys

from unit_tests.processes import run_python

SPEC = "from source_customers.run import run; run({arguments})"
CDK_IMPORTED = f"{SPEC}; import sys; assert 'airbyte_cdk' in sys.modules, 'not imported'"


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

    assert done.stdout.splitlines() == ["_validate_declared"] * 3 + ["True", "['rows']"], done.stderr


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
