"""The stream tables of the page for users and of README.md say what the manifests say."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from source_customers.manifest.catalogue import load_manifest, manifest_paths
from source_customers.manifest.declarations import resolved

ROOT = Path(__file__).parent.parent.parent
SCRIPT: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "stream_tables.py"))


@pytest.mark.parametrize("name", ["page", "readme"])
def test_document_is_what_the_manifests_say(name: str) -> None:
    path: Path = SCRIPT[name.upper()]

    assert SCRIPT[name]() == path.read_text(encoding="utf-8"), "Run `make reference`."


def rows(provider: str) -> dict[str, str]:
    """The rows of a provider's table, by stream."""
    table = SCRIPT["streams_table"](SCRIPT["listed"](resolved(load_manifest(provider))))
    return {line.split("`")[1]: line for line in table.splitlines()[2:]}


@pytest.mark.parametrize("provider", manifest_paths())
def test_every_stream_of_a_manifest_has_a_row(provider: str) -> None:
    names = re.findall(r"^ +name: (\w+)$", manifest_paths()[provider].read_text(encoding="utf-8"), re.MULTILINE)

    assert set(rows(provider)) == set(names)


@pytest.mark.parametrize(
    ("provider", "stream", "row"),
    [
        ("caoloon", "customers", "| `/portal/customer/` | `guid` | `updatedAt`, by `updatedFrom`, `updatedTo` | |"),
        (
            "caoloon",
            "inquiries_pay_equity",
            "| `guid` | `updatedAt`, or the sync's start, by `from` | |",
        ),
        ("caoloon", "inquiry_pay_equity_details", "as `inquiries_pay_equity` | `inquiries_pay_equity` |"),
        ("coredination", "job_details", "| `/api/1/job/{key}` | `id` | in full | `jobs` |"),
        (
            "coredination",
            "customer_projects",
            "| `customerProjects` in each row of `customers` | `customerId`, `position` | as `customers` | ",
        ),
        ("coredination", "customer_search", "| `customer_search` (with `customer_search` in the config) | "),
        ("mijnklantportaal", "appointments", "| `startsAt`, by `start_at`, `days` | | `appointments.read` |"),
        ("mijnklantportaal", "punch_cards", "| for punch cards, which the documents do not name |"),
    ],
)
def test_row_says_how_a_stream_is_read(provider: str, stream: str, row: str) -> None:
    assert row in rows(provider)[stream]


def test_table_of_providers_counts_their_streams() -> None:
    [line] = SCRIPT["providers_table"]([resolved(load_manifest("coredination"))]).splitlines()[2:]

    assert line.startswith("| Coredination | 8 | 5 | `customers`, `assets`, ")


def test_document_without_the_comments_is_refused() -> None:
    with pytest.raises(SystemExit, match="comments for the streams of caoloon are missing"):
        SCRIPT["_replaced"]("# Title\n", "caoloon", "| |")
