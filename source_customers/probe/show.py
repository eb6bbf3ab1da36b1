"""Shows what was found: a table for people, lines of JSON for machines."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from source_customers.probe.replies import Finding, Reply, Verdict

_ORDER: Sequence[Verdict] = ("contradicted", "cannot_tell", "holds")
_WORDS: Mapping[Verdict, str] = {"contradicted": "CONTRADICTED", "cannot_tell": "cannot tell", "holds": "holds"}
_VERDICT = 14
_EVERY = {"*": "all streams"}


def json_lines(findings: Iterable[Finding]) -> str:
    """Return a line of JSON for each finding."""
    return "".join(f"{json.dumps(as_object(each), ensure_ascii=False)}\n" for each in findings)


def as_object(finding: Finding) -> dict[str, str]:
    """Return a finding as an object."""
    reply = finding.reply
    return {
        "stream": finding.stream,
        "id": finding.id,
        "verdict": reply.verdict,
        "message": reply.message,
        "remedy": reply.remedy,
    }


def table(provider: str, findings: Sequence[Finding], stands_for: Mapping[str, Sequence[str]], width: int) -> str:
    """Return what was found for people: by stream, the contradicted first.

    Args:
        provider: name of the provider.
        findings: what was found.
        stands_for: the other lists of its kind, by the list that was asked everything.
        width: characters of a line.
    """
    streams = dict.fromkeys(each.stream for each in findings)
    by_stream = {name: [each for each in findings if each.stream == name] for name in streams}
    names = sorted(by_stream, key=lambda name: -_count(by_stream[name], "contradicted"))
    lines = [
        line
        for group in _groups(names, by_stream, stands_for)
        for line in _stream(group, by_stream[group[0]], stands_for.get(group[0], []), width)
    ]
    lead = (
        "What to change stands behind `->`: a field of the config, or a setting of the provider's manifest, "
        f"manifests/{provider}.yaml. docs/probe.md explains each name."
    )
    counts = ", ".join(f"{_count(findings, verdict)} {_WORDS[verdict].lower()}" for verdict in _ORDER)
    return "\n".join([*_wrapped(lead, "", width), "", *lines, f"{len(findings)} answers: {counts}.", ""])


def _groups(
    names: Sequence[str], by_stream: Mapping[str, Sequence[Finding]], stands_for: Mapping[str, Sequence[str]]
) -> list[list[str]]:
    """Return the streams, those together of which there is nothing to say but that the same holds."""
    found: dict[object, list[str]] = {}
    for name in names:
        findings = by_stream[name]
        is_plain = all(map(_is_plain, findings)) and not stands_for.get(name) and name not in _EVERY
        found.setdefault(tuple(each.id for each in findings) if is_plain else name, []).append(name)
    return list(found.values())


def _is_plain(finding: Finding) -> bool:
    return finding.reply.verdict == "holds" and not finding.reply.is_news


def _stream(names: Sequence[str], findings: Sequence[Finding], others: Sequence[str], width: int) -> Iterator[str]:
    yield from _wrapped(", ".join(_EVERY.get(name, name) for name in names), "", width)
    if others:
        yield from _wrapped(f"All questions were asked of this list. It stands for {', '.join(others)}.", "  ", width)
    plain = [each for each in findings if _is_plain(each)]
    telling = [each for each in findings if each not in plain]
    room = max((len(each.id) for each in telling), default=0) + 2
    for verdict in _ORDER:
        for reply, ids in _alike(each for each in telling if each.reply.verdict == verdict):
            head = f"  {_WORDS[verdict]:{_VERDICT}}{ids[0]:{room}}"
            yield from _wrapped(reply.message, head, width)
            if reply.remedy:
                yield from _wrapped(f"-> {reply.remedy}", " " * len(head), width)
            if ids[1:]:
                yield from _wrapped(f"The same of {', '.join(ids[1:])}.", " " * len(head), width)
    if plain:
        yield from _wrapped(", ".join(each.id for each in plain), f"  {_WORDS['holds']:{_VERDICT}}", width)
    yield ""


def _alike(findings: Iterable[Finding]) -> list[tuple[Reply, list[str]]]:
    """Return the ids that were answered alike, by the answer."""
    found: dict[Reply, list[str]] = {}
    for each in findings:
        found.setdefault(each.reply, []).append(each.id)
    return list(found.items())


def _wrapped(text: str, head: str, width: int) -> list[str]:
    indent = " " * len(head)
    return textwrap.wrap(
        text,
        max(width, len(head) + 30),
        initial_indent=head,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _count(findings: Sequence[Finding], verdict: Verdict) -> int:
    return sum(each.reply.verdict == verdict for each in findings)
