"""The lists beside the customers: a documented record each, and what the documents say of its list."""

from collections.abc import Sequence
from typing import Any

from integration_tests.sandbox.data.samples import Sample, samples
from integration_tests.sandbox.resource import Resource, Row, Template, whole, without
from integration_tests.sandbox.variation import AGREEMENT, DATE, MOMENT

LABELS = ("name", "title", "description", "firstName", "postedBy", "payersName", "attendeeName", "sentToEmail")
SHARE = 0.1


def satellite(
    provider: str,
    stream: str,
    *,
    details: str | None = None,
    label: str | None = None,
    kept: Row | None = None,
    first: Sequence[Row] = (),
    paired: Sequence[str] = (),
    happens: str | None = None,
    share: float = SHARE,
    **fields: Any,
) -> Resource:
    """A resource whose rows are like the sample of its stream.

    ``details`` is the stream of its details, if they are another record. ``kept`` are fields that the API knows and
    never shows. The other arguments are those of ``Template`` and ``Resource``.
    """
    sample, kept = samples(provider)[stream], kept or {}
    detail = samples(provider)[details] if details else None
    record = {**sample.sample, **(detail.sample if detail else {}), **kept}
    pages: dict[str, Any] = {"listed": _showing(sample, record), "detail": _showing(detail or sample, record)}
    if detail is not None:
        pages |= {"detail_path": detail.path, "detail_stream": details}
    return Resource(
        name=stream,
        path=sample.path,
        key=sample.key,
        label=label or _label(sample),
        template=Template(
            record=record,
            values=sample.values,
            nullable=sample.nullable,
            refers=sample.refers,
            holds=sample.holds,
            first=first,
            paired=paired,
            happens=happens,
        ),
        share=share,
        **{**pages, **fields},
    )


def _showing(sample: Sample, record: Row) -> Any:
    hidden = set(record) - set(sample.sample)
    return without(*hidden) if hidden else whole


def _label(sample: Sample) -> str:
    """A field with text that means nothing to anybody else."""
    meaningful = {sample.key, "uuid", "reference", "href", *sample.values, *sample.refers}
    return next(
        field
        for field in (*LABELS, *sample.sample)
        if isinstance(text := sample.sample.get(field), str)
        and field not in meaningful
        and not field.endswith(("Id", "Reference"))
        and not any(kind.fullmatch(text) for kind in (MOMENT, DATE, AGREEMENT))
    )
