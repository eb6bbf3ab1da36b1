"""What makes the start quick still helps, and changes nothing but the time."""

import json
import platform
import resource
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import pytest

from source_customers import startup
from source_customers.startup import quickly, share_one_heap
from unit_tests.processes import run_python

SPEC = "from source_customers.run import run; run({arguments})"
CALLS = 2000
DEPTHS = range(0, 400, 5)
LOADERS = ("quickly", "(lambda load: load())")
CDK_IMPORTED = f"{SPEC}; import sys; assert 'airbyte_cdk' in sys.modules, 'not imported'"


def test_spec_does_without_the_cdk() -> None:
    done = run_python(CDK_IMPORTED.format(arguments="['spec']"))

    assert "not imported" in done.stderr
    assert json.loads(done.stdout)["type"] == "SPEC"


def test_the_other_commands_do_without_the_probe() -> None:
    done = run_python(
        "import source_customers.entrypoint, sys\n"
        "print([name for name in sys.modules if name.startswith('source_customers.probe')])"
    )

    assert done.stdout == "[]\n", done.stderr


def test_spec_is_the_same_with_the_cdk() -> None:
    quick = run_python(SPEC.format(arguments="['spec']"))
    whole = run_python(CDK_IMPORTED.format(arguments="['spec', '--debug']"))

    assert whole.stderr == ""
    [message] = [message for message in map(json.loads, whole.stdout.splitlines()) if message["type"] == "SPEC"]
    # The CDK adds empty fields that the protocol has for destinations.
    assert {field: value for field, value in message["spec"].items() if value} == json.loads(quick.stdout)["spec"]


def test_no_docstring_is_read_while_the_cdk_is_imported() -> None:
    code = (
        "import inspect\n"
        "from source_customers.startup import quickly\n"
        "read, getsource = [], inspect.getsource\n"
        "inspect.getsource = lambda kind: read.append(kind) or getsource(kind)\n"
        "{load}(lambda: __import__('airbyte_cdk'))\n"
        "print(len(read))\n"
    )
    quick, plain = (run_python(code.format(load=load)) for load in LOADERS)

    assert quick.stdout == "0\n", quick.stderr
    assert int(plain.stdout) > 50


def test_everything_is_as_it_was_when_the_cdk_is_imported() -> None:
    code = (
        "import attributes_doc, gc\n"
        "from source_customers.startup import quickly\n"
        "docstrings = attributes_doc.get_attributes_doc\n"
        "def load():\n"
        "    print(gc.isenabled(), attributes_doc.get_attributes_doc is docstrings)\n"
        "    import airbyte_cdk\n"
        "quickly(load)\n"
        "print(gc.isenabled(), attributes_doc.get_attributes_doc is docstrings)\n"
        "try:\n"
        "    quickly(lambda: __import__('no_such_module'))\n"
        "except ImportError:\n"
        "    print(gc.isenabled())\n"
    )
    done = run_python(code)

    assert done.stdout.splitlines() == ["False True", "True True", "True"], done.stderr


def test_messages_are_written_and_read_the_same_as_ever() -> None:
    code = (
        "import json\n"
        "from source_customers.startup import quickly\n"
        "{load}(lambda: __import__('airbyte_cdk'))\n"
        "from airbyte_cdk import models\n"
        "state = {{'type': 'STREAM', 'stream': {{'stream_descriptor': {{'name': 'customers'}},"
        " 'stream_state': {{'at': 1}}}}}}\n"
        "loaded = models.AirbyteStateMessageSerializer.load(state)\n"
        "print(loaded, models.AirbyteStateMessageSerializer.dump(loaded))\n"
        "try:\n"
        "    models.ConfiguredAirbyteCatalogSerializer.load({{'streams': [{{'sync_mode': 'some'}}]}})\n"
        "except Exception as error:\n"
        "    print(error.errors)\n"
    )
    quick, plain = (run_python(code.format(load=load)) for load in LOADERS)

    assert quick.stdout == plain.stdout, quick.stderr
    assert quick.stdout.count("\n") == 2


def page_faults(depth: int) -> int:
    """How often memory was taken from the system, while calls went back and forth at some depth."""

    def descend(left: int) -> None:
        if left:
            return descend(left - 1)
        for _ in range(CALLS):
            ascend(10)
        return None

    def ascend(left: int) -> None:
        if left:
            ascend(left - 1)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    descend(depth)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_what_is_loaded_has_room_for_its_frames() -> None:
    assert max(quickly(partial(page_faults, depth)) for depth in DEPTHS) < CALLS


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 takes memory for each frame by itself")
def test_without_that_room_memory_is_taken_again_and_again() -> None:
    assert max(page_faults(depth) for depth in DEPTHS) >= CALLS


def test_another_python_has_whatever_room_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "FunctionType", None)
    assert quickly(lambda: "loaded") == "loaded"


def test_a_process_ends_after_its_last_line_without_taking_itself_apart() -> None:
    code = (
        "import atexit, sys\n"
        "atexit.register(print, 'taken apart')\n"
        "sys.argv = ['source-customers', 'discover', '--config', '/dev/stdin']\n"
        "from source_customers.run import run\n"
        "run()\n"
    )
    config = json.dumps({"provider": {"name": "caoloon", "api_token": "none", "learn_fields": False}})
    done = subprocess.run([sys.executable, "-c", code], input=config, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1])["type"] == "CATALOG"


HEAPS = """
import ctypes, threading
{before}
begun, done = threading.Barrier(5), threading.Barrier(5)

def work():
    kept = [bytes(5000) for _ in range(100)]
    begun.wait()
    done.wait()

for thread in [threading.Thread(target=work) for _ in range(4)]:
    thread.start()
begun.wait()
library = ctypes.CDLL(None)
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
done.wait()
"""
ONE_HEAP = "from source_customers.startup import share_one_heap; share_one_heap()"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has another way, or none")
def test_threads_share_one_heap() -> None:
    several, one = (run_python(HEAPS.format(before=before)).stdout.count("<heap nr=") for before in ("", ONE_HEAP))

    assert one == 1
    assert several > 1


@pytest.mark.parametrize("missing", ["mallopt", "ctypes"])
def test_without_it_there_is_no_harm(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, "ctypes", None if missing == "ctypes" else SimpleNamespace(CDLL=lambda _: None))

    share_one_heap()
