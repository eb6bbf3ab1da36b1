"""Cancellation: says that work is not wanted any more, and ends the waits of those who do it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopped(Exception):  # noqa: N818  # it is no error: somebody wanted it
    """The work is not wanted any more."""


class Stop:
    """Tells threads to stop. It is set once, for good.

    Args:
        parent: another stop. When that is set, this one is set too.
        other: a second one of the same kind.
    """

    def __init__(self, parent: "Stop | None" = None, other: "Stop | None" = None) -> None:
        self._above = tuple(each for each in (parent, other) if each is not None)
        self._set = False
        self._lock = threading.Lock()
        self._calls: dict[object, Callable[[], None]] = {}

    @property
    def is_set(self) -> bool:
        """Whether the work is to end."""
        return self._set or any(each.is_set for each in self._above)

    def set(self) -> None:
        """End the work: whoever waits wakes up."""
        with self._lock:
            self._set = True
            calls = list(self._calls.values())
        for call in calls:
            call()

    def check(self) -> None:
        """Raise Stopped when the work is to end."""
        if self.is_set:
            raise Stopped

    @contextmanager
    def calling(self, call: Callable[[], None]) -> Iterator[None]:
        """Call a function when the stop is set within the block, from the thread that sets it."""
        mark = object()
        self.add(mark, call)
        try:
            # Set just before it was added: nobody else would call.
            if self.is_set:
                call()
            yield
        finally:
            self.remove(mark)

    def wait(self, seconds: float) -> None:
        """Wait for that many seconds, or until the stop is set."""
        woken = threading.Event()
        with self.calling(woken.set):
            woken.wait(max(seconds, 0))

    def wait_for(self, condition: threading.Condition, is_met: Callable[[], bool]) -> None:
        """Wait until `is_met` returns True. It is asked with the condition held, whenever the condition is notified.

        Raises:
            Stopped: the stop was set first.
        """

        def wake() -> None:
            with condition:
                condition.notify_all()

        with self.calling(wake), condition:
            condition.wait_for(lambda: self.is_set or is_met())
        self.check()

    def add(self, mark: object, call: Callable[[], None]) -> None:
        """Call a function when the stop is set, until its mark is removed."""
        with self._lock:
            self._calls[mark] = call
        for each in self._above:
            each.add(mark, call)

    def remove(self, mark: object) -> None:
        """Forget the function that was added with a mark."""
        with self._lock:
            self._calls.pop(mark, None)
        for each in self._above:
            each.remove(mark)
