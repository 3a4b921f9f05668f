# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Processes of this machine, and what they hold: read off /proc, nothing is changed."""

import fcntl
import os
import pathlib
from typing import Final

_LOCKS: Final = pathlib.Path("/proc/locks")
_WRITE_LOCK: Final = "120"
"""The byte of SQLite's -shm that a writer holds (WAL_WRITE_LOCK in its wal.c)."""


def sqlite_writer(path: pathlib.Path) -> int | None:
    """The process that holds the write lock of an SQLite file, if it can be seen."""
    try:
        inode = pathlib.Path(f"{path}-shm").stat().st_ino
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        # 1: POSIX  ADVISORY  WRITE 1234 fe:00:1794086 120 120
        kind, _advisory, mode, pid, where, first = line.split()[1:7]
        if (kind, mode, first) == ("POSIX", "WRITE", _WRITE_LOCK) and (
            int(where.rpartition(":")[2]) == inode
        ):
            return int(pid)
    return None


def holder(lock: pathlib.Path) -> int | None:
    """The process that wrote its id into a file that is locked; 0 if it wrote none.

    Returns:
        None when nobody holds the lock.

    Raises:
        OSError: there is no such file, or it may not be read.
    """
    file = os.open(lock, os.O_RDONLY)
    try:
        # Shared, and given back at once.
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.read(file, 32).decode(errors="replace").strip()
        return int(said) if said.isdigit() else 0
    else:
        return None
    finally:
        os.close(file)


def stopped(pid: int) -> list[int]:
    """Of a process and its children, those that a signal has stopped."""
    return [each for each in (pid, *_children(pid)) if _state(each) == "T"]


def stopped_guests() -> dict[str, int]:
    """The QEMUs of this machine that a signal has stopped, by the UUID of the guest."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if _state(pid) == "T":
            words = _command(pid)
            if "-uuid" in words[:-1]:
                found[words[words.index("-uuid") + 1]] = pid
    return found


def runs(program: str) -> bool | None:
    """Whether a process of a program is on this machine; None if others are hidden."""
    if not _command(1)[0:1]:
        return None
    return any(
        program in map(os.path.basename, _command(int(folder.name))[:3])
        for folder in pathlib.Path("/proc").glob("[0-9]*")
    )


def described(pid: int) -> str:
    """Its number, and how it was started."""
    command = " ".join(_command(pid)[:3]).strip()
    return f"Process {pid} ({command})" if command else f"Process {pid}"


def _command(pid: int) -> list[str]:
    try:
        text = pathlib.Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return []
    return text.split("\0")


def _children(pid: int) -> list[int]:
    """Whichever of its threads forked them."""
    threads = pathlib.Path(f"/proc/{pid}/task")
    try:
        listed = [(each / "children").read_text() for each in threads.iterdir()]
    except OSError:
        return []
    return [int(child) for line in listed for child in line.split()]


def _state(pid: int) -> str:
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[0]
