# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures what disk syncs cost a pause on SQLite, in its three commits.

It measures claim, start and finish of a pause, as n-api and n-cpu request them. Each
round runs on two files in the same folder. A commit waits for the disk on the file with
``synchronous = FULL``, and does not wait on the one with ``NORMAL``. Nothing else needs
to run. From the checkout::

    .venv/bin/python benchmarks/commits.py /var/lib/minova
"""

import argparse
import pathlib
import statistics
import sys
import tempfile
import time
from typing import Any, Final

import sqlalchemy as sa

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from minova import native_threads  # noqa: F401 - chooses them at its import

# isort: split
from minova.compute_api import schedule
from minova.db import migrate
from minova.db.api import Database
from minova.db.connection import engine
from minova.objects.host import Resources
from minova.vocabulary.instance_actions import CREATE, PAUSE, UNPAUSE, Action
from minova.vocabulary.power_state import PowerState
from tests.unit.conftest import HOST, context, new_instance

MODES: Final = ("NORMAL", "FULL")


class Bench:
    """A database with one active server."""

    def __init__(self, folder: pathlib.Path, synchronous: str) -> None:
        sql = engine.sqlite(sa.make_url(f"sqlite:///{folder}/{synchronous}.sqlite"))

        def on_connect(connection: Any, _record: object) -> None:
            connection.execute(f"PRAGMA synchronous = {synchronous}")

        sa.event.listen(sql, "connect", on_connect)
        migrate.sync(sql)
        self._db = Database(sql)
        has = Resources(
            vcpus=8,
            memory_mb=8192,
            local_gb=100,
            hypervisor_type="fake",
            hypervisor_version=1,
            hypervisor_hostname=HOST,
        )
        self._db.service_report(HOST)
        self._db.compute_node_update(HOST, has, vcpus_limit=8, memory_mb_limit=8192)
        new, asked_by = new_instance(), context()
        self._uuid = new.uuid
        self._db.instance_create(asked_by, new, schedule.rank, 600)
        self._end(str(asked_by.request_id), CREATE)

    def perform(self, action: Action) -> float:
        """Return the milliseconds of the three commits of an action."""
        asked_by = context()
        began = time.perf_counter()
        assert self._db.instance_claim(asked_by, self._uuid, action)
        self._end(str(asked_by.request_id), action)
        return (time.perf_counter() - began) * 1000

    def _end(self, request_id: str, action: Action) -> None:
        self._db.instance_start(self._uuid, request_id, [action], HOST)
        self._db.instance_finish(self._uuid, request_id, action, PowerState.RUNNING)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=pathlib.Path, help="a folder on the disk")
    parser.add_argument("--rounds", type=int, default=2000)
    args = parser.parse_args()
    taken: dict[str, list[float]] = {mode: [] for mode in MODES}
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        benches = {mode: Bench(pathlib.Path(folder), mode) for mode in MODES}
        for number in range(args.rounds):
            # Take turns, because the second mode finds the disk busy or the CPU warm.
            for mode in MODES if number % 2 else reversed(MODES):
                taken[mode].append(benches[mode].perform(PAUSE))
                benches[mode].perform(UNPAUSE)
    normal = statistics.median(taken["NORMAL"])
    for mode, times in taken.items():
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        print(
            f"{mode:8} p50 {p50:5.2f} ms  p99 {p99:6.2f} ms  {p50 / normal:.2f} times"
        )


if __name__ == "__main__":
    main()
