# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Hanging threads are counted, and only one thread probes a missing broker."""

import os
import threading
import time
from collections.abc import Callable
from concurrent import futures

import pytest

from minova.rpc.breaker import Breaker
from minova.rpc.senders import NoThreadFree, Senders
from tests.real_servers import wait_until


def test_hanging_threads_are_not_reused() -> None:
    senders = Senders(2)
    released = threading.Event()
    for _ in range(2):
        senders.reserve(time.monotonic() + 1)
        with pytest.raises(TimeoutError):
            senders.run(released.wait, time.monotonic() + 0.05)

    began = time.monotonic()
    with pytest.raises(NoThreadFree):
        senders.reserve(began + 10)
    # A stall is noticed within a second, long before the deadline.
    assert time.monotonic() - began < 5

    released.set()
    senders.reserve(time.monotonic() + 5)
    assert senders.run(lambda: 7, time.monotonic() + 5) == 7


def test_a_thread_is_started_only_if_all_others_are_busy() -> None:
    senders = Senders(12)

    def run(task: Callable[[], int]) -> int:
        senders.reserve(time.monotonic() + 5)
        ident: int = senders.run(task, time.monotonic() + 5)
        return ident

    assert len({run(threading.get_ident) for _ in range(20)}) == 1

    busy = threading.Event()
    released = threading.Event()

    def wait() -> int:
        busy.set()
        released.wait(5)
        return threading.get_ident()

    with futures.ThreadPoolExecutor() as callers:
        first = callers.submit(run, wait)
        busy.wait(5)
        second = run(threading.get_ident)
        released.set()
        assert second != first.result()


def test_the_error_of_a_task_reaches_its_caller() -> None:
    senders = Senders(1)
    senders.reserve(time.monotonic() + 1)
    with pytest.raises(KeyError):
        senders.run({}.popitem, time.monotonic() + 5)
    senders.reserve(time.monotonic() + 1)


def test_many_failures_cause_one_probe_which_may_hang() -> None:
    probes = []
    answers = threading.Event()

    def probe() -> None:
        probes.append(time.monotonic())
        answers.wait()

    breaker = Breaker(probe, 0.01)
    for _ in range(20):
        breaker.open("no confirm")
    assert breaker.is_open
    time.sleep(2)
    # Longer than the lease of the probe, which was renewed.
    assert (len(probes), breaker.is_open) == (1, True)

    answers.set()
    wait_until(lambda: not breaker.is_open, 5, "it is closed")


def test_workers_forked_later_know_of_the_outage() -> None:
    breaker = Breaker(lambda: time.sleep(60), 1)
    child = os.fork()
    if child == 0:
        breaker.open("seen by the child")
        # Without its watch thread, as in a killed worker.
        os._exit(0)
    os.waitpid(child, 0)

    assert breaker.is_open
    wait_until(lambda: not breaker.is_open, 5, "what a dead worker said ends")


def test_closing_ends_all_threads() -> None:
    before = set(threading.enumerate())

    def probe() -> None:
        raise ConnectionError

    senders, breaker = Senders(2), Breaker(probe, 0.01)
    both_are_busy = threading.Barrier(2, timeout=5)

    def wait_for_the_other() -> None:
        senders.reserve(time.monotonic() + 5)
        senders.run(both_are_busy.wait, time.monotonic() + 5)

    with futures.ThreadPoolExecutor() as callers:
        for caller in [callers.submit(wait_for_the_other) for _ in range(2)]:
            caller.result()
    breaker.open("no confirm")
    started = [thread.name for thread in set(threading.enumerate()) - before]
    assert (started.count("rpc-sender"), started.count("rpc-watch")) == (2, 1)

    senders.close()
    breaker.close()

    wait_until(lambda: set(threading.enumerate()) <= before, 5, "no thread is left")
