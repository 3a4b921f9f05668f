# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Questions about one server use one thread, and no lane waits for another."""

import dataclasses
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from minova.rpc.threads import Threads
from minova.vocabulary.lane import Lane
from tests.real_servers import wait_until


@dataclasses.dataclass
class Incoming:
    """The part of oslo.messaging's message that minova reads."""

    message: Any
    reply_q: str | None = "reply"


def _in_namespace(namespace: Any, reply_q: str | None = None) -> list[Incoming]:
    message = {"method": "hear", "args": {}, "namespace": namespace}
    return [Incoming(message, reply_q)]


def _about(server: Any, **more: Any) -> list[Incoming]:
    return [Incoming({"method": "x", "args": {"instance_uuid": server}}, **more)]


def _calls(method: str) -> list[Incoming]:
    return [Incoming({"method": method, "args": {}}, reply_q=None)]


class Work:
    """Hangs until it is released, and remembers the order of its calls."""

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.go = threading.Event()

    def __call__(self, incoming: Any) -> None:
        self.begun.append(incoming)
        self.go.wait(30)


@pytest.fixture
def work() -> Iterator[Work]:
    hanging = Work()
    yield hanging
    hanging.go.set()


def test_hanging_questions_to_one_server(work: Work) -> None:
    questions = [_about("a") for _ in range(50)]
    with Threads(8) as threads:
        for question in questions:
            threads.submit(work, question)
        other = _about("b")
        threads.submit(work, other)

        wait_until(lambda: work.begun == [questions[0], other], 5, "one of each")
        work.go.set()
        wait_until(lambda: len(work.begun) == 51, 5, "all are answered")
        assert [one for one in work.begun if one is not other] == questions

        threads.submit(work, again := _about("a"))
        wait_until(lambda: work.begun[-1] is again, 5, "and the next one")


def test_actions_do_not_wait_for_questions(work: Work) -> None:
    with Threads(8) as threads:
        for _ in range(3):
            threads.submit(work, _about("a"))
        threads.submit(work, action := _about("a", reply_q=None))

        wait_until(lambda: len(work.begun) == 2, 5, "both are begun")
        assert work.begun[1] is action
        work.go.set()


def test_quick_work_waits_for_nothing(work: Work) -> None:
    done: list[Any] = []
    with Threads(8, ["hearing"]) as threads:
        for _ in range(50):
            threads.submit(work, _about("a", reply_q=None))
        wait_until(lambda: len(work.begun) == 8, 5, "all are busy")

        for _ in range(3):
            threads.submit(done.append, _in_namespace("hearing"))
        wait_until(lambda: len(done) == 3, 5, "heard")
        assert len(work.begun) == 8
        work.go.set()
    assert len(work.begun) == 50


@pytest.mark.parametrize(
    "other", [_in_namespace("x"), _in_namespace([7]), _in_namespace("hearing", "reply")]
)
def test_only_known_calls_are_quick(work: Work, other: list[Incoming]) -> None:
    done: list[Any] = []
    with Threads(1, ["hearing"]) as threads:
        threads.submit(work, _about("a", reply_q=None))
        threads.submit(done.append, other)
        time.sleep(0.2)
        assert not done
        work.go.set()
    assert done == [other]


@pytest.mark.parametrize(
    ("method", "at_a_time"), [("pause", 2), ("build", 10), ("stop", 80)]
)
def test_a_full_lane_does_not_delay_others(
    work: Work, method: str, at_a_time: int
) -> None:
    lanes = {"pause": Lane.QUICK, "build": Lane.BUILDS, "stop": Lane.WAITS}
    done: list[Any] = []
    with Threads(2, lanes=lanes) as threads:
        for _ in range(80):
            threads.submit(work, _calls(method))
        wait_until(lambda: len(work.begun) == at_a_time, 5, "the lane is full")

        others = [_calls(other) for other in lanes if other != method]
        for other in others:
            threads.submit(done.append, other)
        wait_until(lambda: len(done) == len(others), 5, "all others are done")
        work.go.set()
    assert len(work.begun) == 80


@pytest.mark.parametrize("server", [None, 7, ["a"], {}])
def test_foreign_messages_are_passed_on(server: Any) -> None:
    """The next check says what is wrong with it."""
    done = threading.Semaphore(0)
    with Threads(2) as threads:
        for message in (_about(server), [Incoming([server])], [Incoming({"args": 7})]):
            threads.submit(lambda _: done.release(), message)
    assert all(done.acquire(timeout=5) for _ in range(3))


def test_a_failed_call_does_not_stop_the_others() -> None:
    done: list[Any] = []

    def fail(incoming: Any) -> None:
        done.append(incoming)
        raise RuntimeError

    with Threads(2) as threads:
        for _ in range(3):
            threads.submit(fail, _about("a"))
    assert len(done) == 3
