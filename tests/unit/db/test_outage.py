# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which thread checks a database that is away, and what the others do."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from oslo_db import exception as oslo_db_exception

from minova import exception
from minova.db.connection.outage import Outage
from tests.real_servers import wait_until


class _Question:
    """A question that is asked in a thread, and waits for its answer.

    Attributes:
        is_asked: set when the database is asked.
    """

    def __init__(self, outage: Outage, threads: ThreadPoolExecutor) -> None:
        self.is_asked = threading.Event()
        self._answer = Future[None]()
        self._done = threads.submit(self._ask, outage)

    def answer(self, error: Exception | None = None) -> None:
        if error is None:
            self._answer.set_result(None)
        else:
            self._answer.set_exception(error)
        assert self._done.exception(5) is error

    def is_refused(self) -> bool:
        return isinstance(self._done.exception(5), exception.DatabaseUnavailable)

    def _ask(self, outage: Outage) -> None:
        with outage.question():
            self.is_asked.set()
            self._answer.result()


@pytest.fixture
def ask() -> Iterator[Callable[[], _Question]]:
    """Ask a database that is away."""
    outage = Outage()
    with ThreadPoolExecutor() as threads:
        before = _Question(outage, threads)
        before.answer(oslo_db_exception.DBConnectionError())
        yield lambda: _Question(outage, threads)


def test_others_go_on_when_one_was_answered(ask: Callable[[], _Question]) -> None:
    first = ask()
    assert first.is_asked.wait(5)
    others = [ask(), ask()]
    assert not any(other.is_asked.wait(0.1) for other in others)

    first.answer()

    assert all(other.is_asked.wait(5) for other in others)
    for other in others:
        other.answer()


def test_the_next_one_checks_when_one_failed(ask: Callable[[], _Question]) -> None:
    """The first may have used an old connection, and its retry comes later."""
    first = ask()
    assert first.is_asked.wait(5)
    others = [ask(), ask()]
    assert not any(other.is_asked.wait(0.1) for other in others)

    first.answer(oslo_db_exception.DBConnectionError())

    wait_until(lambda: any(other.is_asked.is_set() for other in others), 5, "one asks")
    (second,) = (other for other in others if other.is_asked.is_set())
    (third,) = (other for other in others if other is not second)
    second.answer()
    assert third.is_asked.wait(5)
    third.answer()


def test_others_are_refused_when_one_waits_for_long(
    ask: Callable[[], _Question],
) -> None:
    first = ask()
    assert first.is_asked.wait(5)

    assert ask().is_refused()

    first.answer()
