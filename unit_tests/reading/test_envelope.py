"""An answer becomes a page when it is what the manifest says, and is refused otherwise."""

from typing import Any

import orjson
import pytest

from source_customers.connection.answers import UnexpectedAnswerError
from source_customers.manifest.settings import EnvelopeSettings
from source_customers.reading.envelope import Envelope
from source_customers.reading.page import Page

NESTED = EnvelopeSettings(rows="data.list", total="paging.total", next="paging.next", page="paging.offset")
NUMBERED = EnvelopeSettings(rows="rows", page="page", next="next", next_is_page=True, size="size")
SPANNED = EnvelopeSettings(rows="rows", next="next", first="from", last="to")


def read(settings: EnvelopeSettings, answer: Any, position: int = 1) -> Page:
    return Envelope(settings, "id").read(orjson.dumps(answer), position)


def test_the_answer_itself_may_be_the_list() -> None:
    page = read(EnvelopeSettings(), [{"id": 1}, {"id": "b"}])
    assert page == Page([{"id": 1}, {"id": "b"}], weight=len('[{"id":1},{"id":"b"}]'))


def test_dots_lead_into_nested_objects() -> None:
    answer = {"data": {"list": [{"id": 1}]}, "paging": {"total": 3, "next": "/x", "offset": 5}}
    page = read(NESTED, answer, 5)
    assert (page.rows, page.total, page.more) == ([{"id": 1}], 3, True)


@pytest.mark.parametrize("end", [None, 0, "", False])
def test_nothing_named_is_the_end(end: Any) -> None:
    assert read(NUMBERED, {"rows": [{"id": 1}], "page": 1, "next": end, "size": 5}).more is False
    assert read(NUMBERED, {"rows": [{"id": 1}], "page": 1, "size": 5}).more is False


def test_the_next_page_is_the_one_after() -> None:
    page = read(NUMBERED, {"rows": [{"id": 1}], "page": 4, "next": 5, "size": 1}, 4)
    assert (page.more, page.size) == (True, 1)


def test_an_empty_page_may_leave_out_the_numbers_of_its_rows() -> None:
    page = read(SPANNED, {"rows": [], "from": None, "to": None})
    assert (page.rows, page.first, page.more) == ([], None, False)


def test_the_number_of_the_first_row_is_read() -> None:
    assert read(SPANNED, {"rows": [{"id": 1}, {"id": 2}], "from": 11, "to": 12}).first == 11


@pytest.mark.parametrize(
    ("settings", "answer", "reason"),
    [
        (NESTED, [], "no object at the top"),
        (NESTED, {"data": None}, "no list at `data.list`"),
        (NESTED, {"data": {"list": "secret"}}, "no list at `data.list`"),
        (EnvelopeSettings(), {"error": "secret"}, "no list at the top"),
        (EnvelopeSettings(), ["secret"], "a row that is not an object"),
        (EnvelopeSettings(), [{}], "a row without its key `id`"),
        (EnvelopeSettings(), [{"id": None}], "a row without its key `id`"),
        (EnvelopeSettings(), [{"id": ["secret"]}], "a key that is no text or number: `id`"),
        (EnvelopeSettings(), [{"id": {"secret": 1}}], "a key that is no text or number: `id`"),
        (NUMBERED, {"rows": [], "page": 2}, "another page than the one asked for"),
        (NUMBERED, {"rows": [], "page": "1"}, "no number at `page`"),
        (NUMBERED, {"rows": [], "page": True}, "no number at `page`"),
        (NUMBERED, {"rows": [], "page": 1, "size": -1}, "no number at `size`"),
        (NUMBERED, {"rows": [{"id": 1}], "page": 1, "next": 1}, "`next` does not name the page after this one"),
        (NUMBERED, {"rows": [{"id": 1}], "page": 1, "next": "secret"}, "`next` does not name the page after this one"),
        (NUMBERED, {"rows": [], "page": 1, "next": 2}, "an empty page that promises another"),
        (SPANNED, {"rows": [{"id": 1}], "from": 1, "to": 2}, "another number of rows than its envelope says"),
        (SPANNED, {"rows": [], "from": 1, "to": 1}, "another number of rows than its envelope says"),
    ],
)
def test_what_is_not_documented_is_refused_in_words_of_ours(
    settings: EnvelopeSettings, answer: Any, reason: str
) -> None:
    with pytest.raises(UnexpectedAnswerError) as refusal:
        read(settings, answer)
    assert str(refusal.value) == reason


@pytest.mark.parametrize("body", [b"", b"<html>", b'[{"id": 1', b"[NaN]", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"^not JSON$"):
        Envelope(EnvelopeSettings(), "id").read(body, 0)
