"""Reads streams one after another over one connection, and says how each of them went."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamState,
    AirbyteStreamStatus,
    FailureType,
    StreamDescriptor,
    Type,
)
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.failures import system_error, trace_message, traced
from source_customers.messages.columns import Columns
from source_customers.messages.progress import Progress
from source_customers.messages.records import Records
from source_customers.reading.page import Page
from source_customers.reading.reader import StreamReader

Item = AirbyteMessage | Records


@dataclass(frozen=True)
class StreamTask:
    """A stream to read, and from where.

    Attributes:
        reader: reads the stream.
        state: what an earlier sync left; empty for none.
        full_refresh: whether to read everything, whatever the state.
        schema: the stream's schema in the configured catalog.
    """

    reader: StreamReader
    state: Mapping[str, Any]
    full_refresh: bool
    schema: Mapping[str, Any]


class Sync:
    """One sync: its streams, and those that failed."""

    def __init__(self) -> None:
        """Begin with no stream."""
        self._failures: list[AirbyteTracedException] = []
        self._streams = 0

    def read(self, tasks: Sequence[StreamTask], each_page: Callable[[], Iterator[AirbyteMessage]]) -> Iterator[Item]:
        """Yield the records, states, statuses and errors of streams.

        Args:
            tasks: the streams, in the order to read them.
            each_page: is called after each page; its messages are yielded.
        """
        for task in tasks:
            self._streams += 1
            outcome = AirbyteStreamStatus.COMPLETE
            name = task.reader.name
            yield _status(name, AirbyteStreamStatus.STARTED)
            try:
                yield from self._rows_and_states(task, each_page)
            except Exception as failure:  # noqa: BLE001  # the other streams are read all the same
                outcome = AirbyteStreamStatus.INCOMPLETE
                shown = traced(failure, f"Stream {name}")
                self._failures.append(shown)
                yield trace_message(shown, name)
            yield _status(name, outcome)

    def delegate(self, names: Sequence[str], messages: Iterator[AirbyteMessage]) -> Iterator[Item]:
        """Yield the messages of streams that the CDK reads itself, and see to it that each stream ends.

        Args:
            names: the streams.
            messages: what the CDK yields.
        """
        self._streams += len(names)
        open_streams, kinds = list(names), dict[str, FailureType | None]()
        raised: Exception | None = None
        try:
            for message in messages:
                yield message
                name, status = _end_of(message, kinds)
                if name in open_streams:
                    open_streams.remove(name)
                    if status is AirbyteStreamStatus.INCOMPLETE:
                        # What the CDK says of it may quote an answer; it has said so already.
                        kind = kinds.get(name) or FailureType.system_error
                        self._failures.append(AirbyteTracedException(f"Stream {name} failed.", failure_type=kind))
        except Exception as failure:  # noqa: BLE001  # the other streams are read all the same
            raised = failure
        for name in open_streams:
            shown = traced(raised, f"Stream {name}") if raised else system_error(f"Stream {name} was not read.")
            self._failures.append(shown)
            yield trace_message(shown, name)
            yield _status(name, AirbyteStreamStatus.INCOMPLETE)

    def end(self) -> None:
        """Say whether every stream was read.

        Raises:
            AirbyteTracedException: a stream has failed. It is of the type of the first failure.
        """
        if self._failures:
            # The platform judges a sync by its exit code as well.
            raise AirbyteTracedException(
                message=f"{len(self._failures)} of {self._streams} streams did not sync successfully.",
                internal_message="; ".join(str(failure) for failure in self._failures),
                failure_type=self._failures[0].failure_type,
            )

    @staticmethod
    def _rows_and_states(task: StreamTask, each_page: Callable[[], Iterator[AirbyteMessage]]) -> Iterator[Item]:
        reader, progress = task.reader, Progress(task.reader.name)
        columns = Columns(reader.name, task.schema)
        try:
            for item in reader.read(task.state, full_refresh=task.full_refresh):
                if isinstance(item, Page):
                    if not progress.rows:
                        yield _status(reader.name, AirbyteStreamStatus.RUNNING)
                    yield Records(reader.name, item.rows, time.time_ns() // 1_000_000)
                    progress.note(item, reader.api.requests)
                    columns.note(item.rows)
                    yield from each_page()
                else:
                    yield _state(reader.name, item.value)
            progress.end(reader.api.requests)
        finally:
            # Of a stream that failed, too: the next sync may go on behind the rows that have the fields.
            columns.tell()


def _end_of(message: AirbyteMessage, kinds: dict[str, FailureType | None]) -> tuple[str, AirbyteStreamStatus | None]:
    """Return the stream that a message ends, and how; note the type of an error on the way."""
    trace = message.trace
    if trace and trace.error and trace.error.stream_descriptor:
        kinds.setdefault(trace.error.stream_descriptor.name, trace.error.failure_type)
    told = trace.stream_status if trace else None
    if told and told.status in {AirbyteStreamStatus.COMPLETE, AirbyteStreamStatus.INCOMPLETE}:
        return told.stream_descriptor.name, told.status
    return "", None


def _status(stream: str, status: AirbyteStreamStatus) -> AirbyteMessage:
    return as_airbyte_message(StreamDescriptor(name=stream), status)


def _state(stream: str, value: Mapping[str, Any]) -> AirbyteMessage:
    state = AirbyteStreamState(stream_descriptor=StreamDescriptor(name=stream), stream_state=AirbyteStateBlob(**value))
    return AirbyteMessage(type=Type.STATE, state=AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=state))
