"""Every mistake in a config is named by its field, and no message repeats a value: it may be a secret."""

import re
from datetime import datetime, timezone
from typing import Any, NamedTuple

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from hypothesis import example, given, settings
from hypothesis import strategies as st

from source_customers import waiting
from source_customers.config.check import provider_config
from source_customers.connection.origins import check_base_url
from source_customers.manifest.catalogue import manifest_paths, provider_spec

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=timezone.utc)

VALID: dict[str, dict[str, Any]] = {
    "caoloon": {"api_token": "token"},
    "coredination": {"api_key": "key"},
    "mijnklantportaal": {"credentials": {"auth_type": "api_key", "api_key": "key"}},
    "valomnia": {"base_url": "https://acme.valomnia.com", "username": "user", "password": "pass word"},
}
OAUTH = {"auth_type": "oauth2.0", "client_id": "id", "client_secret": "secret", "refresh_token": "token"}


class Mistake(NamedTuple):
    """A field of a provider's config with a wrong value, and the beginning of what is said about it."""

    provider: str
    field: str
    value: Any
    said: str


MISTAKES = {
    "text that is a number": Mistake("caoloon", "api_token", 8164353, "must be of type string"),
    "number that is text": Mistake("caoloon", "page_size", "8164353", "must be of type integer"),
    "number that is a switch": Mistake("caoloon", "page_size", True, "must be of type integer"),
    "number with a fraction": Mistake("caoloon", "page_size", 81.64353, "must be of type integer"),
    "switch that is text": Mistake("caoloon", "customers.archived", "yes-8164353", "must be of type boolean"),
    "list that is text": Mistake("caoloon", "customers.statuses", "Uitgenodigd-8164353", "must be of type array"),
    "null": Mistake("caoloon", "api_token", None, "must be of type string"),
    "empty secret": Mistake("coredination", "api_key", "", "must not be empty"),
    "number below the range": Mistake("caoloon", "page_size", 0, "must be at least 1"),
    "number above the range": Mistake("caoloon", "page_size", 8164353, "must be at most 1000"),
    "too many requests in flight": Mistake("valomnia", "concurrency", 8164353, "must be at most 32"),
    "rate of nothing": Mistake("mijnklantportaal", "requests_per_minute", 0, "must be at least 1"),
    "word that is not offered": Mistake(
        "coredination", "modified_format", "epoch-8164353", "must be one of epoch_milliseconds, date"
    ),
    "version of another form": Mistake("caoloon", "api_version", "five-8164353", "must have the form"),
    "scheme with a space": Mistake("caoloon", "authorization_scheme", "To ken-8164353", "must have the form"),
    "scheme with a line break at its end": Mistake(
        "caoloon", "authorization_scheme", "Token\n", "must not contain line breaks"
    ),
    "date without a time": Mistake("caoloon", "start_date", "2024-01-01", "must have the form YYYY-MM-DDTHH:mm:ssZ"),
    "date with another offset": Mistake(
        "caoloon", "start_date", "2024-01-01T00:00:00+01:00", "must have the form YYYY-MM-DDTHH:mm:ssZ"
    ),
    "date with a line break at its end": Mistake(
        "caoloon", "start_date", "2024-01-01T00:00:00Z\n", "must not contain line breaks"
    ),
    "day that does not exist": Mistake("caoloon", "start_date", "2024-02-30T00:00:00Z", "must be a moment such as"),
    "hour that does not exist": Mistake("caoloon", "start_date", "2024-02-20T25:00:00Z", "must be a moment such as"),
    "date before computers": Mistake("caoloon", "start_date", "1969-12-31T23:59:59Z", "must not be before 1970"),
    "date in the future": Mistake("valomnia", "start_date", "2025-06-01T12:00:01Z", "must not be in the future"),
    "end that is no date": Mistake("caoloon", "end_date", "2024-02-30T00:00:00Z", "must be a moment such as"),
    "end without a time": Mistake("valomnia", "end_date", "2024-01-01", "must have the form YYYY-MM-DDTHH:mm:ssZ"),
    "end before computers": Mistake("valomnia", "end_date", "1969-12-31T23:59:59Z", "must not be before 1970"),
    "end where the API has no upper bound": Mistake(
        "coredination", "end_date", "2024-02-30T00:00:00Z", "is unknown; the fields are"
    ),
    "first creation that is no date": Mistake(
        "valomnia", "customers.created_from", "2024-02-30T00:00:00Z", "must be a moment such as"
    ),
    "last creation that is no date": Mistake(
        "valomnia", "customers.created_to", "2024-02-20T25:00:00Z", "must be a moment such as"
    ),
    "creation without a time": Mistake(
        "valomnia", "customers.created_to", "2024-01-01", "must have the form YYYY-MM-DDTHH:mm:ssZ"
    ),
    "creation where the API does not filter by it": Mistake(
        "caoloon", "customers.created_from", "2024-02-30T00:00:00Z", "is unknown; the fields are"
    ),
    "choice that is not offered": Mistake(
        "valomnia", "customers.is_active", "maybe-8164353", "must be one of any, active, inactive"
    ),
    "duration in words": Mistake("caoloon", "lookback_window", "8164353 days", "must be an ISO 8601 duration"),
    "duration without a length": Mistake("caoloon", "lookback_window", "P", "must be an ISO 8601 duration"),
    "duration without a time": Mistake("caoloon", "lookback_window", "PT", "must have the form PnDTnHnMnS"),
    "duration in years": Mistake("caoloon", "lookback_window", "P8Y", "must have the form PnDTnHnMnS"),
    "duration past what a computer counts": Mistake(
        "caoloon", "lookback_window", "P99999999999D", "must be an ISO 8601 duration"
    ),
    "duration longer than history": Mistake(
        "caoloon", "lookback_window", "P8164353D", "must not be longer than 100 years"
    ),
    "credentials that are text": Mistake("mijnklantportaal", "credentials", "key-8164353", "must be of type object"),
    "header value with a line break": Mistake(
        "caoloon", "api_token", "token\r\nX-Evil: 8164353", "must not contain line breaks"
    ),
    "header value with a null byte": Mistake("coredination", "api_key", "key\0-8164353", "must not contain"),
    "header value with an invisible character": Mistake(
        "coredination", "api_key", "key-8164353\u200b", "must not contain line breaks or other invisible characters"
    ),
    "filter that does not exist": Mistake("caoloon", "customers.status", "text-8164353", "is unknown; the fields are"),
    "days that leave no overlap": Mistake("mijnklantportaal", "appointments.days", 1, "must be at least 2"),
    "switch in words": Mistake("mijnklantportaal", "agreements.signatures", "yes-8164353", "must be of type boolean"),
    "search for nothing": Mistake("coredination", "customer_search.query", "", "must not be empty"),
    "filters that are no object": Mistake("caoloon", "customers", "text-8164353", "must be of type object"),
    "half of a character": Mistake("caoloon", "customers.contains", "text-8164353\ud800", "must not contain"),
    "half of a character within a list": Mistake(
        "caoloon", "customers.statuses", ["text-8164353\ud800"], "must not contain"
    ),
}

