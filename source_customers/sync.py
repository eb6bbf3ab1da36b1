"""Reads streams one after another, and says how each of them went.

The framework's own loop hands every row from a thread through a queue to another, which takes most of a row's time; its
threads are for waiting, and the retriever already has the requests of later pages in flight while rows are processed.
"""

import time
from collections.abc import Iterator, Sequence

from airbyte_cdk.models import AirbyteMessage, AirbyteStreamStatus, FailureType, StreamDescriptor
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.components.answers import Page
from source_customers.components.retriever import PagedRetriever
from source_customers.progress import Progress
from source_customers.records import Records


def read_streams(streams: Sequence[DefaultStream], repository: MessageRepository) -> Iterator[AirbyteMessage | Records]:
    """Yield what comes of a sync: records, and the messages that are states, statuses and errors.

    Args:
        streams: the streams to read, in this order.
        repository: where the streams' cursors put their states.

    Raises:
        AirbyteTracedException: at the end, when a stream has failed, of the type of the first failure.
    """
    failures: list[AirbyteTracedException] = []
    for stream in streams:
        outcome = AirbyteStreamStatus.COMPLETE
        yield _status(stream, AirbyteStreamStatus.STARTED)
        try:
            yield from _rows_and_states(stream, repository)
        except Exception as failure:  # noqa: BLE001  # the other streams are read all the same
            outcome = AirbyteStreamStatus.INCOMPLETE
            failures.append(_traced(failure, stream.name))
            yield failures[-1].as_airbyte_message(StreamDescriptor(name=stream.name))
        stream.cursor.ensure_at_least_one_state_emitted()
        yield from repository.consume_queue()
        yield _status(stream, outcome)
    if failures:
        # The platform judges a sync by its exit code as well.
        raise AirbyteTracedException(
            message=f"{len(failures)} of {len(streams)} streams did not sync successfully.",
            internal_message="; ".join(str(failure) for failure in failures),
            failure_type=failures[0].failure_type,
        )


def _rows_and_states(stream: DefaultStream, repository: MessageRepository) -> Iterator[AirbyteMessage | Records]:
    name, progress = stream.name, Progress(stream.name)
    for partition in stream.generate_partitions():
        for page in _pages(partition):
            yield from repository.consume_queue()  # states of the pages before this one
            if page.rows and not progress.rows:
                yield _status(stream, AirbyteStreamStatus.RUNNING)
            if page.rows:
                yield Records(name, page.rows, time.time_ns() // 1_000_000)
            progress.note(page, _requests(partition))
        stream.cursor.close_partition(partition)
        progress.end(_requests(partition))


def _pages(partition: Partition) -> Iterator[Page]:
    """Yield the rows of a partition in pages.

    The way through the partition makes an object of every row, and looks at each twice: a third of a row's time.
    """
    retriever = getattr(partition, "_retriever", None)
    if isinstance(retriever, PagedRetriever):
        yield from retriever.read_pages()
    else:
        for record in partition.read():
            yield Page([dict(record.data)])


def _requests(partition: Partition) -> int | None:
    retriever = getattr(partition, "_retriever", None)
    return retriever.requester.requests if isinstance(retriever, PagedRetriever) else None


def _status(stream: DefaultStream, status: AirbyteStreamStatus) -> AirbyteMessage:
    return as_airbyte_message(StreamDescriptor(name=stream.name), status)


def _traced(failure: Exception, stream: str) -> AirbyteTracedException:
    if isinstance(failure, AirbyteTracedException):
        return failure
    # What another exception says may quote a row or an address, so its kind has to do.
    kind = type(failure).__name__
    message = f"Stream {stream} failed in a way that is not foreseen ({kind}). This is a fault of the connector."
    return AirbyteTracedException(
        message=message, internal_message=message, failure_type=FailureType.system_error, exception=failure
    )
