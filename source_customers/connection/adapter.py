"""Connections that tell the watch of the current request about their socket."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from source_customers.connection.deadlines import Watch

_KEEPALIVE = (
    # Idle for 60 seconds, then 6 probes 10 seconds apart, where the platform lets one say so.
    ("TCP_KEEPIDLE", 60),
    ("TCP_KEEPINTVL", 10),
    ("TCP_KEEPCNT", 6),
)
_OPTIONS = (
    *HTTPConnection.default_socket_options,
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *((socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in _KEEPALIVE if hasattr(socket, name)),
)

_current = threading.local()


@contextmanager
def watching(watch: Watch, seconds: float) -> Iterator[None]:
    """Have the connections that this thread uses within the block report to a watch.

    Args:
        watch: the watch.
        seconds: time after which no further address of a host is tried.
    """
    _current.watch, _current.ends = watch, time.monotonic() + seconds
    try:
        yield
    finally:
        del _current.watch, _current.ends


class _OptionsInTime:
    """The options of a socket, read for each address of a host before it is tried. After the deadline none is."""

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        if time.monotonic() > _current.ends:
            raise TimeoutError
        return iter(_OPTIONS)


class _WatchedConnection(HTTPConnection):
    """Reports to the watch before and after it connects, and when it is used again."""

    def connect(self) -> None:
        self.socket_options = cast("Any", _OptionsInTime())
        _current.watch.attach(self)
        super().connect()
        _current.watch.attach(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _current.watch.attach(self)
        super().request(*args, **kwargs)


def _watched(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    connection = type("WatchedConnection", (_WatchedConnection, pool.ConnectionCls), {})
    return cast("type[HTTPConnectionPool]", type("WatchedPool", (pool,), {"ConnectionCls": connection}))


def _watch_pools(manager: Any) -> None:
    manager.pool_classes_by_scheme = {scheme: _watched(pool) for scheme, pool in manager.pool_classes_by_scheme.items()}


class WatchedAdapter(HTTPAdapter):
    """An adapter all of whose connections can be watched, those to proxies too. Used within `watching` only."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _watch_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of connections to a proxy."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if is_new:
            _watch_pools(manager)
        return manager
