"""The four APIs on a port of this machine, as their documents describe them, for tests, demos and benchmarks.

from integration_tests.sandbox import Sandbox, serve

with serve(Sandbox(customers=250, seed=7)) as sandbox:
    read(sandbox.config("caoloon"))
    assert sandbox.caoloon.requests.of(kind="list")
"""

from integration_tests.sandbox.faults import FAULTS, Fault
from integration_tests.sandbox.recording import RequestRecord, Requests
from integration_tests.sandbox.sandbox import Sandbox
from integration_tests.sandbox.server import serve

__all__ = ["FAULTS", "Fault", "RequestRecord", "Requests", "Sandbox", "serve"]
