"""What the connector says when something goes wrong, and that the docs page explains every sentence of it."""

import ipaddress
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integration_tests.conftest import Time
from integration_tests.connector import (
    Json,
    Outcome,
    check,
    configured_catalog,
    discover,
    read,
    run_here,
    run_process,
)
from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.resource import Key
from source_customers import waiting
from source_customers.provider import Provider
from source_customers.reading.api_list import ApiList

PAGE = Path(__file__).parent.parent / "docs" / "integrations" / "sources" / "customers.md"
CATALOG_FORM = (
    "The catalog is not a configured catalog. It must have the form "
    '{"streams": [{"stream": {...}, "sync_mode": "...", "destination_sync_mode": "..."}]}; '
    "what discover prints holds only the part called stream."
)
STATE_FORM = (
    'The state must be a list of {"type": "STREAM", "stream": {"stream_descriptor": {"name": "..."}, '
    '"stream_state": {...}}}, as the source prints it under "state".'
)
STATE_REMEDY = "Give the state that this source printed, or none to read everything again."
SESSION = "Stream customers: The session was refused although the login succeeded. Check that the user may use the API."


def unread(reason: str, remedy: str = "Try the sync again later.") -> str:
    return f"Stream customers could not be read{reason}. {remedy}"


def state(kind: str = "STREAM", **fields: Any) -> list[Json]:
    return [{"type": kind, "stream": {"stream_descriptor": {"name": "customers"}, "stream_state": fields}}]


@dataclass(frozen=True)
class Mistake:
    """One thing that goes wrong, and what is said about it.

    ``fields`` stand in the config in place of the right ones, or ``config`` instead of the whole. ``fault`` with its
    ``options`` and ``settings`` make the provider's API behave accordingly. A check sees neither the catalog nor the
    state.
    """

    failure_type: str
    message: str
    provider: str = "caoloon"
    fields: Mapping[str, Any] = field(default_factory=dict)
    config: Json | None = None
    oauth: bool = False
    fault: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    catalog: Json | None = None
    state: Any = None
    is_seen_by_check: bool = True

    def arrange(self, sandbox: Sandbox) -> Json:
        """Make the API behave, and return the config."""
        api = sandbox.providers[self.provider]
        config = self.config or sandbox.config(self.provider, oauth=self.oauth, **self.fields)
        for name, value in self.settings.items():
            setattr(api, name, value)
        if self.fault:
            api.fault(self.fault, forever=True, **self.options)
        return config


def config_error(message: str, **given: Any) -> Mistake:
    return Mistake("config_error", message, **given)


def transient_error(message: str, **given: Any) -> Mistake:
    return Mistake("transient_error", message, **given)


def system_error(message: str, **given: Any) -> Mistake:
    return Mistake("system_error", message, **given)


