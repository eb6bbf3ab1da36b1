"""The example of docs/probe.md is what the probe prints."""

import json
import re
from pathlib import Path

import pytest
import requests

from integration_tests.probing import customers, probe_as_printed
from integration_tests.sandbox import Sandbox, serve
from integration_tests.sandbox.client import TIMEOUT

PAGE = (Path(__file__).parent.parent / "docs" / "probe.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    [(path, settings)] = re.findall(r"curl http://localhost:8080(\S+) -d '(\{.*\})'", PAGE)
    [command] = re.findall(r"source-customers probe --config valomnia.json .*", PAGE)
    streams = re.findall(r"--stream (\w+)", command)

    with serve(Sandbox()) as sandbox:
        assert requests.post(f"{sandbox.url}{path}", json=json.loads(settings), timeout=TIMEOUT).status_code == 204
        probed = probe_as_printed(sandbox.config("valomnia"), *customers(*streams))

    assert probed.output == PAGE.partition("```text\n")[2].partition("```")[0]


def test_the_numbers_of_requests_are_right(sandbox: Sandbox) -> None:
    [few, most] = map(
        int, re.findall(r"take about (\d+) requests, and never more than (\d+)", PAGE.replace("\n  ", " "))[0]
    )

    probed = probe_as_printed(sandbox.config("valomnia"))

    assert probed.most_requests == most
    assert abs(len(sandbox.requests) - few) <= 5