REFUSED_CREDENTIALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no kind": ({"api_key": "key-8164353"}, "auth_type", "must be one of api_key, oauth2.0"),
    "unknown kind": (
        {"auth_type": "kind-8164353", "api_key": "key-8164353"},
        "auth_type",
        "must be one of api_key, oauth2.0",
    ),
    "kind that is not text": ({"auth_type": {"kind": "8164353"}}, "auth_type", "must be one of api_key, oauth2.0"),
    "field missing for its kind": ({"auth_type": "api_key"}, "api_key", "is missing"),
    "field missing for the other kind": (
        {**OAUTH, "client_secret": "secret-8164353", "refresh_token": ""},
        "refresh_token",
        "must not be empty",
    ),
    "field of the other kind": (
        {"auth_type": "api_key", "api_key": "key", "client_id": "id-8164353"},
        "client_id",
        "is unknown; the fields are auth_type, api_key",
    ),
    "value of the wrong type": ({**OAUTH, "client_id": 8164353}, "client_id", "must be of type string"),
    "line break within": ({**OAUTH, "client_secret": "8164353\n"}, "client_secret", "must not contain line breaks"),
}

BASE_URLS = [
    ("https://example.com", "http://example.com"),
    ("https://example.com", "HTTP://example.com"),
    ("https://example.com", "ftp://example.com"),
    ("https://example.com", "example.com"),
    ("https://example.com", "//example.com"),
    ("https://example.com", "https://"),
    ("https://example.com", "https://."),
    ("https://example.com", "https://example..com"),
    ("https://example.com", f"https://{'a' * 64}.com"),
    ("https://example.com/", "https://example.com/api"),
    ("https://example.com/", "https://example.com?"),
    ("https://example.com/", "https://example.com#"),
    ("https://example.com/", "https://example.com\\@example.org"),
    ("https://example.com:8443", "https://example.com:99999"),
    ("https://example.com:8443", "https://example.com:0"),
    ("https://example.com:8443", "https://example.com:port"),
    ("https://example.com", "https://user@example.com"),
    ("https://example.com", "https://user:pass@example.com"),
    ("https://example.com", " https://example.com"),
    ("https://example.com", "https://example.com\n"),
    ("https://example.com", "https://exam\tple.com"),
    ("http://localhost:8080", "http://localhost.example.com"),
    ("http://127.0.0.1:8080", "http://10.0.0.1"),
    ("http://127.8.9.10", "http://127.1"),
    ("http://[::1]:8080", "http://[::2]"),
    ("https://10.0.0.1", "https://169.254.169.254"),
    ("https://10.0.0.1", "https://2852039166"),
    ("https://10.0.0.1", "https://0xa9fea9fe"),
    ("https://10.0.0.1", "https://0.0.0.0"),
    ("https://[2001:db8::1]", "https://[fe80::1]"),
    ("https://[2001:db8::1]", "https://[::ffff:169.254.169.254]"),
    ("https://[2001:db8::1]", "https://[2001:db8::1"),
]


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "now", lambda: NOW)


