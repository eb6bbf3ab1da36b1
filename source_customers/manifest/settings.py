"""What a manifest may say about a stream that our retriever reads, and about its connection.

Each class is a plain object in YAML. Unknown keys, missing keys and wrong types are refused by their path. The
reference in docs/manifest.md is generated from this file.
"""

import re
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

PLACEHOLDER = r"\{([A-Za-z0-9_.]+)\}"

# The descriptions stand in messages and in the reference.
Name = Annotated[str, Meta(min_length=1, description="text")]
ConfigField = Annotated[
    str, Meta(min_length=1, description="the name of a config field", extra={"is_config_field": True})
]
Count = Annotated[int, Meta(ge=1, description="a whole number from 1 on")] | ConfigField
Seconds = Annotated[float, Meta(gt=0, description="a number of seconds above 0")]
Path = Annotated[
    str,
    Meta(
        pattern=r"^/[^?#{}\s]*(\{key\}[^?#{}\s]*)?$",
        description="a path that begins with `/`, without query, white space and braces, but for `{key}`",
    ),
]
Origin = Annotated[
    str, Meta(pattern=r"^https?://[^/?#@\s\\]+/?$", description="an address of the form https://host, without a path")
]
Address = Annotated[str, Meta(pattern=r"^https?://[^/?#@\s\\]+/[^?#\s]*$", description="an address with its path")]
HeaderText = Annotated[
    str,
    Meta(
        pattern=rf"^(?!\s)[^{{}}\x00-\x1f\u0100-\uffff]*({PLACEHOLDER}[^{{}}\x00-\x1f\u0100-\uffff]*)*(?<!\s)\Z",
        description="text, in which `{name}` stands for a config field and no other braces stand, without space around",
    ),
]
Status = Annotated[str, Meta(pattern="^[1-5][0-9]{2}$", description='a status in quotes, such as "404"')]
Key = Annotated[str, Meta(min_length=1, description="the name of the field that identifies a row")]
Keys = Annotated[list[Key], Meta(min_length=1, max_length=2, description="a list of one or two names of fields")]
Duration = Annotated[str, Meta(pattern=r"^P(?!$)[0-9DTHMSW]+$", description="an ISO 8601 duration, such as P7D")]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The base of all settings: strict, and never changed after it was read."""

    def also_read(self) -> list[str]:
        """Return the config fields that are read without being named by a setting."""
        return []


class Credential(Settings, frozen=True, kw_only=True):
    """A credential in a header, read from the config byte for byte.

    Attributes:
        field: config field that holds the credential. The header is left out where the config has no such field.
        scheme: fixed text in front of the credential, such as `Bearer`.
        scheme_field: config field that holds this text.
    """

    field: ConfigField
    scheme: Name = ""
    scheme_field: ConfigField = ""


class HeaderCredentials(Settings, frozen=True, tag_field="method", tag="headers", kw_only=True):
    """Fixed credentials in headers: `Authorization: Token <api_token>`.

    Attributes:
        headers: the credential of each header, by the header's name.
    """

    headers: Annotated[dict[Name, Credential], Meta(min_length=1)]


class OAuthRefresh(Settings, frozen=True, tag_field="method", tag="oauth_refresh", kw_only=True):
    """An access token, got with a refresh token by a JSON request.

    Attributes:
        token_url: address that gives tokens.
        token_path: path of the same, where the config's `base_url` is not the provider's own address.
        credentials: config field of the object with `client_id`, `client_secret` and `refresh_token`.
    """

    token_url: Address
    token_path: Path
    credentials: ConfigField = "credentials"

    def also_read(self) -> list[str]:
        """Return the fields of the object with the credentials."""
        return [f"{self.credentials}.{name}" for name in ("client_id", "client_secret", "refresh_token")]


class FormLogin(Settings, frozen=True, tag_field="method", tag="form_login", kw_only=True):
    """A session cookie, got by sending a login form.

    Attributes:
        path: path that takes the form.
        cookie: name of the session cookie.
        username_parameter: form field that takes the config's `username`.
        password_parameter: form field that takes the config's `password`.
        extra: further form fields, with fixed values.
    """

    path: Path
    cookie: Name
    username_parameter: Name
    password_parameter: Name
    extra: dict[Name, str] = {}

    def also_read(self) -> list[str]:
        """Return the fields that a login form takes."""
        return ["username", "password"]


class ChosenMethod(Settings, frozen=True, tag_field="method", tag="chosen", kw_only=True):
    """One of several methods, chosen by the user.

    Attributes:
        field: config field whose value names the method.
        methods: the methods, by that value.
    """

    field: ConfigField
    methods: Annotated[dict[Name, HeaderCredentials | OAuthRefresh | FormLogin], Meta(min_length=1)]


class PaceSettings(Settings, frozen=True, kw_only=True):
    """The documented rate: at most so many requests in any span of so many seconds.

    Attributes:
        requests: how many requests.
        seconds: length of the span, in seconds.
        remaining_header: response header that tells how many requests are left.
    """

    requests: Count
    seconds: Seconds = 60.0
    remaining_header: Name = ""


class ConnectionSettings(Settings, frozen=True, kw_only=True):
    """How a provider is reached. All streams of a sync share one connection.

    Attributes:
        origin: scheme and host of the API. The config field `base_url` overrides it.
        authentication: how requests prove who asks.
        headers: fixed headers. `{name}` stands for a config field that is no credential; dots lead into nested objects.
        concurrency: requests in flight, over all streams.
        pace: the documented rate, where there is one.
        messages: what to tell the user, by the status of a refusal. `{permission}` stands for what the list says.
        no_content: the body that an answer 204 stands for. Without it, 204 is an unexpected answer.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the next part of an answer.
    """

    authentication: HeaderCredentials | OAuthRefresh | FormLogin | ChosenMethod
    origin: Origin = ""
    headers: dict[Name, HeaderText] = {}
    concurrency: Count = "concurrency"
    pace: PaceSettings | None = None
    messages: dict[Status, Name] = {}
    no_content: Name = ""
    connect_timeout: Seconds = 10.0
    read_timeout: Seconds = 60.0

    def also_read(self) -> list[str]:
        """Return the address of the API, and what stands in headers."""
        return ["base_url", *(name for text in self.headers.values() for name in re.findall(PLACEHOLDER, text))]


class QueryParameter(Settings, frozen=True, kw_only=True):
    """A query parameter that every request of a list carries.

    Attributes:
        parameter: name of the parameter. A list in the config repeats it.
        field: config field that holds its value. Without a value the parameter is left out.
        value: its fixed value, in place of `field`.
        when_true: text to send for a switch that is on; a switch that is off is then left out.
        values: text to send for each value of the config field. For a value that is not named, the parameter is left
            out.
    """

    parameter: Name
    field: ConfigField = ""
    value: str | None = None
    when_true: str | None = None
    values: dict[Name, str] = {}


class PageNumber(Settings, frozen=True, tag_field="by", tag="page", kw_only=True):
    """Pages are numbered from 1: `?pageSize=100&page=2`.

    Attributes:
        parameter: query parameter that takes the page number.
        size_parameter: query parameter that takes the page size, where the API has one.
        size: rows to ask for on a page.
    """

    parameter: Name
    size_parameter: Name = ""
    size: Count = 0


class Offset(Settings, frozen=True, tag_field="by", tag="offset", kw_only=True):
    """Rows are skipped from the beginning: `?limit=100&offset=200`.

    Attributes:
        parameter: query parameter that takes the number of rows to skip.
        size_parameter: query parameter that takes the page size.
        size: rows to ask for on a page.
        overlap: whether each page begins with the last row of the one before, so that a move is noticed.
        only_if: config field of a switch. Where it is off, nothing is asked for by position, and one answer is the
            whole list.
    """

    parameter: Name
    size_parameter: Name = ""
    size: Count = 0
    overlap: bool = True
    only_if: ConfigField = ""


class Days(Settings, frozen=True, tag_field="by", tag="days", kw_only=True):
    """A list without pages, of which a number of days is asked for: `?start_at=2026-03-01 00:00&days=7`.

    Rows are read by their own time, from the config's start on. Each answer overlaps the one before by a day, since
    documents seldom say whether the first day counts as a whole, and in which time zone.

    Attributes:
        parameter: query parameter that takes the first moment, as `YYYY-mm-dd HH:MM`.
        days_parameter: query parameter that takes the number of days.
        days: how many days to ask for at a time, at least 2.
        back: how long ago the first moment is, where the config has no start.
        ahead: how far in the future the last moment is.
        start: config field of the first moment to read.
        lookback: config field of the time that is read again at each sync.
    """

    parameter: Name
    days_parameter: Name
    days: Count
    back: Duration
    ahead: Duration
    start: ConfigField = "start_date"
    lookback: ConfigField = "lookback_window"


class OneAnswer(Settings, frozen=True, tag_field="by", tag="none", kw_only=True):
    """No pages: one answer is the whole list."""


class EnvelopeSettings(Settings, frozen=True, kw_only=True):
    """Where an answer holds its rows, and what it says about the pages around them. Dots lead into nested objects.

    Attributes:
        rows: path of the list. Without it the answer itself is the list.
        single: whether the answer itself is the one row.
        keyless: whether that row may come without its key, which is known from the request. An error object can then
            not be told from a row.
        total: path of the number of rows in the whole list.
        next: path of what names the next page. It is null, absent, 0 or empty on the last page.
        next_is_page: whether `next` is a page number, which must then be the page after this one.
        page: path of this page's number or offset, which must be the one asked for.
        first: path of the number of this page's first row, from 1.
        last: path of the number of this page's last row.
        size: path of the number of rows on a full page.
    """

    rows: Name = ""
    single: bool = False
    keyless: bool = False
    total: Name = ""
    next: Name = ""
    next_is_page: bool = False
    page: Name = ""
    first: Name = ""
    last: Name = ""
    size: Name = ""


TimeFormat = Literal["epoch_seconds", "epoch_milliseconds", "iso_seconds", "date"]


class Bound(Settings, frozen=True, kw_only=True):
    """A query parameter that filters by change time.

    Attributes:
        parameter: name of the parameter.
        format: how the moment is written.
        format_field: config field that names another format.
        inclusive: whether the documents say that a row changed at this very moment is let through. Otherwise the
            bound is moved outwards by one unit of its format; a date by 14 hours in any case, for the time zone.
    """

    parameter: Name
    format: TimeFormat
    format_field: ConfigField = ""
    inclusive: bool = False


class Window(Settings, frozen=True, kw_only=True):
    """How a list is filtered by change time. The name of the change time stands in `incremental_sync`.

    Attributes:
        lower: the filter for rows changed since a moment.
        upper: the filter for rows not changed since a moment, where the API has one.
        start: config field of the first moment to read.
        end: config field of the last moment to read. It needs `upper`.
        lookback: config field of the time that is read again at each sync.
        full_read: config field of the time after which everything is read again.
        missing_change_time: what stands for the change time of a row that has none. `sync_start` is the moment the
            sync began, by the API's clock.
    """

    lower: Bound
    upper: Bound | None = None
    start: ConfigField = "start_date"
    end: ConfigField = ""
    lookback: ConfigField = "lookback_window"
    full_read: ConfigField = "full_read_every"
    missing_change_time: Literal["sync_start"] | None = None


class LeftOut(Settings, frozen=True, kw_only=True):
    """A field that is not delivered: a secret, or what few want and many must not have.

    Attributes:
        field: name of the field. Dots lead into nested objects, and into the objects of lists.
        unless: config field of a switch that is on where the field is wanted.
    """

    field: Name
    unless: ConfigField = ""


class ParentSettings(Settings, frozen=True, kw_only=True):
    """The stream whose rows this one hangs on. That list is read once in a sync, whatever comes out of it.

    Attributes:
        stream: the parent stream, by a `$ref`.
        rows: field of a parent's row that holds a list of rows of this stream. Without it, the path is asked for, with
            the parent's key in it.
        key_field: field of a row that holds the key of its parent. It is added to rows that come without it.
        position_field: field that is added to a row with its place in the parent's list, from 1, where rows have no
            key.
    """

    stream: "StreamSettings"
    key_field: Name
    rows: Name = ""
    position_field: Name = ""


class ListSettings(Settings, frozen=True, kw_only=True):
    """One list of an API, which is one stream.

    Attributes:
        connection: how the provider is reached.
        path: path of the list. `{key}` stands for the key of the parent's row. Required, unless the rows are inside of
            the parent's.
        parent: the stream whose rows this list hangs on.
        paging: how its pages are addressed. Required with a path.
        envelope: what its answers look like.
        query: query parameters besides those of paging and window.
        window: how it is filtered by change time. An incremental stream has one, any other has none.
        newest: query parameters, by name, that take the place of those in `query` to ask for the newest rows first.
            `discover` looks at them.
        sorted_by_key: whether the query asks for the order of the key. The order that comes is verified.
        leave_out: fields of the rows that are not delivered.
        permission: what a user needs to read this list, as `{permission}` in the connection's `messages`.
        properties: the fields of the spec, for their defaults, by a `$ref`. A manifest that runs alone needs them, and
            an error names filters only where the config has others than these.
    """

    connection: ConnectionSettings
    path: Path = ""
    parent: ParentSettings | None = None
    paging: PageNumber | Offset | Days | OneAnswer | None = None
    envelope: EnvelopeSettings = field(default_factory=EnvelopeSettings)
    query: list[QueryParameter] = []
    window: Window | None = None
    newest: dict[str, str] = {}
    sorted_by_key: bool = False
    leave_out: list[LeftOut] = []
    permission: Name = ""
    properties: dict[str, Any] = field(default_factory=dict)

    def also_read(self) -> list[str]:
        """Return the switch that `discover` looks at."""
        return ["learn_fields"]


class RetrieverSettings(ListSettings, frozen=True, kw_only=True):
    """What reads a stream: `ListRetriever`, with the list that it reads.

    Attributes:
        type: how the CDK calls a component that is not its own.
        class_name: our component.
    """

    type: Literal["CustomRetriever"]
    class_name: Literal["source_customers.reading.retriever.ListRetriever"]


class StartDatetime(Settings, frozen=True, kw_only=True):
    """The first moment to read when the manifest runs alone: the CDK's `MinMaxDatetime`.

    Attributes:
        type: always `MinMaxDatetime`.
        datetime: the moment, mostly an expression over the config.
        datetime_format: how it is written, in the CDK's format codes.
    """

    datetime: Name
    type: Literal["MinMaxDatetime"] = "MinMaxDatetime"
    datetime_format: Name = ""


class CursorSettings(Settings, frozen=True, kw_only=True):
    """The change time of a stream's rows: the CDK's `DatetimeBasedCursor`, with those of its keys that have an effect.

    Attributes:
        type: always `DatetimeBasedCursor`.
        cursor_field: field of a row with its change time, in any ISO 8601 form or in milliseconds since the epoch.
        datetime_format: how the state is written, in the CDK's format codes.
        start_datetime: first moment to read when the manifest runs alone. The window names the config field for it.
        lookback_window: time to read again when the manifest runs alone. The window names the config field for it.
    """

    type: Literal["DatetimeBasedCursor"]
    cursor_field: Name
    datetime_format: Name
    start_datetime: StartDatetime
    lookback_window: Name = ""


class StreamSettings(Settings, frozen=True, kw_only=True):
    """What stands in a manifest's list `streams`.

    Attributes:
        type: always `DeclarativeStream`.
        name: name of the stream, in snake_case.
        primary_key: field that identifies a row. A stream with a parent may have two: the field that holds the parent's
            key, and the field that identifies a row beside it.
        retriever: what reads it.
        incremental_sync: the change time of its rows. Without it, the stream is read in full each time.
        schema_loader: the CDK's component with the schema of the rows.
        parameters: the CDK's `$parameters`, which a schema loader may use.
    """

    name: Name
    primary_key: Key | Keys
    retriever: RetrieverSettings
    type: Literal["DeclarativeStream"] = "DeclarativeStream"
    incremental_sync: CursorSettings | None = None
    schema_loader: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict, name="$parameters")
