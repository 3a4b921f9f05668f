# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A hanging call: its caller stops waiting, and only one thread is lost."""

import threading
import time
from collections.abc import Iterator
from concurrent import futures

import pytest

from minova import exception
from minova.virt.libvirt import calls
from minova.virt.libvirt.calls import Calls
from tests.real_servers import wait_until
from tests.unit.conftest import context

BOUND = 0.4


class Hanging:
    """Calls, with one that returns only when it is released."""

    def __init__(self) -> None:
        self.back: list[str] = []
        self.calls = Calls(BOUND, self.back.append)
        self.go = threading.Event()
        self.did: list[str] = []

    def hang(self) -> None:
        self.go.wait(30)
        self.calls.still_wanted()
        self.did.append("the deed")


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    one = Hanging()
    yield one
    one.go.set()


def test_a_call_in_time_returns_or_raises(hanging: Hanging) -> None:
    assert hanging.calls.run("a", "ask", lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        hanging.calls.run("a", "ask", lambda: 1 / 0)
    assert hanging.back == []


def test_it_runs_under_the_request_of_its_caller(hanging: Hanging) -> None:
    """Otherwise n-cpu's log would not show to which request the pause belongs."""
    from oslo_context import context as oslo_context  # noqa: PLC0415

    context("req-mine", overwrite=True)

    current = hanging.calls.run("a", "ask", oslo_context.get_current)

    assert current is not None
    assert current.request_id == "req-mine"


def test_it_does_not_run_under_an_earlier_request(hanging: Hanging) -> None:
    from oslo_context import context as oslo_context  # noqa: PLC0415

    context("req-before", overwrite=True)
    hanging.calls.run("a", "ask", lambda: None)

    with futures.ThreadPoolExecutor(1) as pool:
        current = pool.submit(
            hanging.calls.run, "a", "ask", oslo_context.get_current
        ).result()

    assert current is not None
    assert current.request_id != "req-before"


def test_calls_one_after_another_share_a_thread(hanging: Hanging) -> None:
    """The question about a guest after its pause uses the thread of the pause."""
    threads = {
        hanging.calls.run(guest, "ask", threading.get_ident) for guest in "aabba"
    }

    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_an_idle_thread_ends(hanging: Hanging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_IDLE", 0.05)

    thread = hanging.calls.run("a", "ask", threading.current_thread)

    thread.join(5)
    assert not thread.is_alive()
    assert hanging.calls.run("a", "ask", lambda: 42) == 42


def test_no_call_is_lost_between_threads_that_end(
    hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "_IDLE", 0.0005)

    def ask(guest: str) -> list[int]:
        asked = []
        for number in range(300):
            asked.append(hanging.calls.run(guest, "ask", lambda: number))  # noqa: B023
            time.sleep(0.0005)
        return asked

    with futures.ThreadPoolExecutor(4) as pool:
        for answers in pool.map(ask, "abcd"):
            assert answers == list(range(300))


def test_a_hanging_call_is_abandoned_at_its_limit(hanging: Hanging) -> None:
    began = time.monotonic()

    with pytest.raises(exception.CallTimedOut, match=r"within 0\.4 seconds \(pause\)"):
        hanging.calls.run("a", "pause", hanging.hang)

    assert BOUND <= time.monotonic() - began < BOUND + 2


def test_until_it_returns_other_calls_for_that_guest_fail_at_once(
    hanging: Hanging,
) -> None:
    with pytest.raises(exception.CallTimedOut):
        hanging.calls.run("a", "pause", hanging.hang)
    threads = set(threading.enumerate())
    began = time.monotonic()

    for _ in range(100):
        with pytest.raises(exception.CallStillHangs, match=r"\(pause\) has not return"):
            hanging.calls.run("a", "destroy", lambda: pytest.fail("it was tried"))

    assert time.monotonic() - began < 1
    assert set(threading.enumerate()) <= threads
    assert hanging.calls.run("b", "pause", lambda: "done") == "done"


def test_when_it_returns_the_guest_is_logged_and_free(hanging: Hanging) -> None:
    with pytest.raises(exception.CallTimedOut):
        hanging.calls.run("a", "pause", hanging.hang)

    hanging.go.set()

    wait_until(lambda: hanging.back == ["a"], 5, "the return is told")
    assert hanging.calls.run("a", "pause", lambda: "done") == "done"


def test_an_abandoned_call_is_not_done_later(hanging: Hanging) -> None:
    """If finding the guest hung, the guest is not changed afterwards."""
    with pytest.raises(exception.CallTimedOut):
        hanging.calls.run("a", "pause", hanging.hang)

    hanging.go.set()

    wait_until(lambda: hanging.back == ["a"], 5, "the return is told")
    assert hanging.did == []


def test_a_guest_has_one_thread_for_any_number_of_questions(hanging: Hanging) -> None:
    # A busy machine needs a while to start ten threads.
    hanging.calls = Calls(2, hanging.back.append)
    before = set(threading.enumerate())

    def begun() -> int:
        return len(set(threading.enumerate()) - before)

    with futures.ThreadPoolExecutor(10) as pool:
        asked = [
            pool.submit(hanging.calls.run, "a", "pause", hanging.hang)
            for _ in range(10)
        ]
        wait_until(lambda: begun() >= 11, 5, "all wait")
        assert begun() == 11
        errors = [type(one.exception()) for one in asked]

    assert errors.count(exception.CallTimedOut) == 1
    assert errors.count(exception.CallStillHangs) == 9


def test_a_question_is_abandoned_earlier_and_the_next_call_may_wait(
    hanging: Hanging,
) -> None:
    """A question waits less, and does not use up the time of an action after it."""
    began = time.monotonic()
    with pytest.raises(exception.CallTimedOut, match=r"within 0\.05 seconds"):
        hanging.calls.run("a", "ask", lambda: hanging.go.wait(30), patience=0.05)
    with pytest.raises(exception.CallStillHangs, match=r"\(ask\) has not returned"):
        hanging.calls.run("a", "ask", lambda: 42, patience=0.05)
    assert time.monotonic() - began < BOUND

    with futures.ThreadPoolExecutor(1) as pool:
        action = pool.submit(hanging.calls.run, "a", "pause", lambda: "done")
        time.sleep(BOUND / 4)
        hanging.go.set()
        assert action.result() == "done"
    assert hanging.back == []


class TestLongCalls:
    """Calls that move a guest's memory."""

    LONGER = 0.8

    def begin(self, hanging: Hanging, pool: futures.Executor) -> futures.Future[None]:
        """Start a long call."""
        begun = threading.Event()

        def hang() -> None:
            begun.set()
            hanging.hang()

        run = hanging.calls.run
        one = pool.submit(run, "a", "suspend", hang, longer=self.LONGER)
        assert begun.wait(5)
        return one

    def test_questions_meanwhile_are_answered(self, hanging: Hanging) -> None:
        with futures.ThreadPoolExecutor() as pool:
            suspended = self.begin(hanging, pool)

            assert hanging.calls.run("a", "state", lambda: 42) == 42

            time.sleep(BOUND * 1.5)
            hanging.go.set()
            suspended.result(5)
        assert hanging.did == ["the deed"]
        assert hanging.back == []

    def test_its_time_is_limited_too(self, hanging: Hanging) -> None:
        began = time.monotonic()
        with futures.ThreadPoolExecutor() as pool:
            suspended = self.begin(hanging, pool)
            message = rf"within {BOUND + self.LONGER:g} seconds \(suspend\)"
            with pytest.raises(exception.CallTimedOut, match=message):
                suspended.result(5)

        assert time.monotonic() - began < BOUND + self.LONGER + 2
        with pytest.raises(exception.CallStillHangs, match=r"\(suspend\) has not"):
            hanging.calls.run("a", "state", lambda: pytest.fail("it was tried"))
        hanging.go.set()
        wait_until(lambda: hanging.back == ["a"], 5, "the return is told")
        assert hanging.did == []

    def test_it_waits_no_longer_for_its_turn_than_others(
        self, hanging: Hanging
    ) -> None:
        with pytest.raises(exception.CallTimedOut):
            hanging.calls.run("a", "ask", lambda: hanging.go.wait(30), patience=0.05)
        began = time.monotonic()

        with pytest.raises(exception.CallStillHangs, match=r"\(ask\) has not returned"):
            hanging.calls.run("a", "suspend", lambda: None, longer=60)

        assert time.monotonic() - began < BOUND + 1
