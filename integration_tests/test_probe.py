"""`source-customers probe`: what an API does is found, under the right id and no other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from integration_tests.probing import Probed, config_of, customers, probe
from integration_tests.sandbox import Sandbox, serve
from integration_tests.sandbox.moments import amsterdam_seconds
from source_customers.probe.questions import QUESTIONS

PROVIDERS = ("caoloon", "coredination", "mijnklantportaal", "valomnia")
UNSEEN = {"child-change", "answer-whole", "days-zone"}
IDS = {each.id for each in QUESTIONS} - UNSEEN
ALWAYS_SEEN = {"access", "query-accepted", "envelope", "refused-credential", "refresh-token", "clock", "rate-headers"}
"""What can be told of an account without rows."""


@dataclass
class Habit:
    """How the sandbox behaves, and the one id that this contradicts."""

    name: str
    provider: str
    settings: dict[str, Any]
    stream: str = "customers"
    about: str = ""
    cannot_tell: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{self.name}-{self.provider}-{'-'.join(map(str, self.settings))}"


NOT_FOUND = {"filter-inclusive", "filter-precision", "filter-upper-inclusive"}
NO_MOMENT = {"filter-finds", "filter-inclusive", "filter-precision"}
LONG = {"filter-precision"}
"""What a wrong total, or a filter that lets too much through, hides: whether the row is on a later page."""
NO_ROWS = IDS - ALWAYS_SEEN - {"days", "days-filter"} | {"envelope", "query-accepted"}

HABITS = [
    Habit("access", "valomnia", {"refused_streams": ["customers"]}, cannot_tell=NO_ROWS),
    Habit("access", "mijnklantportaal", {"refused_streams": ["payment_link_payments"]}, "payment_link_payments"),
    Habit("query-accepted", "valomnia", {"refused_sorts": ["id"]}, cannot_tell=NO_ROWS - {"query-accepted"}),
    Habit("key", "caoloon", {"keys": "repeated"}),
    Habit("key", "coredination", {"keys": "missing"}, cannot_tell=NO_MOMENT),
    Habit("fields", "valomnia", {"extra_fields": {"vatNumber": {"country": "NL"}}}),
    Habit("types", "valomnia", {"extra_fields": {"name": 5}}),
    Habit("types", "coredination", {"last_modified_as": "iso"}),
    Habit("change-time", "valomnia", {"missing_change_times": 0.5}),
    Habit("change-time-unit", "coredination", {"last_modified_as": "seconds"}, cannot_tell=NO_MOMENT),
    Habit("change-time-unit", "coredination", {"last_modified_as": "microseconds"}, cannot_tell=NO_MOMENT),
    Habit("page-size", "valomnia", {"max_page_size": 50}),
    Habit("page-size", "coredination", {"max_page_size": 50}),
    Habit("page-size", "caoloon", {"max_page_size": 3}, cannot_tell={"page-two", "total", "order-stable"}),
    Habit("page-size", "valomnia", {"fixed_page_size": 20}),
    Habit("page-size", "caoloon", {"fixed_page_size": 20}),
    Habit("order-stable", "coredination", {"shuffled": True}, cannot_tell={"page-two"}),
    Habit("order-stable", "mijnklantportaal", {"shuffled": True}, cannot_tell={"page-two"}),
    Habit("sorted-by-key", "valomnia", {"ignored_sorts": ["id"]}),
    Habit("page-two", "valomnia", {"stuck_page": True}, cannot_tell={"total", "past-end"}),
    Habit("page-two", "caoloon", {"stuck_page": True}, cannot_tell={"total", "past-end"}),
    Habit("page-two", "coredination", {"stuck_page": True}, cannot_tell={"past-end"}),
    Habit("page-two", "mijnklantportaal", {"stuck_page": True}, cannot_tell={"past-end"}),
    Habit("next-page", "valomnia", {"never_last": True}),
    Habit("next-page", "caoloon", {"never_last": True}),
    Habit("next-page", "mijnklantportaal", {"never_last": True}),
    Habit("total", "valomnia", {"total_off": 7}, cannot_tell={"total-filtered", "lists-all", *LONG}),
    Habit("total", "valomnia", {"total_off": -7}, cannot_tell={"total-filtered", "lists-all"}),
    Habit("total", "caoloon", {"total_off": 7}, cannot_tell={"total-filtered", "lists-all", *LONG}),
    Habit("past-end", "valomnia", {"past_end": "last"}),
    Habit("past-end", "coredination", {"past_end": "last"}),
    Habit("past-end", "caoloon", {"past_end": "refused"}),
    Habit(
        "filter-lower",
        "valomnia",
        {"lower_filter": "ignored"},
        cannot_tell={"filter-finds", "total-filtered", *NOT_FOUND},
    ),
    Habit("filter-lower", "coredination", {"lower_filter": "ignored"}, cannot_tell=NO_MOMENT),
    Habit("filter-finds", "valomnia", {"lower_filter": "misread"}, cannot_tell=NOT_FOUND),
    Habit("filter-finds", "coredination", {"lower_filter": "misread"}, cannot_tell=NO_MOMENT - {"filter-finds"}),
    Habit("filter-inclusive", "valomnia", {"lower_filter": "exclusive"}),
    Habit("filter-precision", "valomnia", {"lower_filter": "coarse"}),
    Habit("filter-upper", "valomnia", {"upper_filter": "ignored"}, cannot_tell={"filter-upper-inclusive", *LONG}),
    Habit("filter-upper", "caoloon", {"upper_filter": "ignored"}, cannot_tell={"filter-upper-inclusive", *LONG}),
    Habit("filter-upper-inclusive", "valomnia", {"upper_filter": "exclusive"}),
    Habit("total-filtered", "valomnia", {"total_unfiltered": True}, cannot_tell={"lists-all", *LONG}),
    Habit("total-filtered", "caoloon", {"total_unfiltered": True}, cannot_tell={"lists-all", *LONG}),
    Habit("lists-all", "valomnia", {"inactive_hidden": True}),
    Habit("days", "mijnklantportaal", {"appointments_max_days": 3}, "appointments"),
    Habit("days-filter", "mijnklantportaal", {"appointments_unfiltered": True}, "appointments"),
    Habit("refused-credential", "caoloon", {"open_door": True}, about="*"),
    Habit("clock", "caoloon", {"date_header": False}, about="*"),
    Habit("clock", "valomnia", {"clock_skew": 3600.0}, about="*"),
    Habit("clock", "valomnia", {"clock_skew": -3600.0}, about="*"),
    Habit("rate-headers", "mijnklantportaal", {"rate_headers": False}, about="*"),
]

ENVELOPES = [
    ("array_instead_of_object", "valomnia"),
    ("object_instead_of_array", "coredination"),
    ("list_missing", "caoloon"),
    ("list_missing", "mijnklantportaal"),
    ("html_200", "caoloon"),
    ("cut_json", "coredination"),
]


def with_an_appointment_each_day(sandbox: Sandbox) -> None:
    """Whatever day it is, some are near."""
    table = sandbox.mijnklantportaal.tables["appointments"]
    for day in range(-60, 60):
        starts = table.now() + timedelta(days=day)
        table.insert({"startsAt": amsterdam_seconds(starts), "endsAt": amsterdam_seconds(starts + timedelta(hours=1))})


def behave(sandbox: Sandbox, habit: Habit) -> None:
    if habit.stream == "appointments":
        with_an_appointment_each_day(sandbox)
    for name, value in habit.settings.items():
        setattr(sandbox.providers[habit.provider], name, value)


@pytest.mark.parametrize("habit", HABITS, ids=str)
def test_a_habit_contradicts_the_one_id_and_no_other(sandbox: Sandbox, habit: Habit) -> None:
    config = config_of(sandbox, habit.provider)
    behave(sandbox, habit)

    probed = probe(config, *customers(habit.stream))

    assert probed.ids("contradicted") == {habit.name}, probed.output
    found = probed.of(habit.name, habit.about or habit.stream)
    assert found["message"].endswith(".")
    assert found["remedy"].endswith(".")
    assert probed.ids("cannot_tell", "customers") <= habit.cannot_tell
    assert probed.exit_code == 1


@pytest.mark.parametrize(("fault", "provider"), ENVELOPES)
def test_an_answer_of_another_form_contradicts_the_envelope(sandbox: Sandbox, fault: str, provider: str) -> None:
    config = config_of(sandbox, provider)
    sandbox.providers[provider].fault(fault, forever=True)

    probed = probe(config, *customers())

    assert probed.ids("contradicted") == {"envelope"}, probed.output
    assert probed.of("envelope")["remedy"].startswith("Correct `envelope")


def test_each_id_is_contradicted_by_some_habit() -> None:
    found = {habit.name for habit in HABITS} | {"envelope"}

    # Replaced or not, a refresh token is handled.
    assert found == IDS - {"refresh-token"}


@pytest.fixture(scope="module")
def well_behaved(running_sandbox: Sandbox) -> dict[str, Probed]:
    running_sandbox.reset()
    return {provider: probe(config_of(running_sandbox, provider)) for provider in PROVIDERS}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_nothing_is_contradicted_where_the_api_does_as_documented(
    well_behaved: dict[str, Probed], provider: str
) -> None:
    probed = well_behaved[provider]

    assert probed.ids("contradicted") == set(), probed.output
    assert probed.exit_code == 0


def test_each_id_holds_where_the_apis_do_as_documented(sandbox: Sandbox, well_behaved: dict[str, Probed]) -> None:
    oauth = probe(sandbox.config("mijnklantportaal", oauth=True), *customers("webhooks"))

    holding = {name for probed in (*well_behaved.values(), oauth) for name in probed.ids("holds")}

    assert holding == IDS


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_stream_is_asked(sandbox: Sandbox, well_behaved: dict[str, Probed], provider: str) -> None:
    asked = {finding["stream"] for finding in well_behaved[provider].findings}

    served = {table.resource.name for table in sandbox.providers[provider].tables.values()}
    assert served < asked


@pytest.fixture(scope="module", params=[0, 3])
def small(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with serve(Sandbox(customers=request.param, rows=request.param, seed=7)) as sandbox:
        yield sandbox


@pytest.mark.parametrize("provider", PROVIDERS)
def test_with_too_few_rows_it_cannot_be_told(small: Sandbox, provider: str) -> None:
    probed = probe(config_of(small, provider), *customers())

    rows = len(small.providers[provider].rows)
    few = {"page-size", "order-stable", "page-two", "sorted-by-key"}
    expected = few if rows else IDS - ALWAYS_SEEN
    assert probed.ids("contradicted") == set(), probed.output
    asked = {finding["id"] for finding in probed.findings}
    assert probed.ids("cannot_tell") - UNSEEN == expected & asked, probed.output
    assert all(finding["remedy"] for finding in probed.findings if finding["verdict"] == "cannot_tell")


def test_an_exclusive_filter_is_fine_where_the_manifest_does_not_say_otherwise(sandbox: Sandbox) -> None:
    sandbox.coredination.lower_filter = "exclusive"

    probed = probe(config_of(sandbox, "coredination"), *customers())

    assert probed.exit_code == 0
    assert probed.of("filter-inclusive")["message"].startswith("The bound is exclusive")


def test_rows_without_a_change_time_are_fine_where_the_manifest_foresees_them(sandbox: Sandbox) -> None:
    sandbox.coredination.last_modified = "none"

    probed = probe(config_of(sandbox, "coredination"), *customers())

    assert probed.exit_code == 0
    assert probed.of("change-time")["message"].startswith("100 of 100 rows have no `lastModified`")
    assert probed.ids("cannot_tell") == NO_MOMENT | {"change-time-unit"}


def test_the_first_list_with_enough_rows_stands_for_its_kind(sandbox: Sandbox) -> None:
    sandbox.valomnia.delete(*list(sandbox.valomnia.rows)[3:])

    probed = probe(config_of(sandbox, "valomnia"))

    lengths = {name: len(table.rows) for name, table in sandbox.valomnia.tables.items()}
    [asked_all] = {finding["stream"] for finding in probed.findings if finding["id"] == "page-two"}
    assert asked_all == next(name for name, length in lengths.items() if length >= 20)
    assert probed.of("page-two", asked_all)["verdict"] == "holds"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("every", [1, 2, 3])
def test_what_others_change_meanwhile_contradicts_nothing(sandbox: Sandbox, provider: str, every: int) -> None:
    sandbox.providers[provider].busy_every = every

    probed = probe(config_of(sandbox, provider), *customers())

    assert probed.ids("contradicted") == set(), probed.output
    assert {"access", "envelope", "key", "fields", "order-stable"} <= probed.ids("holds")
    assert len(sandbox.requests) <= probed.most_requests


def test_a_habit_is_found_in_a_busy_account_too(sandbox: Sandbox) -> None:
    sandbox.valomnia.busy_every = 2
    sandbox.valomnia.max_page_size = 50
    sandbox.valomnia.lower_filter = "exclusive"

    probed = probe(config_of(sandbox, "valomnia"), *customers())

    assert probed.ids("contradicted") == {"page-size", "filter-inclusive"}, probed.output


def test_what_cannot_be_seen_is_named_as_such(well_behaved: dict[str, Probed]) -> None:
    mijnklantportaal = well_behaved["mijnklantportaal"]

    assert mijnklantportaal.of("answer-whole", "ticket_messages")["verdict"] == "cannot_tell"
    assert mijnklantportaal.of("days-zone", "appointments")["verdict"] == "cannot_tell"
    assert well_behaved["coredination"].of("child-change", "customer_projects")["verdict"] == "cannot_tell"
    assert well_behaved["valomnia"].of("child-change", "customer_details")["verdict"] == "cannot_tell"


def test_rows_inside_of_others_are_looked_at(sandbox: Sandbox) -> None:
    for key in sandbox.coredination.rows:
        sandbox.coredination.update(key, touch=False, documents={"uuid": "no list"})

    probed = probe(config_of(sandbox, "coredination"), *customers("customer_documents"))

    assert probed.ids("contradicted") == {"envelope"}
    assert probed.of("envelope", "customer_documents")["message"] == (
        "`documents` of a row of customers is no list of objects."
    )
