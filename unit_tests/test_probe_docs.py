"""docs/probe.md explains each question of the probe, and docs/delivery.md names no others."""

import re
from pathlib import Path

from source_customers.probe.evidence import COSTS
from source_customers.probe.questions import QUESTIONS

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "probe.md").read_text(encoding="utf-8")
DELIVERY = (DOCS / "delivery.md").read_text(encoding="utf-8")
IDS = [each.id for each in QUESTIONS]


def rows(text: str, heading: str) -> list[list[str]]:
    """The rows of the table under a heading, as lists of cells."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]


def test_the_page_explains_each_question_as_it_is_asked() -> None:
    table = rows(PAGE, "The questions")

    asked = [
        (each.id, each.holds, "once" if each.of_account else "of each" if each.of_each else "of one of a kind")
        for each in QUESTIONS
    ]
    assert [(row[0].strip("`"), row[1], row[2]) for row in table] == asked
    assert all(row[3].endswith(".") for row in table)


def test_each_assumption_has_an_id_and_each_id_is_a_question() -> None:
    table = rows(DELIVERY, "What the providers' documents leave unknown")

    assert table
    for row in table:
        ids = re.findall(r"`([a-z-]+)`", row[-1])
        assert ids, row
        assert set(ids) <= set(IDS), row


def test_ids_are_unique_and_what_they_look_at_has_a_cost() -> None:
    assert len(set(IDS)) == len(IDS)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in IDS)
    assert {need for each in QUESTIONS for need in each.needs} <= set(COSTS)
