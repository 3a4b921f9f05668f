# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Periodic tasks continue after an error, or the process ends."""

import threading

from minova import exception
from minova.compute.leaving import Ending
from minova.compute.periodic import PeriodicWork


def must_not_leave(ending: Ending, why: str) -> None:
    raise AssertionError(why)


def test_a_failed_task_runs_again() -> None:
    turns = threading.Event()
    failures = [exception.DatabaseUnavailable(), RuntimeError("no"), None]

    def piece() -> None:
        failure = failures.pop(0)
        if failure is not None:
            raise failure
        turns.set()
        work.stop()

    work = PeriodicWork([(0.01, piece)], must_not_leave)
    work.run()

    assert turns.is_set()


def test_an_interval_can_change_at_run_time() -> None:
    runs: list[str] = []

    def piece(name: str) -> None:
        runs.append(name)
        # From now on the first never runs again, and the second runs ten times a
        # second.
        work.change([0.0, 0.1])
        if runs.count("second") == 3:
            work.stop()

    work = PeriodicWork(
        [(0.01, lambda: piece("first")), (0.5, lambda: piece("second"))],
        must_not_leave,
    )
    work.run()

    assert runs == ["first", "second", "second", "second"]


def test_n_cpu_leaves_when_a_thread_ends() -> None:
    said: list[tuple[Ending, str]] = []

    def dies() -> None:
        raise SystemExit

    PeriodicWork([(0.01, dies)], lambda *reason: said.append(reason)).run()

    assert said == [(Ending.BROKEN, "the thread of the periodic tasks has ended")]