CONFIG_MISTAKES = {
    "no provider": config_error(
        "`provider` is missing, or is not an object with `name` and the provider's fields.",
        config={"name": "caoloon", "api_token": "hush-hush"},
    ),
    "unknown provider": config_error(
        "`provider.name` must be one of caoloon, coredination, mijnklantportaal, valomnia.",
        config={"provider": {"name": "cao-loon", "api_token": "hush-hush"}},
    ),
    "field beside the provider": config_error(
        "Unknown field `page_size`.",
        config={"provider": {"name": "caoloon", "api_token": "hush-hush"}, "page_size": 10},
    ),
    "misspelt field": config_error(
        "`provider.page_sise` is unknown; the fields are credentials, start_date, appointments, agreements, "
        "lookback_window, requests_per_minute, concurrency, base_url, learn_fields.",
        provider="mijnklantportaal",
        fields={"page_sise": 10},
    ),
    "missing credentials": config_error("`provider.api_token` is missing.", config={"provider": {"name": "caoloon"}}),
    "missing half of the credentials": config_error(
        "`provider.credentials.client_secret` is missing. `provider.credentials.refresh_token` is missing.",
        provider="mijnklantportaal",
        fields={"credentials": {"auth_type": "oauth2.0", "client_id": "hush-hush"}},
    ),
    "unknown kind of credentials": config_error(
        "`provider.credentials.auth_type` must be one of api_key, oauth2.0.",
        provider="mijnklantportaal",
        fields={"credentials": {"auth_type": "oauth", "api_key": "hush-hush"}},
    ),
    "empty credential": config_error("`provider.api_token` must not be empty.", fields={"api_token": ""}),
    "credential with a line break": config_error(
        "`provider.api_token` must not contain line breaks or other invisible characters.",
        fields={"api_token": "hush-hush\n"},
    ),
    "wrong type": config_error("`provider.page_size` must be of type integer.", fields={"page_size": "hush-hush"}),
    "too many requests in flight": config_error(
        "`provider.concurrency` must be at most 32.", fields={"concurrency": 64}
    ),
    "pages of nothing": config_error("`provider.page_size` must be at least 1.", fields={"page_size": 0}),
    "start date without a time": config_error(
        "`provider.start_date` must have the form YYYY-MM-DDTHH:mm:ssZ.", fields={"start_date": "2024-01-01"}
    ),
    "start date that is no day": config_error(
        "`provider.start_date` must be a moment such as 2024-01-01T00:00:00Z.",
        fields={"start_date": "2024-02-30T00:00:00Z"},
    ),
    "start date in the future": config_error(
        "`provider.start_date` must not be in the future.", fields={"start_date": "2999-01-01T00:00:00Z"}
    ),
    "start date before there were dates": config_error(
        "`provider.start_date` must not be before 1970.", fields={"start_date": "1969-12-31T23:59:59Z"}
    ),
    "end before the start": config_error(
        "`provider.end_date` must not be before `start_date`.",
        fields={"start_date": "2024-01-01T00:00:00Z", "end_date": "2023-12-31T23:59:59Z"},
    ),
    "http instead of https": config_error(
        "`provider.base_url` must begin with https:// (http:// is for servers on this machine only).",
        fields={"base_url": "http://hush-hush.example"},
    ),
    "path in the address": config_error(
        "`provider.base_url` must end after the host (and port): without path, query or fragment.",
        fields={"base_url": "https://hush-hush.example/api"},
    ),
    "address without https": config_error(
        "`provider.base_url` must have the form https://host, without user or password.",
        provider="valomnia",
        fields={"base_url": "hush-hush.valomnia.com"},
    ),
    "address with a blank": config_error(
        "`provider.base_url` must not contain white space or backslashes.",
        fields={"base_url": "https://hush-hush.example "},
    ),
    "address that names no host": config_error(
        "`provider.base_url` must name a host, by its name or its usual address, and a port that exists.",
        fields={"base_url": "https://hush..hush-hush.example"},
    ),
    "lookback longer than anybody lives": config_error(
        "`provider.lookback_window` must not be longer than 100 years.", fields={"lookback_window": "P200000D"}
    ),
    "lookback in words": config_error(
        "`provider.lookback_window` must be an ISO 8601 duration such as PT10M.",
        fields={"lookback_window": "10 minutes"},
    ),
    "full reads in a word": config_error(
        "`provider.full_read_every` must be an ISO 8601 duration such as PT10M.", fields={"full_read_every": "weekly"}
    ),
    "half a version": config_error(
        "`provider.api_version` must have the form major.minor.patch.", fields={"api_version": "5"}
    ),
    "link-local address": config_error(
        "`provider.base_url` must not be a link-local address.", fields={"base_url": "https://169.254.0.1"}
    ),
}

# Found when the first request is made, not when the config is checked.
UNSENDABLE = {
    "credential that no header can carry": config_error(
        "`api_key` holds characters that cannot be sent in a header, such as a space around it or a quotation mark of "
        "a word processor. Enter it again.",
        provider="coredination",
        fields={"api_key": "hush-hush "},
    ),
    "host that cannot be one": config_error(
        "`base_url` must name a host.", fields={"base_url": "https://*.hush-hush.example"}
    ),
}