def config(provider: str, **fields: Any) -> dict[str, Any]:
    return {"provider": {"name": provider, **VALID[provider], **fields}}


def refusal(wrong: dict[str, Any]) -> str:
    """What is said about a config, which must be a config_error."""
    with pytest.raises(AirbyteTracedException) as caught:
        provider_config(wrong)
    assert caught.value.failure_type == FailureType.config_error
    assert caught.value.message == caught.value.internal_message
    return caught.value.message or ""


@pytest.mark.parametrize("provider", VALID)
def test_valid_config_is_handed_on_flat_and_unchanged(provider: str) -> None:
    assert provider_config(config(provider)) == (provider, VALID[provider])


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))
def test_wrong_value_is_named_by_its_field_without_the_value(mistake: Mistake) -> None:
    outer, _, inner = mistake.field.partition(".")
    said = refusal(config(mistake.provider, **{outer: {inner: mistake.value} if inner else mistake.value}))

    assert said.startswith(f"`provider.{mistake.field}` {mistake.said}")
    assert "8164353" not in said
    assert len(str(mistake.value)) < 5 or str(mistake.value) not in said


@pytest.mark.parametrize("case", REFUSED_CREDENTIALS.values(), ids=list(REFUSED_CREDENTIALS))
def test_wrong_credentials_are_judged_by_the_kind_they_name(case: tuple[dict[str, Any], str, str]) -> None:
    credentials, field, what = case

    said = refusal(config("mijnklantportaal", credentials=credentials))

    assert said.startswith(f"`provider.credentials.{field}` {what}")
    assert said.count("`provider.") == 1
    assert "8164353" not in said


def test_both_kinds_of_credentials_are_accepted() -> None:
    for credentials in (VALID["mijnklantportaal"]["credentials"], OAUTH):
        assert provider_config(config("mijnklantportaal", credentials=credentials))[1]["credentials"] == credentials


@pytest.mark.parametrize(
    ("provider", "field"), [(name, field) for name in manifest_paths() for field in provider_spec(name)["required"]]
)
def test_missing_field_is_named(provider: str, field: str) -> None:
    incomplete = config(provider)
    del incomplete["provider"][field]

    assert refusal(incomplete) == f"`provider.{field}` is missing."


def test_search_without_a_query_is_refused() -> None:
    assert refusal(config("coredination", customer_search={"include_inactive": True})) == (
        "`provider.customer_search.query` is missing."
    )


def test_unknown_field_is_named_with_the_fields_that_there_are() -> None:
    said = refusal(config("caoloon", api_tokn="token-8164353"))

    assert said.startswith("`provider.api_tokn` is unknown; the fields are api_token, start_date,")
    assert "8164353" not in said


def test_unknown_field_beside_the_provider_is_named() -> None:
    assert refusal({**config("caoloon"), "api_token": "token-8164353"}) == "Unknown field `api_token`."


def test_fields_that_the_platform_adds_are_let_pass() -> None:
    assert provider_config({**config("caoloon"), "__airbyte_workspace": "x"}) == ("caoloon", VALID["caoloon"])


@pytest.mark.parametrize("provider", [None, "caoloon", ["caoloon"], 8164353])
def test_provider_that_is_not_an_object_is_refused(provider: Any) -> None:
    assert refusal({"provider": provider}).startswith("`provider` is missing, or is not an object")


def test_flat_config_is_refused() -> None:
    assert refusal({"name": "caoloon", "api_token": "token-8164353"}).startswith("`provider` is missing")


@pytest.mark.parametrize("name", [None, "", "CaoLoon", "name-8164353", ["caoloon"], {"caoloon": 1}, 8164353])
def test_unknown_provider_is_refused_with_those_that_there_are(name: Any) -> None:
    said = refusal({"provider": {"name": name, "api_token": "token-8164353"}})

    assert said == "`provider.name` must be one of caoloon, coredination, mijnklantportaal, valomnia."


