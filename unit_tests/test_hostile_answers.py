"""Whatever an API answers becomes rows just as they are, or a refusal; never a crash, never a changed value."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from source_customers.connection.answers import UnexpectedAnswerError
from source_customers.manifest.settings import EnvelopeSettings
from source_customers.messages.lines import record_lines
from source_customers.messages.records import Records
from source_customers.reading.envelope import Envelope

PATHS = {
    "caoloon": EnvelopeSettings(
        rows="models", total="total", page="page", size="pageSize", next="nextPage", next_is_page=True
    ),
    "mijnklantportaal": EnvelopeSettings(
        rows="data", page="current_page", next="next_page_url", first="from", last="to"
    ),
    "coredination": EnvelopeSettings(),
    "valomnia": EnvelopeSettings(rows="data", total="paging.total", page="paging.offset", next="paging.next"),
}
KEYS = {"caoloon": "guid"}
ENVELOPES = {name: Envelope(paths, KEYS.get(name, "id")) for name, paths in PATHS.items()}

texts = st.one_of(st.text(max_size=8), st.sampled_from(["\ud800", "\u2028", "\x00", "a" * 5000]))
numbers = st.one_of(
    st.integers(),
    st.sampled_from([2**63, -(2**64), 10**40, 2**53 + 1]),
    st.floats(allow_nan=False, allow_infinity=False),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
ids = st.one_of(st.integers(1, 9), st.text(min_size=1, max_size=3))
rows = st.one_of(
    st.lists(st.dictionaries(texts, values, max_size=4), max_size=3),
    st.lists(
        st.builds(lambda row, id_: {**row, "id": id_, "guid": id_}, st.dictionaries(texts, values), ids), max_size=3
    ),
    values,
)
counts = st.one_of(st.integers(-1, 4), values)


@st.composite
def answers(draw: st.DrawFn) -> Any:
    """An answer that resembles those of the four APIs, with anything in any place."""
    listed = draw(rows)
    if draw(st.booleans()):
        return listed
    number, following = draw(counts), draw(st.one_of(st.none(), counts))
    return {
        "models": listed, "data": listed, "page": number, "current_page": number, "total": draw(counts),
        "pageSize": draw(counts),
        "nextPage": following, "next_page_url": following, "from": draw(counts), "to": draw(counts),
        "paging": draw(st.one_of(values, st.fixed_dictionaries({"total": counts, "offset": counts, "next": values}))),
    }  # fmt: skip


def read(envelope: Envelope, body: bytes) -> list[Any] | None:
    try:
        return list(envelope.read(body, 1).rows)
    except UnexpectedAnswerError as refusal:
        assert len(str(refusal)) < 100
        return None


def line_of(row: Any) -> Any:
    return json.loads(record_lines(Records("customers", [row], 1)))["record"]["data"]


def check_delivery(provider: str, body: bytes) -> bool:
    """Check that rows are delivered as they stand in a body, if at all; return whether they are."""
    delivered = read(ENVELOPES[provider], body)
    if delivered is not None:
        path = PATHS[provider].rows
        said = json.loads(body)
        assert [line_of(row) for row in delivered] == (said[path] if path else said)
    return delivered is not None


@settings(max_examples=400, deadline=None)
@given(answer=answers(), provider=st.sampled_from(sorted(ENVELOPES)), ascii_only=st.booleans())
def test_rows_stay_as_they_are(answer: Any, provider: str, ascii_only: bool) -> None:
    try:
        body = json.dumps(answer, ensure_ascii=ascii_only).encode()
    except UnicodeEncodeError:
        body = json.dumps(answer).encode()
    check_delivery(provider, body)


SCRAPS = [
    b"null",
    b"{}",
    b"[]",
    b'"x"',
    b"1",
    b"-0",
    b"NaN",
    b"1e999",
    b"9" * 30,
    b'"\\ud800"',
    b"\xff",
    b",",
    b"}",
    b"]",
    b"",
]
SAMPLES = {
    "caoloon": b'{"models":[{"guid":"a","n":1},{"guid":"b","n":null}],"nextPage":2,"total":3,"pageSize":2,"page":1}',
    "mijnklantportaal": b'{"current_page":1,"data":[{"id":"a"},{"id":"b"}],"from":1,"next_page_url":"x","to":2}',
    "coredination": b'[{"id":1,"d":{"e":[1.5,"x"]}},{"id":2}]',
    "valomnia": b'{"paging":{"total":3,"max":2,"offset":1,"next":"/x"},"data":[{"id":1,"a":"b"},{"id":2}]}',
}


def test_ten_thousand_damaged_answers_are_delivered_as_they_are_or_refused() -> None:
    dice = random.Random(1)
    delivered = 0
    for _ in range(10_000):
        provider = dice.choice(sorted(SAMPLES))
        body = SAMPLES[provider]
        for _ in range(dice.randint(1, 3)):
            begin = dice.randrange(len(body) + 1)
            body = body[:begin] + dice.choice(SCRAPS) + body[begin + dice.choice([0, 0, 1, 2, 4]) :]
        delivered += check_delivery(provider, body)
    assert 0 < delivered < 5_000


@settings(max_examples=500, deadline=None)
@given(body=st.binary(max_size=40), provider=st.sampled_from(sorted(ENVELOPES)))
def test_no_bytes_crash_it(body: bytes, provider: str) -> None:
    read(ENVELOPES[provider], body)


@pytest.mark.parametrize("depth", [10, 200, 300, 5000])
def test_deep_nesting_is_delivered_or_refused(depth: int) -> None:
    body = b'[{"id": 1, "deep": ' + b"[" * depth + b"]" * depth + b"}]"

    delivered = read(ENVELOPES["coredination"], body)

    if depth <= 300:
        assert delivered is not None
        assert line_of(delivered[0]) == json.loads(body)[0]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "1e999", "-1E+999"])
def test_numbers_that_json_does_not_have_are_refused(constant: str) -> None:
    assert read(ENVELOPES["coredination"], f'[{{"id": 1, "x": {constant}}}]'.encode()) is None


@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "1" + "0" * 60, "1e-400", "0.1"])
def test_numbers_keep_their_value(number: str) -> None:
    [row] = read(ENVELOPES["coredination"], f'[{{"id": 1, "x": {number}}}]'.encode()) or []

    assert line_of(row) == json.loads(f'{{"id": 1, "x": {number}}}')


def test_of_two_fields_with_one_name_the_last_counts() -> None:
    [row] = read(ENVELOPES["coredination"], b'[{"id": 1, "x": 1, "x": 2}]') or []

    assert line_of(row) == {"id": 1, "x": 2}
