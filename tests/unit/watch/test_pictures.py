# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The picture in the docs, and servers that do not fit on a screen."""

import dataclasses
import pathlib
import subprocess
import sys

import minova
from minova.client.servers import Server
from minova.watch import shown
from minova.watch.rows import Row, in_order

ONE = Server(
    id="1",
    name="web-1",
    vm_state="active",
    task_state=None,
    power_state=1,
    host="host-1",
    host_shown=True,
    tags=None,
    updated="2026-11-29T03:42:26Z",
    fault="",
)


def test_the_page_shows_the_output() -> None:
    """The capture in docs shows the command's current output."""
    root = pathlib.Path(minova.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, str(root / "docs" / "capture_watch.py")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_power_state_is_shown_unchanged() -> None:
    assert [shown.power(number) for number in (1, 3, 99, None)] == [
        *("running", "paused", "99", "nostate"),
    ]


def test_rows_in_order() -> None:
    """``web-2`` is before ``web-10``. Of too many, those that changed come first."""
    rows = {
        name: Row(dataclasses.replace(ONE, id=name, name=name))
        for name in ("web-10", "web-2", "web-1", "db")
    }
    rows["web-10"].see(dataclasses.replace(rows["web-10"].server, vm_state="paused"))

    assert [row.server.name for row in in_order(rows, 9)] == [
        *("db", "web-1", "web-2", "web-10"),
    ]
    assert [row.server.name for row in in_order(rows, 2)] == ["web-10", "db"]
