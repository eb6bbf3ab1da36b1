"""Cancellation wakes whoever waits, and the threads of a connection end."""

import threading
import time
from concurrent.futures import CancelledError, Future

import pytest

from source_customers import waiting
from source_customers.connection.stop import Stop, Stopped
from source_customers.connection.workers import Workers


@pytest.mark.parametrize("which", ["own", "parent", "other", "grandparent"])
def test_a_stop_wakes_a_sleeper(which: str) -> None:
    grandparent = Stop()
    parent, other = Stop(parent=grandparent), Stop()
    own = Stop(parent, other)
    threading.Timer(0.02, {"own": own, "parent": parent, "other": other, "grandparent": grandparent}[which].set).start()
    began = time.monotonic()

    waiting.sleep(20, own)

    assert time.monotonic() - began < 10
    with pytest.raises(Stopped):
        own.check()


def test_a_stop_of_a_child_leaves_its_parent_alone() -> None:
    parent = Stop()
    child = Stop(parent=parent)
    child.set()

    assert child.is_set
    assert not parent.is_set


def test_what_was_set_before_ends_a_wait_at_once_and_nothing_is_left_behind() -> None:
    parent = Stop()
    child = Stop(parent=parent)
    parent.set()
    calls: list[str] = []

    child.wait(20)
    with child.calling(lambda: calls.append("called")):
        pass

    assert calls == ["called"]
    assert not parent._calls
    assert not child._calls


def test_tasks_run_at_once_but_no_more_than_allowed() -> None:
    workers, running, peak, lock = Workers(3), [0], [0], threading.Lock()

    def task() -> None:
        with lock:
            running[0] += 1
            peak[0] = max(peak[0], running[0])
        time.sleep(0.005)
        with lock:
            running[0] -= 1

    for future in [workers.submit(task) for _ in range(12)]:
        future.result(5)
    workers.close()

    assert peak[0] == 3


def test_a_thread_is_started_for_a_task_that_finds_none_free() -> None:
    workers = Workers(8)
    for _ in range(5):
        workers.submit(lambda: None).result(5)
        while workers._unfinished:
            time.sleep(0.001)

    assert workers._threads == 1
    workers.close()


def test_after_the_end_no_task_begins_and_the_threads_are_gone() -> None:
    others = set(threading.enumerate())
    workers, began, go = Workers(1), threading.Event(), threading.Event()

    def first() -> str:
        began.set()
        go.wait(5)
        return "done"

    running: Future[str] = workers.submit(first)
    queued = workers.submit(lambda: "never")
    began.wait(5)
    workers.close()
    go.set()

    assert running.result(5) == "done"
    with pytest.raises(CancelledError):
        queued.result(5)
    with pytest.raises(Stopped):
        workers.submit(lambda: "never").result(5)
    deadline = time.monotonic() + 5
    while any(thread.name.startswith("connection-") for thread in set(threading.enumerate()) - others):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_whoever_asks_for_a_result_sees_the_failure() -> None:
    workers = Workers(1)

    def fail() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        workers.submit(fail).result(5)
    assert workers.submit(lambda: 1).result(5) == 1
    workers.close()
