# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""This machine's processes and their locks, read from /proc without changing any."""

import fcntl
import os
import pathlib
from typing import Final

_LOCKS: Final = pathlib.Path("/proc/locks")
_WRITE_LOCK: Final = "120"
"""The byte of SQLite's -shm file that a writer locks (WAL_WRITE_LOCK in wal.c)."""


def sqlite_writer(path: pathlib.Path) -> int | None:
    """Return the process that holds an SQLite file's write lock, if visible."""
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
    """Find the process that holds a lock file.

    Returns:
        The process id in the file, 0 if it has none, or None if nobody holds the lock.

    Raises:
        OSError: the file does not exist, or may not be read.
    """
    file = os.open(lock, os.O_RDONLY)
    try:
        # A shared lock, released at once.
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.read(file, 32).decode(errors="replace").strip()
        return int(said) if said.isdigit() else 0
    else:
        return None
    finally:
        os.close(file)


def stopped(pid: int) -> list[int]:
    """Return which of a process and its children a signal has stopped."""
    return [each for each in (pid, *_children(pid)) if _state(each) == "T"]


def stopped_guests() -> dict[str, int]:
    """Return the QEMU processes that a signal has stopped, by the guest's UUID."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if _state(pid) == "T":
            words = _command(pid)
            if "-uuid" in words[:-1]:
                found[words[words.index("-uuid") + 1]] = pid
    return found


def runs(program: str) -> bool | None:
    """Return whether a program runs here, or None if other processes are hidden."""
    if not _command(1)[0:1]:
        return None
    return any(
        program in map(os.path.basename, _command(int(folder.name))[:3])
        for folder in pathlib.Path("/proc").glob("[0-9]*")
    )


def described(pid: int) -> str:
    """Return a process's id and command line in words."""
    command = " ".join(_command(pid)[:3]).strip()
    return f"Process {pid} ({command})" if command else f"Process {pid}"


def _command(pid: int) -> list[str]:
    try:
        text = pathlib.Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return []
    return text.split("\0")


def _children(pid: int) -> list[int]:
    """Return the children of all threads of a process."""
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
