"""What makes the start quick is still there, and changes nothing but the time."""

import json
import subprocess
import sys

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


def test_boto3_is_left_out_by_requests_cache_itself_and_there_for_others() -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    import airbyte_cdk\n"
        "import sys\n"
        "from requests_cache.backends import DynamoDbCache\n"
        "print('boto3' in sys.modules, DynamoDbCache.__name__)\n"
        "import boto3\n"
        "print(boto3.__name__)\n"
    )
    assert run_python(code).stdout.split() == ["False", "Placeholder", "boto3"]


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
