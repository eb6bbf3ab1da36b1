"""CAO Loon: filters, order, versions, credentials."""

from datetime import datetime, timezone

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import ask
from integration_tests.sandbox.data.samples import samples

NOON = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)
NOON_SECONDS = int(NOON.timestamp())


def guids(sandbox: Sandbox, query: str) -> set[str]:
    answer = ask(sandbox, "caoloon", f"pageSize=500&{query}").json()
    assert answer["total"] == len(answer["models"])
    return {row["guid"] for row in answer["models"]}


def shown(sandbox: Sandbox) -> dict[str, frozenset[str]]:
    return {str(guid): flags for guid, flags in sandbox.caoloon.flags.items() if "archived" not in flags}


def test_archived_rows_are_left_out_unless_they_are_asked_for(sandbox: Sandbox) -> None:
    archived = set(map(str, sandbox.caoloon.rows)) - set(shown(sandbox))

    assert archived
    assert guids(sandbox, "") == guids(sandbox, "archived=false") == set(shown(sandbox))
    assert guids(sandbox, "archived=true") == archived


@pytest.mark.parametrize(("parameter", "flag"), [("onlyHelped", "helped"), ("onlyFavorites", "favorite")])
def test_only_rows_with_a_flag(sandbox: Sandbox, parameter: str, flag: str) -> None:
    flagged = {guid for guid, flags in shown(sandbox).items() if flag in flags}

    assert flagged
    assert guids(sandbox, f"{parameter}=true") == flagged
    assert guids(sandbox, f"{parameter}=false") == set(shown(sandbox))


def test_statuses_by_a_repeated_parameter(sandbox: Sandbox) -> None:
    rows = sandbox.caoloon.listed()
    wanted = {guid for guid, row in rows.items() if row["status"] in {"Uitgenodigd", "Akkoord"}}

    assert guids(sandbox, "status=Uitgenodigd&status=Akkoord") == wanted
    assert 0 < len(wanted) < len(rows)


def test_updated_from_and_to_are_whole_seconds_and_belong_to_the_range(sandbox: Sandbox) -> None:
    early, exact, late = sandbox.caoloon.insert(3)
    sandbox.caoloon.touch(early, at=NOON.replace(hour=11, minute=59, second=59, microsecond=999_999))
    sandbox.caoloon.touch(exact, at=NOON)
    sandbox.caoloon.touch(late, at=NOON.replace(microsecond=1))

    assert guids(sandbox, f"updatedFrom={NOON_SECONDS}&updatedTo={NOON_SECONDS}") == {exact}
    assert {exact, late} <= guids(sandbox, f"updatedFrom={NOON_SECONDS}")
    assert early not in guids(sandbox, f"updatedFrom={NOON_SECONDS}")
    assert {early, exact} <= guids(sandbox, f"updatedTo={NOON_SECONDS}")
    assert late not in guids(sandbox, f"updatedTo={NOON_SECONDS}")


@pytest.mark.parametrize("field", ["contact", "companyName", "coc", "invitedBy"])
def test_contains_looks_into_four_fields_in_any_case(sandbox: Sandbox, field: str) -> None:
    [guid] = sandbox.caoloon.insert({field: "zz99 Ünique"})

    assert guids(sandbox, "contains=Z99%20üN") == {guid}


@pytest.mark.parametrize("field", ["status", "guid", "href"])
def test_contains_looks_into_no_other_field(sandbox: Sandbox, field: str) -> None:
    sandbox.caoloon.insert({field: "zz99"})

    assert guids(sandbox, "contains=zz99") == set()


@pytest.mark.parametrize(
    "query",
    ["updatedFrom=2025-01-01", "updatedFrom=1.5", "updatedTo=-1", "onlyHelped=True", "onlyFavorites=1", "archived="],
)
def test_a_value_of_the_wrong_type_is_refused(sandbox: Sandbox, query: str) -> None:
    answer = ask(sandbox, "caoloon", query)

    assert answer.status_code == 400
    assert query.split("=", maxsplit=1)[0] in answer.json()["detail"]


def test_order(sandbox: Sandbox) -> None:
    def first_to_last() -> list[str]:
        return [row["guid"] for row in ask(sandbox, "caoloon", "pageSize=500").json()["models"]]

    by_time = sorted(shown(sandbox), key=sandbox.caoloon.changed_at)

    newest = [sandbox.caoloon.changed_at(guid) for guid in first_to_last()]
    assert newest == sorted(newest, reverse=True)
    sandbox.caoloon.list_order = "oldest"
    assert first_to_last() == by_time
    sandbox.caoloon.list_order = "guid"
    assert first_to_last() == sorted(by_time)


@pytest.mark.parametrize(
    ("accept", "coc"),
    [
        ("application/json; version=5.0.0", "00123456"),
        ("application/json;version=10.0.0", "00123456"),
        ("application/json", "00123456"),
        ("application/json; version=4.0.0", 123456),
    ],
)
def test_coc_is_filled_with_zeros_from_version_five(sandbox: Sandbox, accept: str, coc: object) -> None:
    sandbox.caoloon.insert({"coc": "00123456", "contact": "zz99@example.nl"})

    [row] = ask(sandbox, "caoloon", "contains=zz99", headers={"accept": accept}).json()["models"]

    assert row["coc"] == coc
    assert sandbox.caoloon.requests[-1].headers["accept"] == accept


@pytest.mark.parametrize("version", ["5", "5.0", "v5.0.0", "latest", ""])
def test_a_malformed_version_is_not_acceptable(sandbox: Sandbox, version: str) -> None:
    accept = {"accept": f"application/json; version={version}"}

    assert ask(sandbox, "caoloon", headers=accept).status_code == 406


