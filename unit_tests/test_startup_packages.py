"""Packages that a sync does without are left out, and there for others."""

import pytest

from unit_tests.processes import run_python


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
        "print('jwt.api_jwt' in sys.modules, 'cryptography.x509' in sys.modules)\n"
        "signing = {'secret_key': 'a' * 32, 'algorithm': 'HS256', 'token_duration': 60}\n"
        "print(JwtAuthenticator(config={}, parameters={}, **signing).token.count('.'))\n"
        "import jwt.algorithms\n"
        "print(jwt.algorithms.__name__)\n"
    )
    assert run_python(code).stdout.split() == ["False", "False", "2", "jwt.algorithms"]


def test_pydantic_is_imported_when_something_of_it_is_asked_for() -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    import airbyte_cdk\n"
        "import sys\n"
        "print('pydantic_core' in sys.modules)\n"
        "from pydantic.v1 import BaseModel as Old\n"
        "from pydantic import BaseModel\n"
        "import pydantic\n"
        "print(BaseModel is pydantic.BaseModel, Old is pydantic.v1.BaseModel, Old is BaseModel)\n"
        "print('pydantic_core' in sys.modules, pydantic.__file__ is not None)\n"
    )
    assert run_python(code).stdout.split() == ["False", "True", "True", "False", "True", "True"]


@pytest.mark.parametrize(
    ("package", "part", "used"),
    [
        ("charset_normalizer", "charset_normalizer.api", "charset_normalizer.detect"),
        ("ijson", "ijson.backends", "ijson.items"),
        ("pendulum", "pendulum.duration", "pendulum.parse"),
        ("pytz", "pytz.tzinfo", "pytz.timezone"),
        ("xmltodict", "xml.sax", "xmltodict.parse"),
    ],
)
def test_a_package_that_is_seldom_used_is_imported_when_it_is(package: str, part: str, used: str) -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    import source_customers.entrypoint\n"
        "import sys\n"
        f"print('{part}' in sys.modules)\n"
        f"import {package}\n"
        f"print(callable({used}), '{part}' in sys.modules)\n"
    )
    assert run_python(code).stdout.split() == ["False", "True", "True"]


def test_a_package_is_there_for_one_that_asks_for_it_at_once() -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    import jwt\n"
        "    print(jwt.encode.__name__)\n"
    )
    assert run_python(code).stdout.split() == ["encode"]


def test_requests_finds_out_the_charset_of_a_text_that_does_not_tell_it() -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    import requests\n"
        "import charset_normalizer\n"
        "response = requests.Response()\n"
        "response._content = 'Grüße aus Köln, schöne Straße'.encode('utf-16')\n"
        "print(charset_normalizer.__version__, response.text)\n"
        "from charset_normalizer.version import VERSION\n"
        "print(charset_normalizer.__version__, '.'.join(VERSION))\n"
    )
    done = run_python(code)
    [first, text], [again, version] = (line.split(maxsplit=1) for line in done.stdout.splitlines())

    assert first == again == version
    assert text == "Grüße aus Köln, schöne Straße"
    assert done.stderr == ""


def test_a_version_is_told_for_a_package_of_another_name() -> None:
    code = (
        "from source_customers.startup.stand_ins import imported_on_demand\n"
        "imported_on_demand('jwt')\n"
        "import jwt\n"
        "from importlib.metadata import version\n"
        "print(jwt.__version__ == version('PyJWT'))\n"
    )
    assert run_python(code).stdout == "True\n"