def test_every_mistake_is_named_at_once_and_each_only_once() -> None:
    wrong = {"api_token": "", "page_size": 0, "base_url": "https://example.com/api", "lookback_window": "P"}

    said = refusal(config("caoloon", **wrong))

    assert sorted(re.findall(r"`provider\.(\w+)`", said)) == sorted(wrong)


@pytest.mark.parametrize("provider", VALID)
def test_every_pattern_is_explained_in_words(provider: str) -> None:
    patterns = {name: field for name, field in provider_spec(provider)["properties"].items() if "pattern" in field}

    assert [name for name, field in patterns.items() if "pattern_descriptor" not in field] == []


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2025-06-01T12:00:00Z"])
def test_start_date_from_1970_until_now_is_accepted(moment: str) -> None:
    assert provider_config(config("caoloon", start_date=moment))[1]["start_date"] == moment


@pytest.mark.parametrize("moment", ["2025-01-01T00:00:00Z", "2025-06-01T12:00:01Z", "2999-12-31T23:59:59Z"])
def test_end_date_from_the_start_on_is_accepted_in_the_future_too(moment: str) -> None:
    span = {"start_date": "2025-01-01T00:00:00Z", "end_date": moment}

    assert provider_config(config("caoloon", **span))[1]["end_date"] == moment


def test_end_before_the_start_is_named_where_it_ends() -> None:
    span = {"start_date": "2025-01-01T00:00:00Z", "end_date": "2024-12-31T23:59:59Z"}
    created = {"created_from": "2025-01-01T00:00:00Z", "created_to": "2024-12-31T23:59:59Z"}

    assert refusal(config("caoloon", **span)) == "`provider.end_date` must not be before `start_date`."
    assert refusal(config("valomnia", customers=created)) == (
        "`provider.customers.created_to` must not be before `customers.created_from`."
    )


def test_customers_created_at_one_moment_may_be_asked_for() -> None:
    created = {"created_from": "2025-01-01T00:00:00Z", "created_to": "2025-01-01T00:00:00Z"}

    assert provider_config(config("valomnia", customers=created))[1]["customers"] == created


@pytest.mark.parametrize("duration", ["PT0S", "PT10M", "P1D", "P2W", "P1DT2H3M4S", "P3650D"])
def test_lookback_window_of_any_documented_form_is_accepted(duration: str) -> None:
    assert provider_config(config("caoloon", lookback_window=duration))[1]["lookback_window"] == duration


@pytest.mark.parametrize(("allowed", "refused"), BASE_URLS)
def test_base_url_is_an_origin_that_credentials_may_be_sent_to(allowed: str, refused: str) -> None:
    assert provider_config(config("caoloon", base_url=allowed))[1]["base_url"] == allowed

    said = refusal(config("caoloon", base_url=refused))

    assert said.startswith("`provider.base_url` must ")
    assert not re.search("example|[0-9]", said)
    # The spec's pattern stands in front of most of these; a manifest may be without it.
    with pytest.raises(ValueError, match="must"):
        check_base_url(refused)


def test_password_may_hold_what_a_form_can_send() -> None:
    password = " päss wörd€ "

    assert provider_config(config("valomnia", password=password))[1]["password"] == password


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=6,
)
# Values that are nearly right go further into the checks than noise does.
nearly_right = st.one_of(
    json_values,
    st.from_regex(r"P[0-9]{1,12}[DW]|PT[0-9]{1,12}[HMS]", fullmatch=True),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", fullmatch=True),
    st.from_regex(r"https?://[a-z0-9.:\[\]%-]{0,12}/?", fullmatch=True),
    st.sampled_from([VALID["mijnklantportaal"]["credentials"], OAUTH]),
)


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    provider = draw(st.sampled_from(sorted(VALID)))
    fields = draw(
        st.fixed_dictionaries({}, optional=dict.fromkeys(provider_spec(provider)["properties"], nearly_right))
    )
    return {"provider": {"name": provider, **VALID[provider], **fields}}


@settings(max_examples=400, deadline=None, derandomize=True)
@given(config=st.dictionaries(st.text(), json_values, max_size=3) | configs())
@example(config=config("caoloon", lookback_window="P99999999999D"))
@example(config=config("caoloon", base_url="https://[::1"))
def test_any_config_is_accepted_or_refused_with_a_config_error(config: dict[str, Any]) -> None:
    try:
        provider, flat = provider_config(config)
    except AirbyteTracedException as refused:
        outcome: object = refused.failure_type
    else:
        outcome = {"name": provider, **flat}

    assert outcome in (FailureType.config_error, config.get("provider"))
