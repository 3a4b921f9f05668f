# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Periodic work goes on whatever a piece does, or the process ends."""

import subprocess
import sys
import threading

from minova import exception
from minova.compute import leaving
from minova.compute.periodic import PeriodicWork


def test_a_piece_that_fails_runs_again() -> None:
    turns = threading.Event()
    failures = [exception.DatabaseUnavailable(), RuntimeError("no"), None]

    def piece() -> None:
        failure = failures.pop(0)
        if failure is not None:
            raise failure
        turns.set()
        work.stop()

    work = PeriodicWork([(0.01, piece)])
    work.run()

    assert turns.is_set()


def test_an_interval_changes_while_it_runs() -> None:
    runs: list[str] = []

    def piece(name: str) -> None:
        runs.append(name)
        # The first from now on never again, the second ten times a second.
        work.change([0.0, 0.1])
        if runs.count("second") == 3:
            work.stop()

    work = PeriodicWork(
        [(0.01, lambda: piece("first")), (0.5, lambda: piece("second"))]
    )
    work.run()

    assert runs == ["first", "second", "second", "second"]


def test_a_thread_that_ends_takes_the_process_with_it() -> None:
    script = (
        "import threading, time\n"
        "from minova.compute.periodic import PeriodicWork\n"
        "def dies(): raise SystemExit\n"
        "work = PeriodicWork([(0.01, dies)])\n"
        "threading.Thread(target=work.run, daemon=True).start()\n"
        "time.sleep(20)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode == leaving.BROKEN
    assert "the thread of the periodic tasks has ended" in ended.stderr
