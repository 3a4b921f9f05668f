# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One n-cpu for each host: two that take the same messages would act twice."""

import os
import pathlib
import re
from typing import Final

from minova import lock_file

_BOOT_ID: Final = pathlib.Path("/proc/sys/kernel/random/boot_id")

_ENDS_WITHIN: Final = 1.0
"""Seconds that a process which was killed, or has lost its parent, needs to end."""


class AlreadyServed(Exception):
    """Another n-cpu serves this host, on this machine or on another."""


def hold(state_path: pathlib.Path, host: str) -> int:
    """Take the host for this process and for what it forks.

    The kernel gives the lock back when the last of them is gone, however it went: a
    restart right after ``kill -9`` need not wait for anything to grow old.

    Returns:
        The open file that is the lock; it must stay open.

    Raises:
        AlreadyServed: another n-cpu holds it.
        OSError: ``state_path`` cannot be written.
    """
    state_path.mkdir(parents=True, exist_ok=True)
    path = lock_path(state_path, host)
    file = lock_file.open_file(path)
    if not lock_file.lock(file, _ENDS_WITHIN):
        holder = os.read(file, 32).decode(errors="replace").strip()
        os.close(file)
        raise AlreadyServed(
            f"another n-cpu (process {holder or 'unknown'}) already serves host "
            f"{host}: it holds the lock {path}"
        )
    os.ftruncate(file, 0)
    os.write(file, f"{os.getpid()}\n".encode())
    return file


def lock_path(state_path: pathlib.Path, host: str) -> pathlib.Path:
    """Where the lock lies: a host's name may hold what a file's name may not."""
    return state_path / f"n-cpu.{re.sub(r'[^A-Za-z0-9.-]', '_', host)}.lock"


def boot_id() -> str:
    """Which boot of which machine this is; containers have their machine's."""
    return _BOOT_ID.read_text().strip()