REFUSALS = {
    "wrong token": config_error(
        "Stream customers: The token was refused. Check `api_token` and `authorization_scheme`.",
        fields={"api_token": "hush-hush"},
    ),
    "wrong scheme": config_error(
        "Stream customers: The token was refused. Check `api_token` and `authorization_scheme`.",
        fields={"authorization_scheme": "Bearer"},
    ),
    "wrong key": config_error(
        "Stream customers: The key or token was refused. Check `api_key` and `api_token`; a key that requires signed "
        "requests is not supported.",
        provider="coredination",
        fields={"api_key": "hush-hush"},
    ),
    "wrong bearer": config_error(
        "Stream customers: The credentials were refused. Check `credentials`.",
        provider="mijnklantportaal",
        fields={"credentials": {"auth_type": "api_key", "api_key": "hush-hush"}},
    ),
    "OAuth refused": config_error(
        "The OAuth token could not be refreshed: `credentials.client_id`, `credentials.client_secret` or "
        "`credentials.refresh_token` was refused. Authorize the app again and enter the new values.",
        provider="mijnklantportaal",
        oauth=True,
        settings={"refresh_token": "another"},
    ),
    "wrong password": config_error(
        "The login was refused. Check `username` and `password`.",
        provider="valomnia",
        fields={"password": "hush-hush"},
    ),
    "no login": config_error(
        "There is no login at this address. Check `base_url`.",
        provider="valomnia",
        fault="status_404",
        options={"endpoint": "login"},
    ),
    "no token": config_error(
        "There is no login at this address. Check `base_url`.",
        provider="mijnklantportaal",
        oauth=True,
        fault="status_404",
        options={"endpoint": "token"},
    ),
    "session that ends at once": config_error(SESSION, provider="valomnia", fault="session_expired"),
    "no permission on CAO Loon": config_error(
        "Stream customers: The token has no permission for this list. Ask CAO Loon which permissions it carries.",
        fault="status_403",
    ),
    "no permission on Coredination": config_error(
        "Stream customers: The key has no permission for this list. Authorize it for a group, or give the `api_token` "
        "of a user who has the permission.",
        provider="coredination",
        settings={"forbidden": True},
    ),
    "no permission on MijnKlantportaal": config_error(
        "Stream customers: The credentials have no permission for this list. Give the API key or app the scope "
        "customers.read.",
        provider="mijnklantportaal",
        fault="status_403",
    ),
    "no permission on Valomnia": config_error(
        "Stream customers: The user has no permission for this list. Ask the administrator of your Valomnia for it.",
        provider="valomnia",
        fault="status_403",
    ),
    "list that CAO Loon does not have": config_error(
        "Stream customers: /portal/customer/ was not found. Check `base_url`. Where other streams can be read, this "
        "version of the API does not have this list: change `api_version`, or leave the stream out.",
        fault="status_404",
    ),
    "list that Coredination does not have": config_error(
        "Stream customers: /api/1/customer was not found. Check `base_url`. Where other streams can be read, "
        "Coredination does not have this list: leave the stream out.",
        provider="coredination",
        fault="status_404",
    ),
    "list that MijnKlantportaal does not have": config_error(
        "Stream customers: /v1/customers was not found. Check `base_url`. Where other streams can be read, your portal "
        "does not have this list: leave the stream out.",
        provider="mijnklantportaal",
        fault="status_404",
    ),
    "list that Valomnia does not have": config_error(
        "Stream customers: /api/v1.0/customers was not found. Check `base_url`. Where other streams can be read, "
        "your Valomnia does not have this list: leave the stream out.",
        provider="valomnia",
        fault="status_404",
    ),
    "proxy that sends on to its login": config_error(
        "Stream customers: the API sent the request on to another host, which was refused to keep the credentials "
        "safe. Check `base_url`.",
        fault="redirect_other_host",
    ),
    "server that sends on in a circle": config_error(
        "Stream customers: The API sends the request on again and again. Check `base_url`.",
        fault="redirect_same_origin",
    ),
    "API version refused": config_error(
        "Stream customers: The API version was refused. Check `api_version`.", fault="status_406"
    ),
    "filter refused": config_error(
        "Stream customers: the API refused a parameter with status 400 (invalid_param). If the order of the lists is "
        "refused, set `sort` to `none`. Check the filters in the configuration.",
        provider="valomnia",
        fault="status_400",
        fields={"customers": {"name": "hush-hush"}},
    ),
    "format of the change time refused": config_error(
        "Stream customers: the API refused a parameter with status 400. If only incremental syncs are refused, set "
        "`modified_format` to `date`. If only jobs are, switch off `jobs.paged`.",
        provider="coredination",
        fault="status_400",
    ),
    "order refused": config_error(
        "Stream customers: the API refused a parameter with status 400 (invalid_param). If the order of the lists is "
        "refused, set `sort` to `none`.",
        provider="valomnia",
        settings={"refused_sorts": ["id"]},
    ),
    "parameter refused": system_error(
        "Stream customers: the API refused a parameter with status 400.", fault="status_400"
    ),
    "unknown refusal": system_error(
        "Stream customers: the API refused the request with status 406.", provider="coredination", fault="status_406"
    ),
}

