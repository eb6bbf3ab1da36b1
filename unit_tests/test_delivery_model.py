"""Whatever changes between any two requests, no row is lost: a model of the providers against the real retriever."""

import random
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any
from unittest import mock

import pytest
from airbyte_cdk.models import AirbyteStateMessage, AirbyteStateMessageSerializer, FailureType
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from source_customers.catalogue import load_manifest
from source_customers.components import look_ahead, waiting
from source_customers.components.retriever import PagedRetriever
from source_customers.source import _ManifestSource
from unit_tests.moving_list import MovingList

CONFIGS: dict[str, dict[str, Any]] = {
    "caoloon": {"api_token": "t"},
    "coredination": {"api_key": "k"},
    "valomnia": {"base_url": "https://acme.example", "username": "u", "password": "p"},
}
KEYS = {"caoloon": "guid", "coredination": "id", "valomnia": "id"}

Destination = dict[int, int]


class InlineWorkers:
    """Sends every looked-ahead request at once, long before its page is processed."""

    def __init__(self, fetch: Any, _count: int) -> None:
        self._fetch = fetch

    def submit(self, position: int) -> Any:
        future: Future[Any] = Future()
        try:
            future.set_result(self._fetch(position))
        except Exception as failure:  # noqa: BLE001  # a future keeps any failure
            future.set_exception(failure)
        return future

    def stop(self) -> None:
        pass


@contextmanager
def clock_of(api: MovingList) -> Iterator[None]:
    with (
        mock.patch.object(waiting, "now", lambda: api.now),
        mock.patch.object(look_ahead, "Workers", InlineWorkers),
    ):
        yield


@cache
def source_of(provider: str, **config: Any) -> _ManifestSource:
    return _ManifestSource({**CONFIGS[provider], **config}, load_manifest(provider))


def sync(
    api: MovingList,
    destination: Destination,
    state: dict[str, Any] | None,
    killed_after: float = float("inf"),
    **config: Any,
) -> dict[str, Any]:
    """Read once, into the destination by key, or until killed after so many rows; return the state to go on from."""
    source = source_of(api.provider, **config)
    # A source is made for one read; making a new one for each would take most of this test's time.
    source._constructor._connector_state_manager = ConnectorStateManager([_state_message(state)] if state else [])
    [stream] = source.streams({})
    retriever = stream._stream_partition_generator._partition_factory._retriever  # type: ignore[attr-defined]
    assert isinstance(retriever, PagedRetriever)
    retriever.requester = api  # type: ignore[assignment]  # stands in for it
    for partition in stream.generate_partitions():
        for count, record in enumerate(partition.read()):
            if count >= killed_after:
                return dict(stream.cursor.state)
            destination[record.data[KEYS[api.provider]]] = record.data["version"]
        stream.cursor.close_partition(partition)
    return dict(stream.cursor.state)


def _state_message(state: dict[str, Any]) -> AirbyteStateMessage:
    stream = {"stream_descriptor": {"name": "customers"}, "stream_state": state}
    return AirbyteStateMessageSerializer.load({"type": "STREAM", "stream": stream})


def change(api: MovingList, dice: random.Random, kinds: str) -> None:
    """Do to the list what users do: change, add and remove customers, some of them with a late change time."""
    keys = list(api.rows)
    kind = dice.choice(kinds)
    if kind == "u" and keys:
        api.update(dice.choice(keys))
    elif kind == "d" and keys:
        del api.rows[dice.choice(keys)]
    elif kind == "i":
        api.insert()
    elif kind == "l":
        api.insert(age=timedelta(seconds=dice.uniform(0, 300)))
    elif kind == "t":
        api.pass_time(dice.uniform(0, 2))


@pytest.mark.parametrize("order", ["newest", "oldest", "key"])
@pytest.mark.parametrize("provider", CONFIGS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(0, 60),
    page_size=st.sampled_from([2, 3, 7]),
    concurrency=st.sampled_from([1, 3, 8]),
    seed=st.integers(0, 2**32),
    rate=st.floats(0, 0.6),
    kinds=st.sampled_from(["u", "d", "i", "ud", "ui", "di", "udit", "t"]),
    spread=st.sampled_from([0.0, 0.4, 5.0, 10_000.0]),
    killed_after=st.one_of(st.just(float("inf")), st.integers(0, 80)),
)
def test_no_row_is_lost(
    provider: str,
    order: str,
    rows: int,
    page_size: int,
    concurrency: int,
    seed: int,
    rate: float,
    kinds: str,
    spread: float,
    killed_after: float,
) -> None:
    dice = random.Random(seed)
    api = MovingList(provider, order)
    for _ in range(rows):
        api.insert(age=timedelta(days=1, seconds=dice.uniform(0, spread)))
    destination: Destination = {}
    config = {"page_size": page_size, "concurrency": concurrency}
    with clock_of(api):
        state = None
        for kill in (killed_after, float("inf")):
            throughout = set(api.rows)
            changes_left = 30

            def before_answer() -> None:
                nonlocal changes_left
                while changes_left and dice.random() < rate:
                    changes_left -= 1
                    change(api, dice, kinds)

            api.before_answer = before_answer
            delivered: Destination = {}
            try:
                state = sync(api, delivered, state, kill, **config)
            except AirbyteTracedException as failure:
                # It may give up on a list that does not hold still, as long as it says so and keeps the old state.
                assert failure.failure_type == FailureType.transient_error
            else:
                throughout &= set(api.rows) if kill == float("inf") else set()
                assert throughout <= set(destination | delivered), "a row that was there throughout is missing"
            destination.update(delivered)
            api.pass_time(1)
        api.before_answer = lambda: None
        sync(api, destination, state, **config)
    current = {key: version for key, (_, version) in api.rows.items()}
    assert {key: destination.get(key) for key in current} == current, "a change is missing"
