"""The four APIs on a port of this machine, as their documents describe them, for tests, demos and benchmarks.

from integration_tests.sandbox import Sandbox, serve

with serve(Sandbox(customers=250, seed=7)) as sandbox:
    read(sandbox.config("caoloon"))
    assert sandbox.caoloon.requests.of(kind="list")

What a test does with a provider is in `controls.py`: look at rows and requests, change rows, add faults. Customers are
made by the functions in `data/`; everything else is made by `variation.py` from the record that the documents print,
which stands in `data/samples/`. `sandbox.valomnia.tables["orders"]` has the rows of a list,
`Sandbox(rows={"orders": 500})` says how many, and `sandbox.valomnia.expected("customer_details")` is what any stream
has to deliver.

Faults are in `faults/` by name: FAULTS answer at once, FLOODS never end or are larger than memory; `Schedule.add` says
which requests they strike. How a provider behaves in what its documents leave open, and whether somebody else changes
its rows meanwhile, are its settings: class attributes of `Provider`, of `Oddities` and of its own class. `like.py`
takes them from a probe's report (`python -m integration_tests.sandbox --like report.json`). All of it can be done over
HTTP too:

POST /_sandbox/{provider}/fault      {"kind": "drip_body", "endpoint": "login", "forever": true}
POST /_sandbox/{provider}/settings   {"equals": "plan", "clock_skew": 3600, "busy_every": 3}
POST /_sandbox/{provider}/change     {"touch": 300, "insert": 20, "at": "2026-01-01T00:00:00Z", "stream": "orders"}
"""

from integration_tests.sandbox.faults import FAULTS, FLOODS, Fault
from integration_tests.sandbox.recording import RequestRecord, Requests
from integration_tests.sandbox.sandbox import Sandbox
from integration_tests.sandbox.server import serve

__all__ = ["FAULTS", "FLOODS", "Fault", "RequestRecord", "Requests", "Sandbox", "serve"]
