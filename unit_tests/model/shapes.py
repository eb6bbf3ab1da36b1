"""The shapes of lists, as the manifests describe them."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import structs

from source_customers.manifest.settings import (
    Bound,
    ConnectionSettings,
    EnvelopeSettings,
    HeaderCredentials,
    ListSettings,
    Offset,
    PageNumber,
    QueryParameter,
    Window,
)

_CONNECTION = ConnectionSettings(authentication=HeaderCredentials(headers={}))


@dataclass(frozen=True)
class Shape:
    """One provider's list of customers, or another of its lists.

    Attributes:
        settings: what its manifest says.
        key: field that identifies a row.
        cursor_field: field that holds the change time. Empty where there is none.
        state_format: format in which the manifest writes the cursor of the state.
    """

    settings: ListSettings
    key: str
    cursor_field: str = ""
    state_format: str = ""


_CAOLOON = ListSettings(
    connection=_CONNECTION,
    path="/portal/invitation/",
    paging=PageNumber(parameter="page", size_parameter="pageSize", size="page_size"),
    envelope=EnvelopeSettings(
        rows="models", total="total", next="nextPage", next_is_page=True, page="page", size="pageSize"
    ),
)
_UPDATED_AT = "%Y-%m-%dT%H:%M:%S.%f%z"

SHAPES: Mapping[str, Shape] = {
    "caoloon": Shape(
        structs.replace(
            _CAOLOON,
            path="/portal/customer/",
            window=Window(
                lower=Bound(parameter="updatedFrom", format="epoch_seconds"),
                upper=Bound(parameter="updatedTo", format="epoch_seconds"),
            ),
        ),
        key="guid",
        cursor_field="updatedAt",
        state_format=_UPDATED_AT,
    ),
    # Of CAO Loon's inquiries and agreements: no upper bound.
    "inquiries": Shape(
        structs.replace(
            _CAOLOON,
            path="/portal/ipe/",
            window=Window(lower=Bound(parameter="from", format="epoch_seconds"), missing_change_time="sync_start"),
        ),
        key="guid",
        cursor_field="updatedAt",
        state_format=_UPDATED_AT,
    ),
    # Of CAO Loon's: no filter.
    "invitations": Shape(_CAOLOON, key="guid"),
    "coredination": Shape(
        ListSettings(
            connection=_CONNECTION,
            path="/api/1/customer",
            paging=Offset(parameter="offset", size_parameter="limit", size="page_size"),
            window=Window(
                lower=Bound(parameter="modified", format="epoch_milliseconds", format_field="modified_format"),
                missing_change_time="sync_start",
            ),
        ),
        key="id",
        cursor_field="lastModified",
        state_format="%ms",
    ),
    "mijnklantportaal": Shape(
        ListSettings(
            connection=_CONNECTION,
            path="/v1/customers",
            paging=PageNumber(parameter="page"),
            envelope=EnvelopeSettings(rows="data", next="next_page_url", page="current_page", first="from", last="to"),
        ),
        key="id",
    ),
    "valomnia": Shape(
        ListSettings(
            connection=_CONNECTION,
            path="/api/v1.0/customers",
            paging=Offset(parameter="offset", size_parameter="max", size="page_size"),
            envelope=EnvelopeSettings(rows="data", total="paging.total", next="paging.next", page="paging.offset"),
            query=[QueryParameter(parameter="sort", value="id"), QueryParameter(parameter="order", value="asc")],
            window=Window(
                lower=Bound(parameter="lastUpdated_gte", format="iso_seconds", inclusive=True),
                upper=Bound(parameter="lastUpdated_lte", format="iso_seconds", inclusive=True),
            ),
            sorted_by_key=True,
        ),
        key="id",
        cursor_field="lastUpdated",
        state_format="%Y-%m-%dT%H:%M:%SZ",
    ),
}
