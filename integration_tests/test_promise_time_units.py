"""A change time in a unit that nobody expected is said once, and does not move the state."""

import pytest

from integration_tests.connector import Json, read
from integration_tests.rows import delivered, listed
from integration_tests.sandbox import Sandbox

UNITS = pytest.mark.parametrize("unit", ["seconds", "microseconds", "day", "day_number"])


@UNITS
def test_it_is_said_once_and_every_row_comes(sandbox: Sandbox, unit: str) -> None:
    sandbox.coredination.last_modified_as = unit  # type: ignore[assignment]

    outcome = read(sandbox.config("coredination", page_size=20))

    assert outcome.is_complete, outcome.stream_errors
    assert delivered(outcome, "coredination") == listed(sandbox, "coredination")
    said = [log for log in outcome.of_type("LOG") if "lastModified" in log["message"]]
    assert len(said) == 1
    assert said[0]["level"] == "WARN"


@UNITS
def test_the_state_stays_where_it_was(sandbox: Sandbox, unit: str) -> None:
    first = read(sandbox.config("coredination"))
    before = first.states[-1]
    sandbox.coredination.last_modified_as = unit  # type: ignore[assignment]
    sandbox.coredination.touch(*list(sandbox.coredination.rows)[:5])

    second = read(sandbox.config("coredination"), first.last_state)

    assert second.is_complete
    assert second.states[-1] == before


@UNITS
def test_nothing_is_lost_once_the_unit_is_right_again(sandbox: Sandbox, unit: str) -> None:
    sandbox.coredination.last_modified_as = unit  # type: ignore[assignment]
    first = read(sandbox.config("coredination"))
    sandbox.coredination.touch(*list(sandbox.coredination.rows)[:5])
    sandbox.coredination.last_modified_as = "milliseconds"

    second = read(sandbox.config("coredination"), first.last_state)

    both: dict[object, Json] = delivered(first, "coredination") | delivered(second, "coredination")
    assert second.is_complete
    assert both == listed(sandbox, "coredination")


def test_another_spelling_of_the_same_moment_is_understood(sandbox: Sandbox) -> None:
    sandbox.coredination.last_modified_as = "iso"

    outcome = read(sandbox.config("coredination"))

    assert outcome.is_complete
    assert int(outcome.states[-1]["lastModified"]) > 1_700_000_000_000
    assert not [log for log in outcome.logs if "lastModified" in log]