@pytest.mark.parametrize("header", ["", "Token", "Token wrong", "Bearer 12_34", "token 12_34", "12_34", "Token 1234"])
def test_a_wrong_token_is_refused(sandbox: Sandbox, header: str) -> None:
    sandbox.caoloon.token = "12_34"

    assert ask(sandbox, "caoloon", headers={"authorization": header}).status_code == 401
    assert ask(sandbox, "caoloon", headers={"authorization": "Token 12_34"}).status_code == 200


def test_the_scheme_can_be_another_or_none(sandbox: Sandbox) -> None:
    sandbox.caoloon.token, sandbox.caoloon.authorization_scheme = "12_34", "Bearer"
    assert ask(sandbox, "caoloon", headers={"authorization": "Bearer 12_34"}).status_code == 200

    sandbox.caoloon.authorization_scheme = ""
    assert ask(sandbox, "caoloon", headers={"authorization": "12_34"}).status_code == 200


def test_a_path_without_its_slash_is_sent_on(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "caoloon", "page=2", path="/portal/customer")

    assert answer.status_code == 301
    assert answer.headers["location"] == f"{sandbox.url}/portal/customer/?page=2"


def test_an_unknown_customer_is_not_found(sandbox: Sandbox) -> None:
    assert ask(sandbox, "caoloon", path="/portal/customer/no-such-guid/").status_code == 404


@pytest.mark.parametrize(
    ("stream", "path"), [("collective_labour_agreements", "/portal/cla/"), ("inquiries_pay_equity", "/portal/ipe/")]
)
def test_other_lists_are_filtered_from_a_whole_second(sandbox: Sandbox, stream: str, path: str) -> None:
    table = sandbox.caoloon.tables[stream]
    early, exact = table.insert(2)
    table.touch(early, at=NOON.replace(hour=11, minute=59, second=59, microsecond=999_999))
    table.touch(exact, at=NOON)

    answer = ask(sandbox, "caoloon", f"pageSize=500&from={NOON_SECONDS}", path=path).json()

    found = {row[table.resource.key] for row in answer["models"]}
    assert answer["total"] == len(found) < len(table.rows)
    assert exact in found
    assert early not in found
    assert ask(sandbox, "caoloon", "from=2025-01-01", path=path).status_code == 400


def test_inquiries_do_not_show_when_they_were_changed(sandbox: Sandbox) -> None:
    table = sandbox.caoloon.tables["inquiries_pay_equity"]
    key = next(iter(table.rows))

    table.touch(key, at=datetime(2040, 1, 1, tzinfo=timezone.utc))

    [row] = ask(sandbox, "caoloon", "from=2200000000", path="/portal/ipe/").json()["models"]
    assert row["guid"] == key
    assert set(row) == set(samples("caoloon")["inquiries_pay_equity"].sample)
    assert "updatedAt" not in ask(sandbox, "caoloon", path=f"/portal/ipe/{key}/").json()


def test_invitations_have_no_filter(sandbox: Sandbox) -> None:
    total = len(sandbox.caoloon.tables["invitations"].rows)

    assert ask(sandbox, "caoloon", "from=4000000000", path="/portal/invitation/").json()["total"] == total


@pytest.mark.parametrize("path", ["/portal/cla/", "/portal/ipe/", "/portal/invitation/"])
def test_other_lists_have_the_same_envelope(sandbox: Sandbox, path: str) -> None:
    first = ask(sandbox, "caoloon", "pageSize=2", path=path).json()

    assert list(first) == ["models", "nextPage", "total", "pageSize", "page"]
    assert (len(first["models"]), first["nextPage"], first["page"]) == (2, 2, 1)
    slashless = ask(sandbox, "caoloon", "page=2", path=path.rstrip("/"))
    assert (slashless.status_code, slashless.headers["location"]) == (301, f"{sandbox.url}{path}?page=2")


def test_details_stand_where_the_documents_have_them(sandbox: Sandbox) -> None:
    agreement = next(iter(sandbox.caoloon.tables["collective_labour_agreements"].rows))
    inquiry = next(iter(sandbox.caoloon.tables["inquiries_pay_equity"].rows))
    invitation = next(iter(sandbox.caoloon.tables["invitations"].rows))
    paths = {
        f"/portal/cla/{agreement}": 200,
        f"/portal/cla/{agreement}/": 404,
        f"/portal/ipe/{inquiry}/": 200,
        f"/portal/ipe/{inquiry}": 404,
        f"/portal/invitation/{invitation}/": 200,
        "/portal/cla/1-1999": 404,
        "/portal/ipe/1/": 404,
    }

    assert {path: ask(sandbox, "caoloon", path=path).status_code for path in paths} == paths


def test_details_have_the_parts_that_are_named(sandbox: Sandbox) -> None:
    agreement, row = next(iter(sandbox.caoloon.tables["collective_labour_agreements"].rows.items()))
    inquiry = next(iter(sandbox.caoloon.tables["inquiries_pay_equity"].rows))

    whole = ask(sandbox, "caoloon", path=f"/portal/cla/{agreement}").json()
    document = ask(sandbox, "caoloon", path=f"/portal/ipe/{inquiry}/").json()

    assert set(whole) == set(samples("caoloon")["collective_labour_agreement_details"].sample)
    assert whole["name"] == row["name"]
    assert document["guid"] == inquiry
    assert document["salaryTable"]["periodicalRaisesText"]
    assert {"waitingDays", "sameSickLeaveInDays"} <= set(document["workType"]["sickLeave"])