# Of other streams than the customers, which a check does not ask for.
REFUSED_STREAMS = {
    "no scope for tickets": config_error(
        "Stream tickets: The credentials have no permission for this list. Give the API key or app the scope "
        "tickets.read.",
        provider="mijnklantportaal",
        settings={"scopes": ["customers.read"]},
        catalog=configured_catalog(["tickets"], "full_refresh"),
        is_seen_by_check=False,
    ),
    "no scope for what hangs on punch cards": config_error(
        "Stream issued_punch_cards: The credentials have no permission for this list. Give the API key or app the "
        "scope for punch cards, which the documents do not name.",
        provider="mijnklantportaal",
        fault="status_403",
        options={"stream": "issued_punch_cards"},
        catalog=configured_catalog(["issued_punch_cards"], "full_refresh"),
        is_seen_by_check=False,
    ),
    "list that the API does not have": config_error(
        "Stream price_lists: /api/v1.0/priceLists was not found. Check `base_url`. Where other streams can be read, "
        "your Valomnia does not have this list: leave the stream out.",
        provider="valomnia",
        fault="status_404",
        options={"stream": "price_lists"},
        catalog=configured_catalog(["price_lists"]),
        is_seen_by_check=False,
    ),
    "details that the API has elsewhere": config_error(
        "Stream job_details: /api/1/job/{key} was not found for any of the 50 rows of jobs that were asked for. The "
        "API does not have it, or has it elsewhere.",
        provider="coredination",
        fault="status_404",
        options={"stream": "job_details"},
        catalog=configured_catalog(["job_details"], "full_refresh"),
        is_seen_by_check=False,
    ),
    "fewer days than asked for": config_error(
        "Stream appointments could not be read: the API gives fewer days at a time than it was asked for. Lower "
        "`appointments.days`.",
        provider="mijnklantportaal",
        settings={"appointments_max_days": 3},
        fields={"requests_per_minute": 1_000_000},
        catalog=configured_catalog(["appointments"]),
        is_seen_by_check=False,
    ),
}

