"""The threads of a connection: at most as many as requests may be in flight."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from source_customers.connection.stop import Stopped

Answer = TypeVar("Answer")


class Workers:
    """Runs tasks, several at once and in their order. Threads are started when they are needed.

    The standard library's pool waits for its threads when the process ends; these are daemons, so that an interrupted
    sync ends at once and not when the last request has been answered.

    Args:
        most: number of threads.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._unfinished = 0
        self._closed = False

    def submit(self, task: Callable[[], Answer]) -> "Future[Answer]":
        """Have a task run as soon as a thread is free. After `close` its future raises Stopped."""
        future: Future[Answer] = Future()
        with self._lock:
            if self._closed:
                future.set_exception(Stopped())
                return future
            self._unfinished += 1
            self._tasks.put((task, future))
            if self._threads < min(self._unfinished, self._most):
                self._threads += 1
                threading.Thread(target=self._work, name=f"connection-{self._threads}", daemon=True).start()
        return future

    def close(self) -> None:
        """Cancel the tasks that have not begun, and let each thread end after the one it is at."""
        with self._lock:
            self._closed = True
            while True:
                try:
                    waiting = self._tasks.get_nowait()
                except Empty:
                    break
                if waiting:
                    waiting[1].cancel()
            for _ in range(self._threads):
                self._tasks.put(None)

    def _work(self) -> None:
        while waiting := self._tasks.get():
            task, future = waiting
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(task())
                except BaseException as failure:  # noqa: BLE001  # whoever asks for the result is to see it
                    future.set_exception(failure)
            # A thread that waits for its next task would keep the last result alive.
            del waiting, task, future
            with self._lock:
                self._unfinished -= 1
