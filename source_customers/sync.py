"""Reads several lists at once over one connection, and says how each of their streams went."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStreamStatus,
    FailureType,
    StreamDescriptor,
)
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.connection.connection import Connection
from source_customers.failures import system_error, trace_message, traced
from source_customers.full_reads import FullRead
from source_customers.messages.columns import Columns
from source_customers.messages.progress import Progress
from source_customers.messages.records import Records
from source_customers.messages.states import state_message
from source_customers.reading.outlets import Outlet
from source_customers.reading.page import Page
from source_customers.reading.reader import StreamReader
from source_customers.reading.state import State
from source_customers.side_by_side import even_share, side_by_side

Item = AirbyteMessage | Records


@dataclass(frozen=True)
class StreamTask:
    """A stream to read.

    Attributes:
        outlet: makes its rows and states of what the list gives.
        schema: the stream's schema in the configured catalog.
    """

    outlet: Outlet
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class ListTask:
    """A list to read, from where, and the streams that come out of it.

    Attributes:
        reader: reads the list.
        connection: what it is read over.
        state: what an earlier sync left; empty for none.
        streams: the streams, at least one.
    """

    reader: StreamReader
    connection: Connection
    state: Mapping[str, Any]
    streams: Sequence[StreamTask]


class _OpenStream:
    """A stream while it is read."""

    def __init__(self, task: StreamTask) -> None:
        self.name = task.outlet.name
        self.outlet = task.outlet
        self._progress = Progress(self.name)
        self._columns = Columns(self.name, task.schema)

    def messages(self, items: Iterator[Page | State]) -> Iterator[Item]:
        """Yield rows and states as they are printed."""
        for item in items:
            if isinstance(item, State):
                yield state_message(self.name, item.value)
                continue
            if not self._progress.rows:
                yield _status(self.name, AirbyteStreamStatus.RUNNING)
            yield Records(self.name, item.rows, _stamp())
            self._progress.note(item, self.outlet.requests)
            self._columns.note(item.rows)

    @property
    def rows(self) -> int:
        """Rows delivered so far."""
        return self._progress.rows

    def end(self, *, was_read: bool) -> None:
        """Say how much was read, and which columns the catalog lacks."""
        if was_read:
            self._progress.end(self.outlet.requests)
        # Of a stream that failed, too: the next sync may go on behind the rows that have the fields.
        self._columns.tell()


class Sync:
    """One sync: its streams, and those that failed.

    Attributes:
        full_reads: the streams of which everything was read.
    """

    def __init__(self) -> None:
        """Begin with no stream."""
        self.full_reads: list[FullRead] = []
        self._failures: dict[str, AirbyteTracedException] = {}
        self._streams: list[str] = []

    def read(self, tasks: Sequence[ListTask], each_page: Callable[[], Iterator[AirbyteMessage]]) -> Iterator[Item]:
        """Yield the records, states, statuses and errors of streams, of several lists at once.

        Args:
            tasks: the lists, in the order to read them.
            each_page: is called after each page; its messages are yielded.
        """
        self._streams += [stream.outlet.name for task in tasks for stream in task.streams]
        in_flight = max((task.connection.concurrency for task in tasks), default=1)
        for item in side_by_side([self._list(task) for task in tasks], even_share(len(tasks), in_flight)):
            yield item
            if isinstance(item, Records):
                yield from each_page()

    def _list(self, task: ListTask) -> Generator[Item, None, None]:
        """Yield what is to be said of the streams of one list. One that fails leaves the others alone."""
        began = _stamp()
        streams = [_OpenStream(each) for each in task.streams]
        for stream in streams:
            yield _status(stream.name, AirbyteStreamStatus.STARTED)
        try:
            with task.connection.reading(), closing(task.reader.read(task.state)) as items:
                yield from self._all_of(items, streams)
        except Exception as failure:  # noqa: BLE001  # the other lists are read all the same
            # What hangs on the rows that came is delivered, and so is the checkpoint behind them.
            yield from self._ends(streams)
            for stream in list(streams):
                streams.remove(stream)
                yield from self._failed(stream, failure)
        finally:
            for stream in streams:
                stream.outlet.stop()
        for stream in streams:
            stream.end(was_read=True)
            if task.reader.was_full:
                self.full_reads.append(FullRead(stream.name, began, _stamp(), stream.rows))
            yield _status(stream.name, AirbyteStreamStatus.COMPLETE)

    def _all_of(self, items: Iterator[Page | State], streams: list[_OpenStream]) -> Iterator[Item]:
        """Yield what the streams make of a list, until it ends or no stream is left."""
        for item in items:
            for stream in list(streams):
                yield from self._taken(stream, stream.outlet.take(item), streams)
            if not streams:
                return
        yield from self._ends(streams)

    def _ends(self, streams: list[_OpenStream]) -> Iterator[Item]:
        for stream in list(streams):
            yield from self._taken(stream, stream.outlet.end(), streams)

    def _taken(self, stream: _OpenStream, items: Iterator[Page | State], streams: list[_OpenStream]) -> Iterator[Item]:
        """Yield what a stream makes of the list; take it out of the streams where it fails."""
        try:
            yield from stream.messages(items)
        except Exception as failure:  # noqa: BLE001  # the other streams are read all the same
            streams.remove(stream)
            yield from self._failed(stream, failure)

    def _failed(self, stream: _OpenStream, failure: Exception) -> Iterator[Item]:
        stream.outlet.stop()
        stream.end(was_read=False)
        shown = traced(failure, f"Stream {stream.name}")
        self._failures[stream.name] = shown
        yield trace_message(shown, stream.name)
        yield _status(stream.name, AirbyteStreamStatus.INCOMPLETE)

    def delegate(self, names: Sequence[str], messages: Iterator[AirbyteMessage]) -> Iterator[Item]:
        """Yield the messages of streams that the CDK reads itself, and see to it that each stream ends.

        Args:
            names: the streams.
            messages: what the CDK yields.
        """
        self._streams += names
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
                        self._failures[name] = AirbyteTracedException(f"Stream {name} failed.", failure_type=kind)
        except Exception as failure:  # noqa: BLE001  # the other streams are read all the same
            raised = failure
        for name in open_streams:
            shown = traced(raised, f"Stream {name}") if raised else system_error(f"Stream {name} was not read.")
            self._failures[name] = shown
            yield trace_message(shown, name)
            yield _status(name, AirbyteStreamStatus.INCOMPLETE)

    def end(self) -> None:
        """Say whether every stream was read.

        Raises:
            AirbyteTracedException: a stream has failed. It is of the type of the first failure, in the order of the
                catalog.
        """
        failures = [self._failures[name] for name in self._streams if name in self._failures]
        if failures:
            # The platform judges a sync by its exit code as well.
            raise AirbyteTracedException(
                message=f"{len(failures)} of {len(self._streams)} streams did not sync successfully.",
                internal_message="; ".join(str(failure) for failure in failures),
                failure_type=failures[0].failure_type,
            )


def _end_of(message: AirbyteMessage, kinds: dict[str, FailureType | None]) -> tuple[str, AirbyteStreamStatus | None]:
    """Return the stream that a message ends, and how; note the type of an error on the way."""
    trace = message.trace
    if trace and trace.error and trace.error.stream_descriptor:
        kinds.setdefault(trace.error.stream_descriptor.name, trace.error.failure_type)
    told = trace.stream_status if trace else None
    if told and told.status in {AirbyteStreamStatus.COMPLETE, AirbyteStreamStatus.INCOMPLETE}:
        return told.stream_descriptor.name, told.status
    return "", None


def _stamp() -> int:
    """Return the present moment as records are stamped with it, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def _status(stream: str, status: AirbyteStreamStatus) -> AirbyteMessage:
    return as_airbyte_message(StreamDescriptor(name=stream), status)