PASSING_FAULTS = {
    "rate limit": transient_error(unread(". The API answered with status 429 (too many requests)"), fault="status_429"),
    "API out of order": transient_error(
        unread(". The API answered with status 503 (service unavailable)"), fault="status_503"
    ),
    "login out of order": transient_error(
        unread(". The login was answered with status 503 (service unavailable)"),
        provider="valomnia",
        settings={"failed_login_status": 503},
        fields={"password": "hush-hush"},
    ),
    "proxy's login page": transient_error(
        unread(". The answer was not what the API documents: not JSON"), fault="login_page_200"
    ),
    "error with status 200": transient_error(
        unread(". The answer was not what the API documents: no list at `data`"),
        provider="valomnia",
        fault="error_object_200",
    ),
    "connection broken": transient_error(
        unread(". The API could not be reached, or broke off the connection"), fault="connection_reset"
    ),
    "host that nobody serves": transient_error(
        unread(". The API could not be reached, or broke off the connection"),
        fields={"base_url": "http://127.0.0.1:9"},
    ),
    "answer too large": transient_error(
        unread(". The API's answer was too large. Lower `page_size`"), fault="huge_body"
    ),
    "answer too large where pages have no size": transient_error(
        unread(". The API's answer was too large"), provider="mijnklantportaal", fault="huge_body"
    ),
    "answer that is not packed as it says": transient_error(
        unread(". The API's answer could not be read"),
        fault="odd_headers",
        options={"status": 200, "headers": {"Content-Encoding": "gzip"}},
    ),
    "rows missing at the end": transient_error(
        unread(": the API announces another number of rows than it gives"),
        fault="short_page",
        is_seen_by_check=False,
    ),
    "offset ignored": transient_error(
        unread(": its rows kept moving while it was read", remedy="Try the sync again at a quieter time."),
        provider="coredination",
        fault="repeated_page",
        fields={"page_size": 50},
        is_seen_by_check=False,
    ),
}

# Of other streams than customers.
OTHER_STREAMS = {
    "details that none of the rows have": config_error(
        "Stream job_details: /api/1/job/{key} was not found for any of the 50 rows of jobs that were asked for. The "
        "API does not have it, or has it elsewhere.",
        provider="coredination",
        fault="status_404",
        options={"stream": "job_details"},
        catalog=configured_catalog(["job_details"]),
    ),
}

OTHER_FILES = {
    "unknown stream": config_error(
        "The catalog names streams that do not exist: clients. The streams are customers, assets, work_reports, jobs, "
        "job_details, customer_projects, customer_documents, full_reads.",
        provider="coredination",
        catalog=configured_catalog(["clients"]),
    ),
    "no stream": config_error("The catalog names no stream.", catalog=configured_catalog([])),
    "state of an old kind": config_error(STATE_FORM, state={"customers": {"updatedAt": "2024-01-01T00:00:00Z"}}),
    "state message instead of the state": config_error(STATE_FORM, state=[{"type": "STATE", "state": {}}]),
    "state of another kind": config_error(
        f"The state is not of the type STREAM. {STATE_REMEDY}",
        state=[{"type": "GLOBAL", "global": {"stream_states": []}}],
    ),
    "state of another provider": config_error(
        f"The state of stream customers is of another source: it has no `updatedAt`. {STATE_REMEDY}",
        state=state(lastUpdated="2024-01-01T00:00:00Z"),
    ),
    "state that is damaged": config_error(
        f"The state of stream customers cannot be read: `updatedAt` is not a moment in time. {STATE_REMEDY}",
        state=state(updatedAt="hush-hush"),
    ),
}

MISTAKES = {**CONFIG_MISTAKES, **UNSENDABLE, **REFUSALS, **REFUSED_STREAMS, **PASSING_FAULTS}

# What tests of their own provoke, below.
FURTHER_MESSAGES = {
    "clock behind": "`provider.start_date` must not be in the future.",
    "slow API": unread(". The API did not answer in time"),
    "untrusted certificate": unread(". The API's TLS certificate was not accepted, or it does not speak https"),
    "moving rows": unread(": its rows kept moving while it was read", remedy="Try the sync again at a quieter time."),
    "changes without end": unread(
        ": it changed faster than it could be read", remedy="Try the sync again at a quieter time."
    ),
    "fewer days": (
        "Stream appointments could not be read: the API gives fewer days at a time than it was asked for. Lower "
        "`appointments.days`."
    ),
    "stream not foreseen": (
        "Stream customers failed in a way that is not foreseen (RuntimeError). This is a fault of the connector."
    ),
    "command not foreseen": (
        "The command failed in a way that is not foreseen (RuntimeError). This is a fault of the connector."
    ),
    "summary": "1 of 1 streams did not sync successfully.",
    "catalog from discover": CATALOG_FORM,
    "list as config": "The config must be a JSON object.",
    "file not found": "The config file /nowhere/config.json cannot be read: No such file or directory.",
    "not JSON": "The config file /nowhere/config.json is not JSON in UTF-8.",
    "no command": "Name a command: spec, check, discover, read or probe. `source-customers -h` tells more.",
}


