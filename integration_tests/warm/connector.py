"""The connector's command."""

from functools import partial
from importlib import import_module

from source_customers.run import run
from source_customers.startup import quickly

quickly(partial(import_module, "source_customers.entrypoint"))
main = run
