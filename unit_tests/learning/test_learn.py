"""What discover does about streams that cannot be looked at: in time, in the catalog and in the log."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Event
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteCatalog, AirbyteStream, SyncMode

from source_customers.connection.workers import Workers
from source_customers.failures import CredentialsError, config_error, credentials_error, transient_error
from source_customers.learning import learn as module
from source_customers.learning.learn import Sample, learn
from source_customers.provider import _DISCOVER_PATIENCE
from source_customers.reading.page import Page, Row

DOCUMENTED = {"type": "object", "properties": {"id": {"type": "integer"}}}
Pages = Callable[[], Iterator[Page]]


class Connection:
    """Stands in for a connection: it has threads."""

    def __init__(self) -> None:
        self._workers = Workers(2)

    def submit(self, task: Callable[[], Any]) -> "Future[Any]":
        return self._workers.submit(task)


def rows(*given: Row, then: Exception | None = None) -> Pages:
    def sample() -> Iterator[Page]:
        yield Page(list(given))
        if then:
            raise then

    return sample


def failing(failure: Exception) -> Pages:
    def sample() -> Iterator[Page]:
        raise failure
        yield

    return sample


def hanging(until: Event) -> Pages:
    def sample() -> Iterator[Page]:
        until.wait(30)
        yield Page([{"id": 1, "late": 1}])

    return sample


def learned(**samples: Pages) -> dict[str, list[str]]:
    """The fields that are declared in the end, by stream; each stream has a connection of its own."""
    streams = [
        AirbyteStream(name=name, json_schema=DOCUMENTED, supported_sync_modes=[SyncMode.full_refresh])
        for name in samples
    ]
    catalog = AirbyteCatalog(streams=streams)
    learn(catalog, [Sample(name, Connection(), pages) for name, pages in samples.items()])  # type: ignore[arg-type]
    return {stream.name: list(stream.json_schema["properties"]) for stream in catalog.streams}


def warnings(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in log.records if record.levelno >= logging.WARNING]


def test_a_stream_that_fails_keeps_its_documented_fields_and_the_others_are_learned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fields = learned(down=failing(transient_error("Down.")), ok=rows({"id": 1, "new": 1}))

    assert fields == {"down": ["id"], "ok": ["id", "new"]}
    assert warnings(caplog) == [
        "Stream down: its rows could not be looked at, so only the documented fields are declared. Down."
    ]


def test_what_nobody_foresaw_costs_no_catalog(caplog: pytest.LogCaptureFixture) -> None:
    assert learned(odd=failing(RecursionError("a value"))) == {"odd": ["id"]}

    [warning] = warnings(caplog)
    assert "not foreseen (RecursionError)" in warning
    assert "a value" not in caplog.text


def test_newest_rows_that_cannot_be_had_do_not_cost_the_others(caplog: pytest.LogCaptureFixture) -> None:
    assert learned(one=rows({"id": 1, "new": 1}, then=config_error("No."))) == {"one": ["id", "new"]}
    assert warnings(caplog) == []


def test_streams_that_take_too_long_take_no_longer_together(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SECONDS", 0.05)
    end = Event()

    assert learned(one=hanging(end), two=hanging(end)) == {"one": ["id"], "two": ["id"]}
    assert len(warnings(caplog)) == 2
    assert all(warning.endswith("The API did not answer in time.") for warning in warnings(caplog))
    end.set()


def test_a_minute_is_enough_for_both_looks_at_a_list() -> None:
    assert 2 * _DISCOVER_PATIENCE.failing < module._SECONDS < 60
    assert _DISCOVER_PATIENCE.named == 0


def test_credentials_that_are_refused_for_all_streams_are_an_error() -> None:
    refused = credentials_error("Refused.")

    with pytest.raises(CredentialsError, match="Refused"):
        learned(one=failing(refused), two=failing(refused))


@pytest.mark.parametrize("other", [config_error("No permission."), transient_error("Down.")])
def test_credentials_that_are_refused_for_one_stream_are_none(other: Exception) -> None:
    assert learned(one=failing(credentials_error("Refused.")), two=failing(other)) == {"one": ["id"], "two": ["id"]}
