"""The generated customers: the same for the same seed, realistic in width and spread."""

import json
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.moments import BASE_TIME, EPOCH

PROVIDERS = ["caoloon", "mijnklantportaal", "coredination", "valomnia"]


def rows(sandbox: Sandbox, name: str) -> list[dict[str, Any]]:
    return list(sandbox.providers[name].rows.values())


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_seed_makes_the_same_rows_every_time(name: str) -> None:
    first, again, other = (rows(Sandbox(30, seed=seed), name) for seed in (5, 5, 6))

    assert first == again
    assert first != other


@pytest.mark.parametrize("name", PROVIDERS)
def test_there_are_as_many_as_asked_for_each_with_its_own_key(name: str) -> None:
    assert len(rows(Sandbox(321), name)) == 321
    assert rows(Sandbox(0), name) == []


@pytest.mark.parametrize("name", ["caoloon", "coredination", "valomnia"])
def test_changes_are_spread_over_two_years_and_some_share_a_moment(name: str) -> None:
    provider = Sandbox(1000).providers[name]

    moments = [provider.changed_at(key) for key in provider.rows]

    assert max(moments) <= BASE_TIME
    assert min(moments) > BASE_TIME - timedelta(days=731)
    assert len({(moment.year, moment.month) for moment in moments}) >= 24
    shared = Counter(moments)
    assert 900 < len(shared) < 970
    assert shared.most_common(1)[0][1] >= 30


def test_the_base_time_can_be_another() -> None:
    provider = Sandbox(50, base_time=EPOCH).caoloon

    assert all(provider.changed_at(key) <= EPOCH for key in provider.rows)


def test_caoloon_times_have_microseconds_and_the_offset_of_amsterdam() -> None:
    offsets = {row["updatedAt"][-6:] for row in rows(Sandbox(200), "caoloon")}

    assert offsets == {"+01:00", "+02:00"}


def test_mail_addresses_are_of_reserved_domains_and_differ() -> None:
    sandbox = Sandbox(300)
    text = json.dumps([rows(sandbox, name) for name in PROVIDERS])
    addresses = [row["primaryEmail"] for row in rows(sandbox, "mijnklantportaal")]

    assert {domain.rsplit(".", 1)[0] for domain in re.findall(r"@([a-z.]+)", text)} == {"example"}
    assert len(set(addresses)) == 300


def test_names_use_more_than_ascii() -> None:
    assert not json.dumps(rows(Sandbox(100), "coredination"), ensure_ascii=False).isascii()


def test_caoloon_customers_who_were_only_invited_have_no_name_or_number() -> None:
    invited = [row for row in rows(Sandbox(100), "caoloon") if row["status"] == "Uitgenodigd"]

    assert {(row["companyName"], row["coc"]) for row in invited} == {("", None)}
    assert 0 < len(invited) < 100


def test_caoloon_links_lead_to_other_hosts() -> None:
    hosts = {row["href"].split("/portal/")[0] for row in rows(Sandbox(100), "caoloon")}

    assert hosts == {"https://caoloon.com", "http://caoloon.com", "https://test.caolooin.com"}
