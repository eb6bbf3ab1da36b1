"""The server in a thread of the test, and as a program of its own."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import pytest
import requests

from integration_tests.sandbox import RequestRecord, Sandbox, serve
from integration_tests.sandbox.client import TIMEOUT, ask

PROGRAM = [sys.executable, "-m", "integration_tests.sandbox"]


@contextmanager
def program(*arguments: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Run the sandbox until the block ends, and yield its address and the configs that it printed."""
    with subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            head = process.stdout.readline()
            configs = {}
            for name in ("caoloon", "mijnklantportaal", "coredination", "valomnia"):
                assert process.stdout.readline() == "\n"
                assert process.stdout.readline() == f"{name}.json\n"
                text = process.stdout.readline()
                while not text.endswith("\n}\n"):
                    text += process.stdout.readline()
                configs[name] = json.loads(text)
            yield head.split()[4], configs
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(TIMEOUT) == 0


def test_listens_on_this_machine_only_and_ends_with_the_block() -> None:
    with serve(Sandbox(5)) as sandbox:
        url = sandbox.url
        assert url.startswith("http://127.0.0.1:")
        assert ask(sandbox, "caoloon").status_code == 200

    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=TIMEOUT)


def test_ends_fast_even_while_an_answer_is_due_and_a_connection_open() -> None:
    started = monotonic()
    with serve(Sandbox(5)) as sandbox, requests.Session() as session:
        session.get(f"{sandbox.url}/_sandbox/configs", timeout=TIMEOUT)
        sandbox.latency = 30.0
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{sandbox.url}/portal/customer/", timeout=0.2)

    assert monotonic() - started < 3


def test_two_sandboxes_run_side_by_side() -> None:
    with serve(Sandbox(3)) as one, serve(Sandbox(4)) as other:
        one.caoloon.token = "another"

        assert one.url != other.url
        assert (ask(one, "caoloon").json()["page"], ask(other, "caoloon").json()["page"]) == (1, 1)
        assert (len(one.requests), len(other.requests)) == (1, 1)


def test_an_error_in_a_hook_is_not_taken_for_an_answer() -> None:
    def broken(_request: RequestRecord) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), serve(Sandbox(3)) as sandbox:  # noqa: PT012 - it is raised at the end
        sandbox.caoloon.before_answer = broken
        assert ask(sandbox, "caoloon").status_code == 500


def test_configs_fit_the_settings(sandbox: Sandbox) -> None:
    sandbox.caoloon.token = "12_34"
    sandbox.mijnklantportaal.rate_limit = 600

    assert sandbox.config("caoloon", page_size=7) == {
        "provider": {"name": "caoloon", "base_url": sandbox.url, "api_token": "12_34", "page_size": 7}
    }
    assert sandbox.config("mijnklantportaal", oauth=True)["provider"] == {
        "name": "mijnklantportaal",
        "base_url": sandbox.url,
        "credentials": {
            "auth_type": "oauth2.0",
            "client_id": sandbox.mijnklantportaal.client_id,
            "client_secret": sandbox.mijnklantportaal.client_secret,
            "refresh_token": sandbox.mijnklantportaal.refresh_token,
        },
        "requests_per_minute": 600,
    }


def test_the_program_prints_configs_and_serves_them() -> None:
    with program("--port", "0", "--customers", "7", "--seed", "3", "--rate-limit", "0") as (url, configs):
        caoloon = configs["caoloon"]["provider"]
        token = {"authorization": f"Token {caoloon['api_token']}"}
        answer = requests.get(f"{caoloon['base_url']}/portal/customer/", headers=token, timeout=TIMEOUT).json()

        assert {config["provider"]["base_url"] for config in configs.values()} == {url}
        assert answer["models"] == list(Sandbox(7, seed=3).caoloon.listed().values())
        assert configs["mijnklantportaal"]["provider"]["requests_per_minute"] == 1_000_000


def test_the_program_can_be_asked_for_rows() -> None:
    with program("--port", "0", "--customers", "3", "--rows", "40") as (_, configs):
        coredination = configs["coredination"]["provider"]
        address = f"{coredination['base_url']}/api/1/asset?inactive"
        assets = requests.get(address, headers={"api-key": coredination["api_key"]}, timeout=TIMEOUT).json()

    assert len(assets) == 40


def test_a_taken_port_is_told_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        ended = subprocess.run(
            [*PROGRAM, "--port", str(port)], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Cannot listen on 127.0.0.1:{port}: Address already in use.\n")
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "65536"],
        ["--port", "-1"],
        ["--customers", "-1"],
        ["--rows", "-1"],
        ["--latency", "x"],
        ["--rate-limit", "-1"],
    ],
)
def test_senseless_arguments_are_told(arguments: list[str]) -> None:
    ended = subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=TIMEOUT, check=False)

    assert ended.returncode == 2
    assert f"argument {arguments[0]}" in ended.stderr
