"""Makes what reads a stream of what its manifest says."""

from collections.abc import Mapping
from typing import Any

from source_customers.connection.connection import Connection
from source_customers.manifest.declarations import StreamDeclaration
from source_customers.reading.api_list import ApiList
from source_customers.reading.left_out import LeftOut
from source_customers.reading.outlets import Outlet, OwnRows, RowsInside, RowsOfParents
from source_customers.reading.reader import StreamReader


def reader_of(stream: StreamDeclaration, config: Mapping[str, Any], connection: Connection) -> StreamReader:
    """Return what reads the list of a stream without a parent.

    Args:
        stream: what the manifest says of it.
        config: the provider's flat config, with the defaults of its spec.
        connection: what all streams of the sync share.
    """
    cursor = stream.cursor
    return StreamReader(
        stream.name,
        stream.key,
        stream.list,
        config,
        connection,
        cursor.cursor_field if cursor else "",
        cursor.datetime_format if cursor else "",
    )


def outlet_of(
    stream: StreamDeclaration, reader: StreamReader, config: Mapping[str, Any], connection: Connection
) -> Outlet:
    """Return what makes a stream's rows of the list that it hangs on.

    Args:
        stream: what the manifest says of it.
        reader: reads the list: the stream's own, or its parent's.
        config: the provider's flat config, with the defaults of its spec.
        connection: what all streams of the sync share.
    """
    parent = stream.list.parent
    if parent is None:
        return OwnRows(reader)
    if parent.rows:
        return RowsInside(stream.name, stream.key, reader.api.key, parent, LeftOut(stream.list.leave_out, config))
    api = ApiList(stream.name, stream.key, stream.list, config, connection)
    return RowsOfParents(api, reader.name, reader.api.key, connection)
