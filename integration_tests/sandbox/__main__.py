"""The sandbox as a program: ``python -m integration_tests.sandbox --port 8080 --customers 500``."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from integration_tests.sandbox.like import behave_like
from integration_tests.sandbox.sandbox import Sandbox
from integration_tests.sandbox.server import HOST, listen, server_for

HIGHEST_PORT = 65535


def at_least(least: float, number: Callable[[str], float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = number(text)
        if value < least:
            raise ArgumentTypeError(f"{text} is less than {least}")
        return value

    return parse


def arguments(given: list[str] | None) -> Namespace:
    parser = ArgumentParser("python -m integration_tests.sandbox", description="Serve the four APIs on this machine.")
    parser.add_argument("--port", type=at_least(0, int), default=8080, help="0 picks a free one (default 8080)")
    parser.add_argument("--customers", type=at_least(0, int), default=100, help="of each provider (default 100)")
    parser.add_argument("--rows", type=at_least(0, int), help="of each other list (default a share of the customers)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same customers (default 1)")
    parser.add_argument("--latency", type=at_least(0, float), default=0.0, help="seconds per answer (default 0)")
    parser.add_argument(
        "--rate-limit",
        type=at_least(0, int),
        default=60,
        help="requests a minute that MijnKlantportaal allows; 0 lifts the limit (default 60)",
    )
    parser.add_argument(
        "--like", type=Path, help="behave as the report of a probe says, which `source-customers probe --report` wrote"
    )
    parsed = parser.parse_args(given)
    if parsed.port > HIGHEST_PORT:
        parser.error(f"argument --port: {parsed.port} is more than {HIGHEST_PORT}")
    return parsed


def main(given: list[str] | None = None) -> int:
    args = arguments(given)
    sandbox = Sandbox(
        args.customers, rows=args.rows, seed=args.seed, latency=args.latency, rate_limit=args.rate_limit or None
    )
    if args.like:
        try:
            settings = behave_like(sandbox, json.loads(args.like.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            sys.stderr.write(f"Cannot behave like {args.like}: {error}.\n")
            return 1
        sys.stdout.write(f"As in {args.like}: {json.dumps(settings)}\n")
    try:
        listener = listen(args.port)
    except OSError as error:
        sys.stderr.write(
            f"Cannot listen on {HOST}:{args.port}: {error.strerror}.\nChoose another --port, or 0 for a free one.\n"
        )
        return 1
    server = server_for(sandbox, listener)
    sandbox.url = sandbox.url.replace(HOST, "localhost")  # what people type
    sys.stdout.write(f"The sandbox listens on {sandbox.url} until Ctrl-C. Configs:\n")
    for name in sandbox.providers:
        sys.stdout.write(f"\n{name}.json\n{json.dumps(sandbox.config(name), indent=2)}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
