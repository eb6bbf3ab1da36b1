"""A long sync says how far it has come, and never what is in a row."""

from integration_tests.conftest import Time
from integration_tests.connector import configured_catalog, read
from integration_tests.sandbox import Sandbox


def test_says_now_and_then_how_far_it_is_and_at_the_end_what_was_read(sandbox: Sandbox, time: Time) -> None:
    sandbox.valomnia.before_answer = lambda _request: time.sleep(3)

    outcome = read(sandbox.config("valomnia", page_size=50, concurrency=1))

    said = [log for log in outcome.logs if log.startswith("Stream customers: ")]
    assert said[:-1] == [
        "Stream customers: 99 rows of 250 so far in 2 requests.",
        "Stream customers: 197 rows of 250 so far in 4 requests.",
        "Stream customers: 250 rows of 250 so far in 6 requests.",
    ]
    assert said[-1].startswith("Stream customers: read 250 rows in 7 requests, 21.")


def test_a_quick_sync_says_only_what_was_read(sandbox: Sandbox) -> None:
    outcome = read(sandbox.config("caoloon"))

    [said] = [log for log in outcome.logs if log.startswith("Stream customers: ")]
    assert said.startswith(f"Stream customers: read {len(outcome.rows())} rows in 5 requests, ")


def test_says_why_it_waits_for_the_rate(sandbox: Sandbox, time: Time) -> None:
    sandbox.clock = lambda: time.now().timestamp()
    sandbox.mijnklantportaal.rate_limit = 10
    config = sandbox.config("mijnklantportaal", requests_per_minute=10)

    outcome = read(config, catalog=configured_catalog(sync_mode="full_refresh"))

    waits = [log for log in outcome.logs if log.startswith("Waiting ")]
    assert waits
    assert waits[0].endswith(" seconds: 10 requests in 60 are allowed.")
