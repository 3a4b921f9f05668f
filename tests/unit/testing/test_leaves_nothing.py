# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Many tests leave nothing in their shared cloud or in their own process."""

import pathlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest

from minova.testing.nova import Nova
from tests.unit.cmd.local_cloud import Up, up

pytestmark = pytest.mark.timeout(1200)

ROUNDS = [20, pytest.param(500, marks=pytest.mark.campaign)]
WARM = 10
"""Rounds until thread pools and caches have reached their size."""

_TESTS = """
import os
import threading

import pytest

had = {{}}


def has():
    return threading.active_count(), len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("n", range({rounds}))
def test_a_tool(nova, n):
    nova.server()
    nova.server("paused")
    assert nova.requests == []
    had[n] = has()


def test_this_process():
    assert had[{rounds} - 1] == had[{warm}]
"""


class Left(NamedTuple):
    """A cloud's process, its rows by table, and the files next to its database."""

    threads: int
    descriptors: int
    mebibytes: float
    rows: dict[str, int]
    files: set[str]


def look(cloud: Up) -> Left:
    process = pathlib.Path(f"/proc/{cloud.process.pid}")
    lines = (process / "status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    database = pathlib.Path(cloud.admin("GET", "/minova/v1/cloud")["cloud"]["database"])
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        rows = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for (name,) in tables.fetchall()
        }
    return Left(
        threads=int(status["Threads"]),
        descriptors=len(list((process / "fd").iterdir())),
        mebibytes=int(status["VmRSS"].split()[0]) / 1024,
        rows=rows,
        files={str(file) for file in database.parent.rglob("*")},
    )


def assert_nothing_is_left(before: Left, after: Left) -> None:
    """Allow for a thread of a pool, or a connection that is being closed."""
    assert (after.rows, after.files) == (before.rows, before.files)
    assert after.threads <= before.threads + 4, (before, after)
    assert after.descriptors <= before.descriptors + 6, (before, after)
    assert after.mebibytes <= before.mebibytes + 6, (before, after)


@pytest.fixture
def cloud() -> Iterator[Up]:
    with up() as running:
        yield running


@pytest.mark.parametrize("rounds", ROUNDS)
def test_resets(cloud: Up, rounds: int, tmp_path: pathlib.Path) -> None:
    def round_of_all() -> None:
        tool = Nova(cloud.url, "demo", tmp_path)
        tool.server(metadata={"a": "b"})
        tool.server("paused")
        quota = {"quota_set": {"instances": 7}}
        cloud.admin.compute("PUT", "/os-quota-sets/demo", quota)
        cloud.admin.compute("DELETE", "/flavors/1")
        image = {"id": "11111111-2222-3333-4444-555555555555", "name": "more"}
        cloud.admin("POST", "/minova/v1/images", {"image": image})
        cloud.admin("POST", "/minova/v1/reset", {"reset": {}})

    for _ in range(WARM):
        round_of_all()
    before = look(cloud)
    for _ in range(rounds):
        round_of_all()

    assert_nothing_is_left(before, look(cloud))


@pytest.mark.parametrize("rounds", ROUNDS)
def test_fixtures(cloud: Up, rounds: int, tmp_path: pathlib.Path) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nminova_url = {cloud.url}\n")

    def run(count: int, warm: int) -> None:
        file = tmp_path / "test_tool.py"
        file.write_text(_TESTS.format(rounds=count, warm=warm))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:gabbi"],
            cwd=tmp_path,
            check=False,
            capture_output=True,
            text=True,
        )
        assert f"{count + 1} passed" in done.stdout, done.stdout + done.stderr

    run(WARM, WARM - 1)
    before = look(cloud)
    run(rounds, WARM)

    assert_nothing_is_left(before, look(cloud))
