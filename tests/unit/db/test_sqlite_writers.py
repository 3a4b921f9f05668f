# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Processes that write to one SQLite file (n-api's workers, n-cpu) take turns."""

import concurrent.futures
import multiprocessing
import pathlib
import threading
import time
from typing import Final

import sqlalchemy as sa

from minova.db.connection import engine as engines
from minova.db.connection.transactions import Transactions

PROCESSES: Final = 2
THREADS: Final = 16
SECONDS: Final = 4


class _Counter(Transactions):
    def count(self) -> None:
        with self._write() as connection:
            connection.exec_driver_sql("UPDATE counter SET value = value + 1")
            # Longer than the pauses between writes: a process that rarely looks finds
            # the file locked.
            time.sleep(0.002)


def _engine(path: pathlib.Path) -> sa.Engine:
    return engines.sqlite(sa.make_url(f"sqlite:///{path}"), pool_size=THREADS)


def _meet(barrier: threading.Barrier) -> None:
    """Wait until all are there, so that none starts earlier on a busy machine."""
    barrier.wait(60)


def _write(path: pathlib.Path) -> int:
    """Return how often the threads of one process wrote."""
    until = time.time() + SECONDS
    counter = _Counter(_engine(path))

    def write() -> int:
        times = 0
        while time.time() < until:
            counter.count()
            times += 1
        return times

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        threads = [pool.submit(write) for _ in range(THREADS)]
        return sum(thread.result() for thread in threads)


def test_no_process_starves(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "counter.sqlite"
    engine = _engine(path)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (value INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        PROCESSES, context, _meet, (context.Barrier(PROCESSES),)
    ) as pool:
        writers = [pool.submit(_write, path) for _ in range(PROCESSES)]
        written = [writer.result() for writer in writers]

    with engine.begin() as connection:
        value = connection.exec_driver_sql("SELECT value FROM counter").scalar_one()
    assert value == sum(written)
    assert min(written) > max(written) / 4, written