@pytest.mark.parametrize("name", MISTAKES)
def test_check_says_what_is_wrong(sandbox: Sandbox, name: str) -> None:
    mistake = MISTAKES[name]
    if not mistake.is_seen_by_check:
        pytest.skip("a check asks for one row: it cannot see what is wrong with many")

    outcome = check(mistake.arrange(sandbox))

    assert outcome.exit_code == 0
    assert outcome.status == ("FAILED", mistake.message)
    assert "hush-hush" not in outcome.output


@pytest.mark.parametrize("name", [*MISTAKES, *OTHER_STREAMS, *OTHER_FILES])
def test_read_says_what_is_wrong_and_whose_it_is(sandbox: Sandbox, name: str) -> None:
    mistake = {**MISTAKES, **OTHER_STREAMS, **OTHER_FILES}[name]

    outcome = read(mistake.arrange(sandbox), mistake.state, mistake.catalog)

    assert outcome.exit_code == 1
    assert outcome.stream_errors == [(mistake.failure_type, mistake.message)]
    assert "hush-hush" not in outcome.output


@pytest.mark.parametrize("name", CONFIG_MISTAKES)
def test_discover_says_the_same_about_the_config(sandbox: Sandbox, name: str) -> None:
    outcome = discover(CONFIG_MISTAKES[name].arrange(sandbox))

    assert outcome.exit_code == 1
    assert outcome.errors == [("config_error", CONFIG_MISTAKES[name].message)]
    assert len(sandbox.requests) == 0


