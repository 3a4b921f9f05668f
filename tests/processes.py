# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Signals to a process of a test and to all its descendants."""

import contextlib
import os
import pathlib
import signal
import subprocess


def family(pid: int) -> list[int]:
    """Return a process and its descendants, parents first; none if it is gone."""
    children: dict[int, list[int]] = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The name in parentheses may contain spaces.
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            if after_name[0] != "Z":
                children.setdefault(int(after_name[1]), []).append(int(folder.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def send(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to each process that still exists."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and its descendants like ``kill -9``."""
    if process.poll() is None:
        send(family(process.pid), signal.SIGKILL)
    process.wait()
