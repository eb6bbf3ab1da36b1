"""What a user sees of an error: constant text, and a trace of frames and types without any exception's text."""

from collections.abc import Callable

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.failures import config_error, system_error, trace_message, traced, transient_error

SECRET = "hunter2"


def plain() -> None:
    raise ValueError(f"cannot read {SECRET}")


def caused() -> None:
    try:
        plain()
    except ValueError as failure:
        raise LookupError(f"no {SECRET}") from failure


def met_on_the_way() -> None:
    try:
        plain()
    except ValueError:
        raise LookupError(f"no {SECRET}")  # noqa: B904  # the context is what is tested


def of_several_lines() -> None:
    raise OSError(f"first\n  File {SECRET}\nlast")


def failure_of(fail: Callable[[], None]) -> AirbyteTracedException:
    try:
        fail()
    except Exception as failure:  # noqa: BLE001  # whatever it is
        return traced(failure, "Stream customers")
    raise AssertionError


def trace_of(failure: AirbyteTracedException) -> str:
    message = trace_message(failure, "customers")
    assert message.trace
    assert message.trace.error
    assert message.trace.error.stack_trace
    return str(message.trace.error.stack_trace)


@pytest.mark.parametrize(
    ("fail", "types"),
    [
        (plain, ["ValueError", "AirbyteTracedException"]),
        (caused, ["ValueError", "LookupError", "AirbyteTracedException"]),
        (met_on_the_way, ["ValueError", "LookupError", "AirbyteTracedException"]),
        (of_several_lines, ["OSError", "AirbyteTracedException"]),
    ],
)
def test_a_trace_holds_frames_and_types_and_no_text(fail: Callable[[], None], types: list[str]) -> None:
    failure = failure_of(fail)
    trace = trace_of(failure)
    assert SECRET not in trace
    assert [line for line in trace.splitlines() if line in types] == types
    assert f"in {fail.__name__}" in trace
    assert "test_failures.py" in trace


@pytest.mark.parametrize("fail", [plain, caused, met_on_the_way, of_several_lines])
def test_no_part_of_the_message_repeats_an_exception(fail: Callable[[], None]) -> None:
    assert SECRET not in repr(trace_message(failure_of(fail), "customers"))


def test_an_unforeseen_failure_is_named_by_its_type() -> None:
    failure = failure_of(plain)
    assert failure.failure_type == FailureType.system_error
    assert failure.message == (
        "Stream customers failed in a way that is not foreseen (ValueError). This is a fault of the connector."
    )


def test_an_error_of_ours_is_shown_as_it_is() -> None:
    ours = config_error("`api_key` was refused.")
    assert traced(ours, "Stream customers") is ours


@pytest.mark.parametrize(
    ("make", "failure_type"),
    [
        (config_error, FailureType.config_error),
        (transient_error, FailureType.transient_error),
        (system_error, FailureType.system_error),
    ],
)
def test_each_kind_of_error_has_its_type(
    make: Callable[[str], AirbyteTracedException], failure_type: FailureType
) -> None:
    message = trace_message(make("What to do."), "customers")
    assert message.trace
    assert message.trace.error
    assert message.trace.error.failure_type == failure_type
    assert message.trace.error.message == "What to do."
    assert message.trace.error.stream_descriptor
    assert message.trace.error.stream_descriptor.name == "customers"


def test_an_error_of_the_whole_sync_names_no_stream() -> None:
    message = trace_message(transient_error("What to do."))
    assert message.trace
    assert message.trace.error
    assert message.trace.error.stream_descriptor is None
