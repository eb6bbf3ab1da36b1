"""Deadlines for whole answers.

A socket's timeout begins again with every byte: a server that sends one now and then would never be given up. So a
thread shuts the socket of a request at its deadline, and whoever reads from it wakes up.
"""

import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any, Protocol


class HasSocket(Protocol):
    """A connection of http.client. `sock` is None before it is connected."""

    sock: Any


class Watch:
    """One request that has to end in time. Its methods may be called from any thread.

    Attributes:
        is_shut: whether its socket was shut. What was read since then looks like the end of the answer and is not.
    """

    def __init__(self) -> None:
        self.is_shut = False
        self._connection: HasSocket | None = None
        self._socket: Any = None

    @property
    def is_attached(self) -> bool:
        """Whether a connection has reported to it."""
        return self._connection is not None

    def attach(self, connection: HasSocket) -> None:
        """Take the connection over which the request goes, connected or not."""
        self._connection = connection
        if connection.sock is not None:
            # Kept, because http.client forgets the socket before the body is read when the server will close it.
            self._socket = connection.sock
        if self.is_shut:
            self.shut()

    def shut(self) -> None:
        """End the request: reading fails at once, or as soon as there is a connection."""
        self.is_shut = True
        sock = self._socket
        if sock is None and self._connection is not None:
            sock = self._connection.sock
        if sock is not None:
            _shut(sock)


def _shut(sock: Any) -> None:
    with suppress(OSError, ValueError):
        if isinstance(sock, socket.socket):
            # Not `sock.shutdown`: that of a TLS socket drops its encryption under the hands of the reading thread.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        else:  # TLS within TLS
            with socket.socket(fileno=os.dup(sock.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """One daemon thread that shuts each watch at its deadline, in real time. It runs from the first watch on."""

    def __init__(self) -> None:
        self._deadlines: dict[Watch, float] = {}
        self._changed = threading.Condition()
        self._wakes_at = float("inf")
        self._is_running = False
        self._is_closed = False

    def add(self, watch: Watch, seconds: float) -> None:
        """Shut a watch after so many seconds, unless it is removed before."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._deadlines[watch] = deadline
            if not self._is_running and not self._is_closed:
                self._is_running = True
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()
            # Nearly every request has a later deadline than an earlier one: the thread sleeps on.
            if deadline < self._wakes_at:
                self._changed.notify()
        if self._is_closed:
            watch.shut()

    def remove(self, watch: Watch) -> None:
        """Leave a watch alone from now on."""
        with self._changed:
            self._deadlines.pop(watch, None)

    def close(self) -> None:
        """Shut all watches, also those to come, and end the thread."""
        with self._changed:
            self._is_closed = True
            watches = list(self._deadlines)
            self._changed.notify()
        for watch in watches:
            watch.shut()

    def _run(self) -> None:
        with self._changed:
            while not self._is_closed:
                now = time.monotonic()
                for watch, deadline in list(self._deadlines.items()):
                    if deadline <= now:
                        del self._deadlines[watch]
                        watch.shut()
                self._wakes_at = min(self._deadlines.values(), default=float("inf"))
                self._changed.wait(None if self._wakes_at == float("inf") else self._wakes_at - now)