def test_a_clock_that_is_behind_takes_a_start_date_for_the_future(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    monkeypatch.setattr(waiting, "now", lambda: yesterday - timedelta(days=1))

    outcome = check(sandbox.config("caoloon", start_date=yesterday.strftime("%Y-%m-%dT%H:%M:%SZ")))

    assert outcome.status == ("FAILED", FURTHER_MESSAGES["clock behind"])


def test_an_api_that_does_not_answer_in_time(sandbox: Sandbox, time: Time) -> None:
    sandbox.caoloon.before_answer = lambda _request: time.sleep(200)

    outcome = read(sandbox.config("caoloon"))

    assert outcome.stream_errors == [("transient_error", FURTHER_MESSAGES["slow API"])]


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    with https_server(tmp_path) as url:
        outcome = check({"provider": {"name": "coredination", "api_key": "hush-hush", "base_url": url}})

    assert outcome.status == ("FAILED", FURTHER_MESSAGES["untrusted certificate"])


def test_rows_that_move_all_the_time(sandbox: Sandbox) -> None:
    api = sandbox.coredination

    def move(_request: object) -> None:
        api.delete(min(api.rows))
        api.insert()

    api.before_answer = move

    outcome = read(sandbox.config("coredination", page_size=50, concurrency=1))

    assert outcome.stream_errors == [("transient_error", FURTHER_MESSAGES["moving rows"])]


def test_rows_that_change_all_the_time(sandbox: Sandbox, time: Time) -> None:
    api = sandbox.caoloon
    sandbox.clock = lambda: time.now().timestamp()
    some = list(api.listed())[:3]
    added: list[Key] = []

    def change(_request: object) -> None:
        """Three rows are always new, and a fourth one comes and goes, so that no two pages tell the same total."""
        api.touch(*some)
        if added:
            api.delete(added.pop())
        else:
            added.extend(api.insert())

    change(None)
    api.max_page_size = 1
    api.before_answer = change

    outcome = read(sandbox.config("caoloon", start_date="2026-01-01T00:00:00Z", concurrency=1))

    assert outcome.stream_errors == [("transient_error", FURTHER_MESSAGES["changes without end"])]


def test_fewer_days_than_asked_for(sandbox: Sandbox) -> None:
    api = sandbox.mijnklantportaal
    # Of two answers that follow each other, both have to have the early hours of one day: the zone is not documented.
    morning = datetime.now(timezone.utc).replace(hour=8)
    for day in range(120):
        api.tables["appointments"].insert(at=morning + timedelta(days=day))
    api.appointments_max_days = 30

    outcome = read(
        sandbox.config("mijnklantportaal", appointments={"days": 90}), catalog=configured_catalog(["appointments"])
    )

    assert outcome.stream_errors == [("config_error", FURTHER_MESSAGES["fewer days"])]


def test_a_fault_of_the_connector_in_a_stream(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ApiList, "page", _fail)

    outcome = read(sandbox.config("caoloon"))

    assert outcome.exit_code == 1
    assert outcome.errors == [
        ("system_error", FURTHER_MESSAGES["stream not foreseen"]),
        ("system_error", FURTHER_MESSAGES["summary"]),
    ]
    assert outcome.statuses == ["STARTED", "INCOMPLETE"]
    assert "hush-hush" not in outcome.output


@pytest.mark.parametrize("command", [check, discover, read])
def test_a_fault_of_the_connector_outside_of_streams(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, command: Callable[[Json], Outcome]
) -> None:
    monkeypatch.setattr(Provider, "__init__", _fail)

    outcome = command(sandbox.config("caoloon"))

    assert outcome.exit_code == 1
    assert outcome.errors == [("system_error", FURTHER_MESSAGES["command not foreseen"])]
    assert "hush-hush" not in outcome.output


def _fail(*_: object, said: str = "hush-hush", **__: object) -> None:
    raise RuntimeError(said)


@pytest.mark.parametrize("form", ["the catalog", "the whole message"])
def test_what_discover_prints_is_no_configured_catalog(sandbox: Sandbox, form: str) -> None:
    [message] = [message for message in discover(sandbox.config("caoloon")).messages if message["type"] == "CATALOG"]

    outcome = read(sandbox.config("caoloon"), catalog=message if form == "the whole message" else message["catalog"])

    assert outcome.errors == [("config_error", FURTHER_MESSAGES["catalog from discover"])]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("file not found", None),
        ("not JSON", '{"provider": '),
        ("not JSON", "provider: caoloon"),
        ("list as config", "[]"),
    ],
)
def test_a_config_file_that_is_none(tmp_path: Path, name: str, content: str | None) -> None:
    path = tmp_path / "config.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    outcome = run_here(["check", "--config", str(path)])

    assert outcome.exit_code == 1
    said = FURTHER_MESSAGES[name].replace("/nowhere/config.json", str(path))
    assert outcome.errors == [("config_error", said)]


def test_no_command_is_no_traceback() -> None:
    outcome = run_process([])

    assert outcome.exit_code == 1
    assert outcome.errors_output.strip() == FURTHER_MESSAGES["no command"]


def documented_messages() -> list[str]:
    """The messages in the tables of the page: whatever stands first in a row, between double backticks."""
    return re.findall(r"^\| ``(.+?)`` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def said_messages() -> list[str]:
    mistakes = {**MISTAKES, **OTHER_STREAMS, **OTHER_FILES}.values()
    return [*(mistake.message for mistake in mistakes), *FURTHER_MESSAGES.values()]


def fits(documented: str, said: str) -> bool:
    """Whether a message is a documented one, in which an ellipsis stands for what differs."""
    parts = documented.strip().replace("\\|", "|").split("…")
    return re.fullmatch(".+".join(map(re.escape, parts)), said) is not None


@pytest.mark.parametrize("said", sorted(set(said_messages())))
def test_every_message_is_explained_on_the_docs_page(said: str) -> None:
    assert [documented for documented in documented_messages() if fits(documented, said)]


def test_the_docs_page_explains_no_message_that_is_not_said() -> None:
    said = said_messages()

    assert len(documented_messages()) >= 20
    assert [each for each in documented_messages() if not any(fits(each, message) for message in said)] == []


@contextmanager
def https_server(folder: Path) -> Iterator[str]:
    """Serve with a certificate that was made a moment ago, by nobody; yield the address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    encoding = serialization.Encoding.PEM
    pem.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(encoding)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
