"""Workers that answer late and out of order, on one thread."""

import random
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class LateFuture(Future[Answer], Generic[Answer]):
    """A task that runs at a random moment, but before its result is needed."""

    def __init__(self, workers: "LateWorkers", task: Callable[[], Answer]) -> None:
        super().__init__()
        self._workers = workers
        self._task = task

    def run(self) -> None:
        try:
            self.set_result(self._task())
        except Exception as failure:  # noqa: BLE001  # a future keeps any failure
            self.set_exception(failure)

    def result(self, timeout: float | None = None) -> Answer:
        self._workers.run_until(self)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._workers.run_until(self)
        return super().exception(timeout)

    def cancel(self) -> bool:
        self._workers.drop(self)
        return super().cancel()


class LateWorkers:
    """Runs tasks one at a time, in an order that the seed decides: as threads would, but the same each time.

    No task begins before those that were submitted `count` places before it have begun.
    """

    def __init__(self, count: int, dice: random.Random) -> None:
        self._count = count
        self._dice = dice
        self._waiting: list[LateFuture[object]] = []
        self._is_running = False

    def submit(self, task: Callable[[], Answer]) -> Future[Answer]:
        future: LateFuture[Answer] = LateFuture(self, task)
        self._waiting.append(future)  # type: ignore[arg-type]  # a list of futures of anything
        self._run_some()
        return future

    def run_until(self, future: Future[Answer]) -> None:
        self._run_some()
        while not future.done():
            # Which of those that may have begun answers next is not in anyone's hands.
            began = self._waiting[: self._count]
            self._run(future if future in began and self._dice.random() < 0.5 else self._dice.choice(began))

    def drop(self, future: Future[Answer]) -> None:
        """Forget a task, or run it all the same: its request may have been sent."""
        if future in self._waiting and not self._is_running and self._dice.random() < 0.3:
            self._run(future)
        if future in self._waiting:
            self._waiting.remove(future)

    def _run_some(self) -> None:
        while self._waiting and not self._is_running and self._dice.random() < 0.3:
            self._run(self._dice.choice(self._waiting[: self._count]))

    def _run(self, future: Future[Answer]) -> None:
        assert isinstance(future, LateFuture)
        self._waiting.remove(future)
        self._is_running = True
        try:
            future.run()
        finally:
            self._is_running = False
