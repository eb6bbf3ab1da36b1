"""Drives `source-customers probe`."""

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from integration_tests.connector import Json, command_files, run_here
from integration_tests.sandbox import Sandbox

FAST = 100_000
"""Requests a minute that MijnKlantportaal allows here, so that nothing waits and the headers are there."""


@dataclass
class Probed:
    """What a probe printed, and how it ended."""

    output: str
    errors_output: str
    exit_code: int

    @cached_property
    def findings(self) -> list[Json]:
        return [json.loads(line) for line in self.output.splitlines()]

    def ids(self, verdict: str, stream: str | None = None) -> set[str]:
        """The ids that were answered like that, of one stream or of all."""
        return {f["id"] for f in self.findings if f["verdict"] == verdict and stream in {None, f["stream"]}}

    def of(self, name: str, stream: str = "customers") -> Json:
        [found] = [f for f in self.findings if (f["id"], f["stream"]) == (name, stream)]
        return found

    @property
    def most_requests(self) -> int:
        return int(self.errors_output.split("At most ")[1].split()[0])


def probe(config: Mapping[str, Any], *options: str) -> Probed:
    """Probe in this process, and print lines of JSON."""
    return probe_as_printed(config, "--json", *options)


def probe_as_printed(config: Mapping[str, Any], *options: str) -> Probed:
    errors = io.StringIO()
    with command_files(config=config) as files, redirect_stderr(errors):
        outcome = run_here(["probe", *files, *options])
    return Probed(outcome.output, errors.getvalue(), outcome.exit_code)


def config_of(sandbox: Sandbox, provider: str, **fields: Any) -> Json:
    sandbox.mijnklantportaal.rate_limit = FAST
    return sandbox.config(provider, **fields)


def customers(*streams: str) -> list[str]:
    """The options that ask the customers alone, or other streams."""
    return [option for stream in streams or ("customers",) for option in ("--stream", stream)]
