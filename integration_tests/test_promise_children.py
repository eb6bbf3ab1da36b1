"""What hangs on the rows of a list: all of it comes, its list is read once, and no state is ahead of it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from integration_tests.conftest import Time
from integration_tests.connector import Json, Outcome, command_files, configured_catalog, read
from integration_tests.sandbox import RequestRecord, Sandbox, serve
from integration_tests.sandbox.provider import Provider
from integration_tests.streams import delivered, expected, key_of, latest_states, statuses

# Each with what it hangs on.
CHILDREN = [
    ("caoloon", "collective_labour_agreement_details", "collective_labour_agreements"),
    ("caoloon", "inquiry_pay_equity_details", "inquiries_pay_equity"),
    ("coredination", "job_details", "jobs"),
    ("coredination", "customer_projects", "customers"),
    ("coredination", "customer_documents", "customers"),
    ("mijnklantportaal", "payment_link_payments", "payment_links"),
    ("mijnklantportaal", "issued_punch_cards", "punch_cards"),
    ("mijnklantportaal", "ticket_messages", "tickets"),
    ("valomnia", "customer_details", "customers"),
]
PATHS = {
    "collective_labour_agreement_details": "/portal/cla/{}",
    "inquiry_pay_equity_details": "/portal/ipe/{}/",
    "job_details": "/api/1/job/{}",
    "payment_link_payments": "/v1/payment-links/{}/payments?page=1",
    "issued_punch_cards": "/v1/punch-cards/{}/issued?page=1",
    "ticket_messages": "/v1/tickets/{}",
    "customer_details": "/api/v1.0/customers/{}",
}
ASKED_FOR = [child for child in CHILDREN if child[1] in PATHS]
SEEDS = 12
INCREMENTAL = [child for child in CHILDREN if child[0] != "mijnklantportaal" and child[1] != "job_details"]


@pytest.fixture(scope="module")
def small_sandbox() -> Iterator[Sandbox]:
    with serve(Sandbox(40, rows=25, seed=3, rate_limit=None)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(small_sandbox: Sandbox, time: Time) -> Sandbox:
    small_sandbox.reset()
    small_sandbox.clock = lambda: time.now().timestamp()
    return small_sandbox


def config(sandbox: Sandbox, provider: str, **fields: Any) -> Json:
    """A config with pages so small that there are several."""
    paged: Json = {} if provider == "mijnklantportaal" else {"page_size": 10, "lookback_window": "PT0S"}
    return sandbox.config(provider, **{**paged, **fields})


def asked(requests: list[RequestRecord]) -> list[str]:
    return [f"{request.path}{'?' if request.query else ''}{request.raw_query}" for request in requests]


@pytest.mark.parametrize(("provider", "child", "parent"), CHILDREN)
def test_every_row_comes_with_the_key_of_its_parent(sandbox: Sandbox, provider: str, child: str, parent: str) -> None:
    outcome = read(config(sandbox, provider), catalog=configured_catalog([parent, child]))

    assert outcome.exit_code == 0
    assert len(outcome.rows(child)) > 3
    assert delivered(outcome, provider, child) == expected(sandbox, provider, child)
    assert delivered(outcome, provider, parent).keys() == expected(sandbox, provider, parent).keys()


@pytest.mark.parametrize(
    ("provider", "streams"),
    [
        ("caoloon", ["collective_labour_agreement_details", "collective_labour_agreements"]),
        ("coredination", ["customers", "customer_projects", "customer_documents"]),
        ("coredination", ["customer_documents", "customer_projects"]),
        ("coredination", ["job_details"]),
        ("mijnklantportaal", ["tickets", "ticket_messages"]),
        ("valomnia", ["customer_details", "customers"]),
    ],
)
def test_a_list_is_read_once_whatever_comes_out_of_it(sandbox: Sandbox, provider: str, streams: list[str]) -> None:
    parent = next(above for name, child, above in CHILDREN if name == provider and child in streams)
    read(config(sandbox, provider, concurrency=1), catalog=configured_catalog([parent]))
    alone = len(sandbox.requests.of(stream=parent, kind="list"))
    sandbox.clear_requests()

    outcome = read(config(sandbox, provider, concurrency=1), catalog=configured_catalog(streams))

    rows = expected(sandbox, provider, parent)
    children = len(rows) * sum(stream in PATHS for stream in streams)
    assert outcome.exit_code == 0
    assert len(sandbox.requests.of(provider, parent, kind="list")) == alone > 1
    assert len(sandbox.requests.of(kind="list")) == alone
    assert len(sandbox.requests.of(kind="detail")) == children


@pytest.mark.parametrize(("provider", "child", "parent"), ASKED_FOR)
def test_children_are_asked_for_by_the_documented_path(
    sandbox: Sandbox, provider: str, child: str, parent: str
) -> None:
    read(config(sandbox, provider), catalog=configured_catalog([child]))

    parents = expected(sandbox, provider, parent)
    assert sorted(asked(sandbox.requests.of(stream=child))) == sorted(PATHS[child].format(key) for key in parents)


@pytest.mark.parametrize(("provider", "child", "parent"), INCREMENTAL)
def test_of_an_incremental_parent_only_what_changed_is_asked_for(
    sandbox: Sandbox, time: Time, provider: str, child: str, parent: str
) -> None:
    first = read(config(sandbox, provider), catalog=configured_catalog([parent, child]))
    time.sleep(3600)
    changed = sandbox.providers[provider].change(stream=parent, update=3, insert=2)
    time.sleep(60)
    sandbox.clear_requests()

    second = read(config(sandbox, provider), first.last_state, configured_catalog([parent, child]))

    assert second.exit_code == 0
    parents = delivered(second, provider, parent)
    # The first bound is inclusive: the row that the state is of comes again.
    assert {*changed.updated, *changed.inserted} <= set(parents)
    assert len(parents) <= 6
    now, both = expected(sandbox, provider, child), [first, second]
    merged = {key: row for outcome in both for key, row in delivered(outcome, provider, child).items()}
    assert {key: merged[key] for key in now} == now
    if child in PATHS:
        assert sorted(asked(sandbox.requests.of(stream=child))) == sorted(PATHS[child].format(key) for key in parents)
    assert latest_states(second)[child] == latest_states(second)[parent]


def test_streams_of_one_list_that_go_on_from_different_states_are_read_apart(sandbox: Sandbox, time: Time) -> None:
    streams = ["customers", "customer_details"]
    first = read(config(sandbox, "valomnia"))
    time.sleep(3600)
    sandbox.clear_requests()

    second = read(config(sandbox, "valomnia"), first.last_state, configured_catalog(streams))
    lists = sandbox.requests.of(kind="list")
    sandbox.clear_requests()
    third = read(config(sandbox, "valomnia"), second.last_state, configured_catalog(streams))

    assert second.exit_code == third.exit_code == 0
    # The customers go on, their details begin.
    assert {request.value("lastUpdated_gte") is None for request in lists} == {True, False}
    assert len(second.rows("customers")) < 5
    assert delivered(second, "valomnia", "customer_details") == expected(sandbox, "valomnia", "customer_details")
    # From then on they share the list.
    assert len(sandbox.requests.of(kind="list")) == 1
    assert set(delivered(third, "valomnia", "customer_details")) == set(delivered(third, "valomnia", "customers"))


@pytest.mark.parametrize(("provider", "child", "parent"), ASKED_FOR)
def test_a_parent_that_goes_meanwhile_is_no_error(sandbox: Sandbox, provider: str, child: str, parent: str) -> None:
    table = sandbox.providers[provider].tables[parent]
    # The last rows: MijnKlantportaal's lists hide others when a row of an earlier page goes.
    going = {str(key): key for key in list(table.rows)[-3:]}
    gone: list[object] = []

    def delete_what_is_asked_for(request: RequestRecord) -> None:
        key = going.pop(request.path_parameters.get("key", ""), None)
        if key is not None:
            table.delete(key)
            gone.append(key)

    sandbox.providers[provider].before_answer = delete_what_is_asked_for

    outcome = read(config(sandbox, provider), catalog=configured_catalog([parent, child]))

    assert outcome.exit_code == 0
    assert len(gone) == 3
    assert set(gone) <= set(delivered(outcome, provider, parent))
    assert delivered(outcome, provider, child) == expected(sandbox, provider, child)


@pytest.mark.parametrize(("provider", "child", "parent"), ASKED_FOR)
def test_where_every_parent_has_gone_the_path_is_wrong(
    sandbox: Sandbox, provider: str, child: str, parent: str
) -> None:
    sandbox.providers[provider].fault("status_404", stream=child, forever=True)

    outcome = read(config(sandbox, provider), catalog=configured_catalog([parent, child]))

    assert outcome.exit_code == 1
    [(kind, message)] = outcome.stream_errors
    assert kind == "config_error"
    assert message.startswith(f"Stream {child}: ")
    assert f"was not found for any of the {len(expected(sandbox, provider, parent))} rows of {parent} " in message
    assert statuses(outcome) == {
        parent: ["STARTED", "RUNNING", "COMPLETE"],
        child: ["STARTED", "INCOMPLETE"],
    }
    assert child not in latest_states(outcome)
    assert parent in latest_states(outcome)


def checkpoints(outcome: Outcome, stream: str) -> Iterator[tuple[set[object], Json]]:
    """Yield each state of a stream of Valomnia, with the keys that came before it."""
    keys: set[object] = set()
    for message in outcome.messages:
        if message["type"] == "RECORD" and message["record"]["stream"] == stream:
            keys.add(message["record"]["data"]["id"])
        if message["type"] == "STATE":
            told = message["state"]["stream"]
            if told["stream_descriptor"]["name"] == stream:
                yield set(keys), told["stream_state"]


@pytest.mark.parametrize("seed", range(4))
def test_no_state_comes_before_the_rows_it_speaks_of(sandbox: Sandbox, seed: int) -> None:
    random = Random(seed)
    sandbox.valomnia.fault("slow", endpoint="detail", forever=True, seconds=0.03, when=lambda _: random.random() < 0.2)
    sandbox.valomnia.fault("status_503", endpoint="detail", forever=True, when=lambda _: random.random() < 0.2)
    streams = ["customers", "customer_details"]

    outcome = read(config(sandbox, "valomnia", page_size=3, concurrency=6), catalog=configured_catalog(streams))

    assert outcome.exit_code == 0
    everyone = set(sandbox.valomnia.rows)
    for stream in streams:
        states = list(checkpoints(outcome, stream))
        assert len(states) > 1
        for keys, state in states:
            last_key = state.get("partial", {}).get("after", max(everyone))
            assert {key for key in everyone if key <= last_key} <= keys
        assert [row["id"] for row in outcome.rows(stream)] == sorted(everyone)
    sent = [state for _, state in checkpoints(outcome, "customer_details")]
    assert sent == [state for _, state in checkpoints(outcome, "customers")]


def test_a_child_that_fails_leaves_its_parent_and_siblings_alone(sandbox: Sandbox, time: Time) -> None:
    streams = ["customers", "customer_details", "contacts"]
    api, key = sandbox.valomnia, sorted(sandbox.valomnia.rows)[30]
    whole = configured_catalog(streams)
    api.fault("status_503", stream="customer_details", endpoint="detail", forever=True, when=_is_for(key))

    failed = read(config(sandbox, "valomnia", page_size=3), catalog=whole)
    api.clear_faults()
    time.sleep(3600)
    healthy = read(config(sandbox, "valomnia", page_size=3), failed.last_state, whole)

    assert failed.exit_code == 1
    [(kind, message)] = failed.stream_errors
    assert kind == "transient_error"
    assert message.startswith("Stream customer_details could not be read. ")
    assert [ended[-1] for ended in statuses(failed).values()].count("INCOMPLETE") == 1
    assert statuses(failed)["customer_details"][-1] == "INCOMPLETE"
    for stream in ("customers", "contacts"):
        assert delivered(failed, "valomnia", stream) == expected(sandbox, "valomnia", stream)
    # Its last state is a checkpoint before the row that failed.
    assert latest_states(failed)["customer_details"]["partial"]["after"] < key
    assert "partial" not in latest_states(failed)["customers"]
    assert healthy.exit_code == 0
    both = delivered(failed, "valomnia", "customer_details") | delivered(healthy, "valomnia", "customer_details")
    assert both == expected(sandbox, "valomnia", "customer_details")
    assert len(healthy.rows("customers")) < 4
    assert len(healthy.rows("customer_details")) < 40


def _is_for(key: object) -> Callable[[RequestRecord], bool]:
    return lambda request: request.path_parameters.get("key") == str(key)


def test_rows_inside_that_are_none_fail_their_stream_alone(sandbox: Sandbox, time: Time) -> None:
    streams = ["customers", "customer_projects", "customer_documents"]
    api, key = sandbox.coredination, sorted(sandbox.coredination.rows)[25]
    documents = api.rows[key]["documents"]
    api.update(key, touch=False, documents=[{"fileName": "without a key"}])

    failed = read(config(sandbox, "coredination"), catalog=configured_catalog(streams))
    api.update(key, touch=False, documents=documents)
    time.sleep(60)
    healthy = read(config(sandbox, "coredination"), failed.last_state, configured_catalog(streams))

    assert failed.exit_code == 1
    [(kind, message)] = failed.stream_errors
    assert (kind, message.split(".")[0]) == ("transient_error", "Stream customer_documents could not be read")
    assert {stream: ended[-1] for stream, ended in statuses(failed).items()} == {
        "customers": "COMPLETE",
        "customer_projects": "COMPLETE",
        "customer_documents": "INCOMPLETE",
    }
    assert "customer_documents" not in latest_states(failed)
    assert healthy.exit_code == 0
    assert delivered(healthy, "coredination", "customer_documents") == expected(
        sandbox, "coredination", "customer_documents"
    )
    assert len(healthy.rows("customers")) < 4


def test_what_hangs_on_a_list_that_fails_is_incomplete_too(sandbox: Sandbox) -> None:
    sandbox.mijnklantportaal.fault("status_503", stream="tickets", page=2)
    # Some are still on their way when the list has failed.
    sandbox.mijnklantportaal.fault("slow", endpoint="detail", forever=True, seconds=0.1)
    streams = ["customers", "ticket_messages", "tickets"]

    outcome = read(config(sandbox, "mijnklantportaal", concurrency=8), catalog=configured_catalog(streams))

    assert outcome.exit_code == 1
    ends = {stream: ended[-1] for stream, ended in statuses(outcome).items()}
    assert ends == {"customers": "COMPLETE", "ticket_messages": "INCOMPLETE", "tickets": "INCOMPLETE"}
    assert {"ticket_messages", "tickets"}.isdisjoint(latest_states(outcome))
    assert len(outcome.stream_errors) == 2
    # What hangs on the first page is delivered all the same.
    first_page = {row["id"] for row in outcome.rows("tickets")}
    assert len(first_page) == 15
    assert delivered(outcome, "mijnklantportaal", "ticket_messages") == {
        key: row
        for key, row in expected(sandbox, "mijnklantportaal", "ticket_messages").items()
        if row["ticketId"] in first_page
    }


def test_a_checkpoint_behind_what_came_is_kept_where_the_list_fails(sandbox: Sandbox, time: Time) -> None:
    streams = ["customers", "customer_details"]
    sandbox.valomnia.fault("status_503", stream="customers", endpoint="list", offset=22)

    failed = read(config(sandbox, "valomnia", page_size=3), catalog=configured_catalog(streams))
    sandbox.valomnia.clear_faults()
    time.sleep(60)
    healthy = read(config(sandbox, "valomnia", page_size=3), failed.last_state, configured_catalog(streams))

    assert failed.exit_code == 1
    assert {ended[-1] for ended in statuses(failed).values()} == {"INCOMPLETE"}
    assert healthy.exit_code == 0
    for stream in streams:
        keys, state = list(checkpoints(failed, stream))[-1]
        assert state["partial"]["after"] in keys
        both = delivered(failed, "valomnia", stream) | delivered(healthy, "valomnia", stream)
        assert both == expected(sandbox, "valomnia", stream)
        assert len(failed.rows(stream)) + len(healthy.rows(stream)) < 44


def cut(messages: list[Json], at: int) -> tuple[dict[str, set[object]], list[Json]]:
    """What a platform has of a sync that is cut off: the keys by stream, and the last state of each."""
    rows: dict[str, set[object]] = {}
    states: dict[str, Json] = {}
    for message in messages[:at]:
        if message["type"] == "RECORD":
            stream = message["record"]["stream"]
            rows.setdefault(stream, set()).add(key_of("valomnia", stream, message["record"]["data"]))
        if message["type"] == "STATE":
            states[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
    return rows, list(states.values())


def test_resumes_from_wherever_it_was_cut_off(sandbox: Sandbox, time: Time) -> None:
    streams = ["customers", "customer_details", "contacts"]
    small = config(sandbox, "valomnia", page_size=3)
    whole = read(small, catalog=configured_catalog(streams)).messages
    everything = cut(whole, len(whole))[0]

    for at in range(0, len(whole), 11):
        rows, states = cut(whole, at)
        time.sleep(30)
        resumed = read(small, states, configured_catalog(streams))
        assert resumed.exit_code == 0
        for stream in streams:
            came = rows.get(stream, set()) | set(delivered(resumed, "valomnia", stream))
            assert came == everything[stream] == set(expected(sandbox, "valomnia", stream)), at


def test_resumes_after_its_process_was_killed(sandbox: Sandbox) -> None:
    sandbox.latency = 0.02
    streams = ["customers", "customer_details"]
    small = config(sandbox, "valomnia", page_size=3)
    command = str(Path(sys.executable).with_name("source-customers"))
    with command_files(config=small, catalog=configured_catalog(streams)) as files:
        process = subprocess.Popen([command, "read", *files], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        printed = []
        for line in process.stdout:
            printed.append(json.loads(line))
            _, states = cut(printed, len(printed))
            if len(states) == len(streams):
                process.kill()
                break
        process.wait()
        process.stdout.close()
    sandbox.latency = 0
    rows, states = cut(printed, len(printed))
    asked_before = len(sandbox.requests)

    resumed = read(small, states, configured_catalog(streams))

    assert len(rows["customer_details"]) < 40
    for stream in streams:
        came = rows[stream] | set(delivered(resumed, "valomnia", stream))
        assert came == set(expected(sandbox, "valomnia", stream))
    # What came before the checkpoint is not asked for again.
    assert len(sandbox.requests.of(stream="customer_details")[asked_before:]) < 40


def test_children_on_several_pages(sandbox: Sandbox) -> None:
    api = sandbox.mijnklantportaal
    cards, table = list(api.tables["punch_cards"].rows)[:3], api.tables["issued_punch_cards"]
    for card, count in zip(cards, (40, 14, 15), strict=True):
        for _ in range(count):
            table.insert({"punchCardId": card})
    inside = {card: sum(row["punchCardId"] == card for row in table.rows.values()) for card in cards}

    one_at_a_time = config(sandbox, "mijnklantportaal", concurrency=1)
    outcome = read(one_at_a_time, catalog=configured_catalog(["issued_punch_cards"]))

    assert outcome.exit_code == 0
    assert delivered(outcome, "mijnklantportaal", "issued_punch_cards") == expected(
        sandbox, "mijnklantportaal", "issued_punch_cards"
    )
    for card in cards:
        pages = asked([r for r in api.requests if r.path == f"/v1/punch-cards/{card}/issued"])
        assert pages == [f"/v1/punch-cards/{card}/issued?page={n}" for n in range(1, -(-inside[card] // 15) + 1)]


def test_a_page_of_children_that_is_not_found_once_hides_no_row(sandbox: Sandbox) -> None:
    api = sandbox.mijnklantportaal
    card = next(iter(api.tables["punch_cards"].rows))
    for _ in range(40):
        api.tables["issued_punch_cards"].insert({"punchCardId": card})
    api.fault("status_404", stream="issued_punch_cards", page=2, times=1)

    outcome = read(config(sandbox, "mijnklantportaal"), catalog=configured_catalog(["issued_punch_cards"]))

    assert outcome.exit_code == 1
    assert [kind for kind, _ in outcome.stream_errors] == ["transient_error"]
    assert outcome.statuses[-1] == "INCOMPLETE"


@pytest.mark.parametrize("fault", ["error_object_200", "empty_object"])
@pytest.mark.parametrize(("provider", "child"), [("coredination", "job_details"), ("valomnia", "customer_details")])
@pytest.mark.parametrize("times", [1, None], ids=["once", "lasting"])
def test_an_error_in_place_of_a_detail_is_no_row(
    sandbox: Sandbox, provider: str, child: str, fault: str, times: int | None
) -> None:
    often: Json = {"times": times} if times else {"forever": True}
    sandbox.providers[provider].fault(fault, stream=child, endpoint="detail", **often)

    outcome = read(config(sandbox, provider), catalog=configured_catalog([child]))

    wanted = expected(sandbox, provider, child) if times else {}
    assert delivered(outcome, provider, child) == wanted
    assert [kind for kind, _ in outcome.stream_errors] == ([] if times else ["transient_error"])


def test_projects_with_fields_of_the_names_that_are_added_have_a_key_each(sandbox: Sandbox) -> None:
    api = sandbox.coredination
    for key in api.rows:
        api.update(
            key, customerProjects=[{"name": "a", "position": 0, "customerId": None}, {"name": "b", "position": 0}]
        )

    outcome = read(config(sandbox, "coredination"), catalog=configured_catalog(["customer_projects"]))

    keys = [(row["customerId"], row["position"]) for row in outcome.rows("customer_projects")]
    assert sorted(keys) == sorted((key, position) for key in api.listed(inactive="") for position in (1, 2))


def test_keys_stand_in_the_path_as_they_are(sandbox: Sandbox) -> None:
    api = sandbox.mijnklantportaal
    odd = ["a b", "a?b=c&d#e", "50%25", "ü+é", "a:b@c", "a;b,c"]
    for key in odd:
        api.tables["tickets"].insert({"id": key})
        api.tables["ticket_messages"].insert({"ticketId": key, "id": f"message of {key}"})

    outcome = read(config(sandbox, "mijnklantportaal"), catalog=configured_catalog(["ticket_messages"]))

    rows = delivered(outcome, "mijnklantportaal", "ticket_messages")
    assert rows == expected(sandbox, "mijnklantportaal", "ticket_messages")
    assert {f"message of {key}" for key in odd} <= set(rows)
    assert {request.status for request in api.requests} == {200}


BUSY = [
    ("caoloon", ["customers", "collective_labour_agreements", "collective_labour_agreement_details"]),
    ("caoloon", ["inquiries_pay_equity", "inquiry_pay_equity_details", "invitations"]),
    ("coredination", ["jobs", "job_details", "work_reports"]),
    ("coredination", ["customers", "customer_projects", "customer_documents"]),
    ("mijnklantportaal", ["punch_cards", "issued_punch_cards", "tickets", "ticket_messages"]),
    ("valomnia", ["customers", "customer_details", "contacts"]),
]


def others_work(api: Provider, tables: list[str], random: Random, time: Time) -> Callable[[RequestRecord], None]:
    """Now and then change a row before a request is answered."""
    chance = random.choice([0.05, 0.2, 0.5])

    def work(_: RequestRecord) -> None:
        time.sleep(random.random())
        if random.random() < chance:
            table = random.choice(tables)
            # Nothing at MijnKlantportaal tells that a row has gone.
            kind = random.choice(["update", "insert", *([] if api.name == "mijnklantportaal" else ["delete"])])
            api.change(random.randrange(1000), stream=table, at=None, **{kind: 1})

    return work


@pytest.mark.parametrize(("provider", "streams"), BUSY)
def test_nothing_is_missing_of_what_was_there_while_others_work(
    sandbox: Sandbox, time: Time, provider: str, streams: list[str]
) -> None:
    api, complete, ends = sandbox.providers[provider], 0, 0
    parents = {above for _, child, above in CHILDREN if child in streams}
    for seed in range(SEEDS):
        sandbox.reset()
        sandbox.clock = lambda: time.now().timestamp()
        random = Random(f"{provider}/{seed}")
        there = {stream: expected(sandbox, provider, stream) for stream in streams}
        api.before_answer = others_work(api, sorted({*streams, *parents} & set(api.tables)), random, time)

        in_flight = random.choice([1, 2, 8])
        outcome = read(config(sandbox, provider, concurrency=in_flight), catalog=configured_catalog(streams))

        for stream, ended in statuses(outcome).items():
            ends += 1
            if ended[-1] == "COMPLETE":
                complete += 1
                stayed = there[stream].keys() & expected(sandbox, provider, stream).keys()
                assert stayed <= delivered(outcome, provider, stream).keys(), (seed, stream)
    assert ends == SEEDS * len(streams)
    # Lists of CAO Loon without an upper bound do not hold still when half of all requests change them.
    assert complete >= 0.6 * ends
