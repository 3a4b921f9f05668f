# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Threads that hang are counted, and a broker that is away is asked by one."""

import os
import threading
import time

import pytest

from minova.rpc.breaker import Breaker
from minova.rpc.senders import NoThreadFree, Senders
from tests.real_servers import wait_until


def test_threads_that_hang_are_nobody_elses() -> None:
    senders = Senders(2)
    released = threading.Event()
    for _ in range(2):
        senders.reserve(time.monotonic() + 1)
        with pytest.raises(TimeoutError):
            senders.run(released.wait, time.monotonic() + 0.05)

    began = time.monotonic()
    with pytest.raises(NoThreadFree):
        senders.reserve(began + 10)
    # A stall is seen in a second, long before the deadline.
    assert time.monotonic() - began < 5

    released.set()
    senders.reserve(time.monotonic() + 5)
    assert senders.run(lambda: 7, time.monotonic() + 5) == 7


def test_what_a_task_raises_is_its_callers() -> None:
    senders = Senders(1)
    senders.reserve(time.monotonic() + 1)
    with pytest.raises(KeyError):
        senders.run({}.popitem, time.monotonic() + 5)
    senders.reserve(time.monotonic() + 1)


def test_one_probe_however_many_fail_and_it_may_hang() -> None:
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
    # Longer than its lease, which was renewed.
    assert (len(probes), breaker.is_open) == (1, True)

    answers.set()
    wait_until(lambda: not breaker.is_open, 5, "it is closed")


def test_workers_forked_later_know_of_it() -> None:
    breaker = Breaker(lambda: time.sleep(60), 1)
    child = os.fork()
    if child == 0:
        breaker.open("seen by the child")
        # Without its watch thread, as one that was killed.
        os._exit(0)
    os.waitpid(child, 0)

    assert breaker.is_open
    wait_until(lambda: not breaker.is_open, 5, "what a dead worker said ends")


def test_closed_they_have_no_threads_left() -> None:
    before = set(threading.enumerate())

    def probe() -> None:
        raise ConnectionError

    senders, breaker = Senders(2), Breaker(probe, 0.01)
    for _ in range(2):
        senders.reserve(time.monotonic() + 1)
        senders.run(lambda: 7, time.monotonic() + 5)
    breaker.open("no confirm")
    assert len(set(threading.enumerate()) - before) >= 3

    senders.close()
    breaker.close()

    wait_until(lambda: set(threading.enumerate()) <= before, 5, "no thread is left")
