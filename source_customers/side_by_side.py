"""Runs several generators at once and yields what they yield, each one's in its order."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Generic, TypeVar

Item = TypeVar("Item")

_MOST_WAITING = 4
"""Items that wait to be taken. More would only take memory: whoever takes them is the slower side then."""


class _Closed(Exception):  # noqa: N818  # it is no error: nobody wants the items any more
    pass


class _Exchange(Generic[Item]):
    """Hands items over from several threads to one."""

    def __init__(self, givers: int) -> None:
        self._items: deque[Item] = deque()
        self._givers = givers
        self._is_closed = False
        self._failure: BaseException | None = None
        self._changed = threading.Condition()

    def give(self, item: Item) -> None:
        """Hand an item over; wait while too many wait.

        Raises:
            _Closed: nobody takes it any more.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or len(self._items) < _MOST_WAITING)
            if self._is_closed:
                raise _Closed
            self._items.append(item)
            self._changed.notify_all()

    def leave(self, failure: BaseException | None) -> None:
        """Give nothing more."""
        with self._changed:
            self._givers -= 1
            self._failure = self._failure or failure
            self._changed.notify_all()

    def take_all(self) -> Iterator[Item]:
        """Yield the items until all who give have left."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or not self._givers or self._failure)
                if self._failure:
                    raise self._failure
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item

    def close(self) -> None:
        """Take nothing more: whoever gives ends."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()


def even_share(count: int, most: int) -> int:
    """Return how many generators to run at once: about ``most``, and less than twice ``most``.

    A turn of two takes as long as one of sixteen, so all turns are of about the same size: of 34, 17 run at once and
    not 16.
    """
    turns = max(count // most, 1)
    return max(-(-count // turns), 1)


def side_by_side(generators: Sequence[Iterator[Item]], at_once: int) -> Iterator[Item]:
    """Yield the items of several generators as they come, those of each in its order.

    The generators run in threads of their own. When the caller stops early, each of them is closed as soon as it
    yields; nobody waits for that.

    Args:
        generators: what to run, in the order to begin with them.
        at_once: how many run at once, at least 1.
    """
    if len(generators) == 1 or at_once == 1:
        for generator in generators:
            yield from generator
        return
    left = iter(generators)
    lock = threading.Lock()
    threads = min(at_once, len(generators))
    exchange = _Exchange[Item](threads)

    def run() -> None:
        failure: BaseException | None = None
        try:
            while True:
                with lock:
                    generator = next(left, None)
                if generator is None:
                    break
                with closing(generator):  # type: ignore[type-var]  # a generator is an iterator that can be closed
                    for item in generator:
                        exchange.give(item)
        except _Closed:
            pass
        except BaseException as raised:  # noqa: BLE001  # whoever takes the items is to see it
            failure = raised
        finally:
            exchange.leave(failure)

    for number in range(threads):
        threading.Thread(target=run, name=f"stream-{number + 1}", daemon=True).start()
    try:
        yield from exchange.take_all()
    finally:
        exchange.close()
