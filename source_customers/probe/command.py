"""The command `source-customers probe`."""

import argparse
import json
import logging
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from source_customers.config.check import provider_config
from source_customers.config.files import read_config
from source_customers.config.migrations import migrated
from source_customers.failures import config_error, traced
from source_customers.probe.plan import Plan, plan_of
from source_customers.probe.probing import probe
from source_customers.probe.replies import Finding
from source_customers.probe.report import report
from source_customers.probe.show import json_lines, table
from source_customers.provider import Provider

DESCRIPTION = (
    "Asks the API whether it behaves as its documents are read, and says what to change where it does not. It reads "
    "only: GET requests and the login, no more of them than it names at its start."
)
_CONTRADICTED, _COULD_NOT_RUN = 1, 2
_WIDTH = 110


def launch(arguments: Sequence[str]) -> None:
    """Run the command.

    Raises:
        SystemExit: with 0 where nothing is contradicted, with 1 where something is, with 2 where it could not run.
    """
    options = _parser().parse_args(list(arguments))
    with _logs_on_stderr(debug=options.debug):
        try:
            code = _run(options)
        except Exception as failure:  # noqa: BLE001  # what another exception says may quote a row
            said = str(traced(failure, "The probe").message).replace("the sync again", "the probe again")
            sys.stderr.write(f"{said}\n")
            code = _COULD_NOT_RUN
    raise SystemExit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("source-customers probe", description=DESCRIPTION)
    parser.add_argument("--config", required=True, help="path to the config file")
    parser.add_argument("--stream", action="append", default=[], help="ask this stream alone; may be repeated")
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each answer")
    parser.add_argument("--report", type=Path, help="write a report to this file that holds no value of any row")
    parser.add_argument("--debug", action="store_true", help="log every request, without its values")
    return parser


def _run(options: argparse.Namespace) -> int:
    name, config = provider_config(migrated(read_config(options.config)))
    provider = Provider(name, config)
    unknown = [stream for stream in options.stream if stream not in provider.listed]
    if unknown:
        raise config_error(f"`--stream` names no stream. The streams are {', '.join(provider.listed)}.")
    if options.report:
        _write(options.report, "")
    plan = plan_of(provider, list(dict.fromkeys(options.stream)))
    most = sum(plan.most_requests(look.asking.connection) for look in plan.accounts)
    sys.stderr.write(f"At most {most} requests will be sent. Nothing is changed.\n")
    try:
        findings = list(probe(plan))
    finally:
        provider.close()
        _keep_credentials(provider, Path(options.config))
    stands_for = _stands_for(plan)
    if options.report:
        _write(options.report, json.dumps(report(name, plan.streams, findings, stands_for), indent=2) + "\n")
    width = shutil.get_terminal_size((_WIDTH, 0)).columns
    sys.stdout.write(json_lines(findings) if options.json else table(name, findings, stands_for, width))
    sys.stdout.flush()
    return _CONTRADICTED if _is_contradicted(findings) else 0


def _is_contradicted(findings: Sequence[Finding]) -> bool:
    return any(each.reply.verdict == "contradicted" for each in findings)


def _stands_for(plan: Plan) -> Mapping[str, Sequence[str]]:
    """Return the other lists of its kind, by the list that stands for them."""
    return {
        look.stream.name: [other.stream.name for other in kind.lists if not other.is_deep]
        for kind in plan.kinds
        for look in kind.lists
        if look.is_deep
    }


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        raise config_error("The file of `--report` cannot be written.") from None


def _keep_credentials(provider: Provider, path: Path) -> None:
    """Write a refresh token that the provider has replaced into the config: the old one is of no use any more."""
    replaced: Any = None
    for message in provider.updates():
        replaced = (
            message.control.connectorConfig.config if message.control and message.control.connectorConfig else None
        )
    if not replaced:
        return
    try:
        # Not emptied first: a disk that is full would leave nothing of the config.
        with path.open("r+b") as file:
            file.write(json.dumps(replaced, indent=2).encode() + b"\n")
            file.truncate()
    except OSError:
        sys.stderr.write(
            "The provider has replaced the refresh token, and the config file cannot be written. Authorize the app "
            "again.\n"
        )
        return
    sys.stderr.write("The provider has replaced the refresh token. The new one was written into the config file.\n")


@contextmanager
def _logs_on_stderr(*, debug: bool) -> Iterator[None]:
    """Log as plain text to standard error, since standard output is for what was found."""
    root, loggers = logging.getLogger(), [logging.getLogger(name) for name in ("airbyte", "airbyte.source-customers")]
    handlers, levels = root.handlers, [each.level for each in loggers]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    root.handlers = [handler]
    for each in loggers:
        each.setLevel(logging.DEBUG if debug else logging.INFO)
    try:
        yield
    finally:
        root.handlers = handlers
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
