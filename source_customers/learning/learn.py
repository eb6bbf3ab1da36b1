"""Reads a few rows of each stream, and declares what they have beside what is documented."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from logging import getLogger
from typing import Any

from airbyte_cdk.models import AirbyteCatalog
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers import waiting
from source_customers.connection.connection import Connection
from source_customers.failures import CredentialsError, traced
from source_customers.learning.schema import Widening
from source_customers.learning.seen import Seen
from source_customers.messages.names import listed
from source_customers.reading.page import Page

LOGGER = getLogger("airbyte.source-customers")

_SECONDS = 45.0
"""How long all streams together may take."""


@dataclass(frozen=True)
class Sample:
    """A look at a few rows of a stream.

    Attributes:
        stream: the stream's name.
        connection: what it is read over.
        pages: yields pages of rows, the first of which has to be there.
    """

    stream: str
    connection: Connection
    pages: Callable[[], Iterator[Page]]


def learn(catalog: AirbyteCatalog, samples: Iterable[Sample]) -> None:
    """Widen the schemas of a catalog by what the streams' rows have.

    A stream that is refused or cannot be reached keeps its documented schema, which the log says. It takes 45 seconds
    at most; the connections are then to be closed.

    Args:
        catalog: the documented catalog, which is changed.
        samples: the streams to look at.

    Raises:
        CredentialsError: the credentials were refused for every stream.
    """
    until = waiting.monotonic() + _SECONDS
    looks = {sample.stream: sample.connection.submit(partial(_look, sample)) for sample in samples}
    refused: list[CredentialsError] = []
    for stream in catalog.streams:
        if stream.name not in looks:
            continue
        seen = _outcome(looks[stream.name], stream.name, until)
        if isinstance(seen, Seen):
            stream.json_schema = _widened(stream.name, stream.json_schema, seen)
            continue
        refused += [seen] if isinstance(seen, CredentialsError) else []
        LOGGER.warning(
            "Stream %s: its rows could not be looked at, so only the documented fields are declared. %s",
            stream.name,
            seen,
        )
    if refused and len(refused) == len(looks):
        raise refused[0]


def _look(sample: Sample) -> Seen:
    """Return what a stream's first page shows, and its newest rows where the API lists them."""
    seen, pages = Seen(), sample.pages()
    for row in next(pages).rows:
        seen.add(row)
    with suppress(AirbyteTracedException):  # no API promises that order
        for page in pages:
            for row in page.rows:
                seen.add(row)
    return seen


def _outcome(look: "Future[Seen]", stream: str, until: float) -> Seen | AirbyteTracedException | str:
    """Return what was seen, or why nothing was."""
    try:
        return look.result(timeout=max(until - waiting.monotonic(), 0))
    except LateError:
        return "The API did not answer in time."
    except Exception as failure:  # noqa: BLE001  # the documented fields are there all the same
        return traced(failure, f"Stream {stream}")


def _widened(stream: str, documented: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    widening = Widening()
    schema = widening.row(documented, seen)
    if widening.added:
        LOGGER.info(
            "Stream %s: fields that are not documented are declared as they were seen (%d): %s.",
            stream,
            len(widening.added),
            listed(widening.added),
        )
    if widening.contradicted:
        LOGGER.warning(
            "Stream %s: fields that were seen with another type than documented are declared with both (%d): %s.",
            stream,
            len(widening.contradicted),
            listed(widening.contradicted),
        )
    return schema
