# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A few threads that wait for RabbitMQ, so no request has to wait forever."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

Task = Callable[[], Any]

_STALLED_AFTER = 1.0
"""Seconds in which all threads are busy and no task ends: then it is a stall."""


class NoThreadFree(Exception):
    """All threads wait for the broker."""


class Senders:
    """Runs tasks that may hang, on at most ``size`` threads.

    A caller never waits longer than its deadline.  A hanging thread stays occupied
    until the library's own timeouts free it.  A task starts a thread only if all others
    are busy.  Threads die with the process, so an object that is made before a fork
    works after it.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = threading.Semaphore(size)
        self._tasks: queue.SimpleQueue[tuple[Task, Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._lock = threading.Lock()
        self._threads = 0
        self._began: dict[Future[Any], float] = {}
        self._last_end = 0.0

    def reserve(self, deadline: float) -> None:
        """Wait for a free thread, and reserve it until ``run`` or ``give_back``.

        Args:
            deadline: on the monotonic clock.

        Raises:
            NoThreadFree: no thread was free by the deadline, or all threads hang.
        """
        while not self._free.acquire(timeout=0.05):
            if self._stalls() or time.monotonic() > deadline:
                raise NoThreadFree

    def give_back(self) -> None:
        self._free.release()

    def run(self, task: Task, deadline: float) -> Any:
        """Run a task on the thread that was reserved, and wait for its result.

        Raises:
            TimeoutError: the task has not ended by the deadline.  Its thread goes on
                and stays occupied until the task ends.
            Exception: what the task raised.
        """
        future: Future[Any] = Future()
        with self._lock:
            self._began[future] = time.monotonic()
            start = self._threads < len(self._began)
            self._threads += start
        self._tasks.put((task, future))
        if start:
            threading.Thread(target=self._work, name="rpc-sender", daemon=True).start()
        return future.result(deadline - time.monotonic())

    def close(self) -> None:
        """Take no more tasks.  A hanging thread ends after its task."""
        for _ in range(self._size):
            self._tasks.put(None)

    def _work(self) -> None:
        while (given := self._tasks.get()) is not None:
            task, future = given
            try:
                result = task()
            except Exception as error:  # noqa: BLE001, RUF100 - it is the caller's
                self._end(future)
                future.set_exception(error)
            else:
                self._end(future)
                future.set_result(result)

    def _end(self, future: Future[Any]) -> None:
        with self._lock:
            del self._began[future]
            self._last_end = time.monotonic()
        self._free.release()

    def _stalls(self) -> bool:
        with self._lock:
            if len(self._began) < self._size:
                return False
            moved = max(self._last_end, min(self._began.values()))
        return time.monotonic() - moved > _STALLED_AFTER
