# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One n-cpu per host: two would both act on the host's messages."""

import os
import pathlib
import re
from typing import Final

from minova import lock_file

_BOOT_ID: Final = pathlib.Path("/proc/sys/kernel/random/boot_id")

_ENDS_WITHIN: Final = 1.0
"""Seconds in which a process ends after it was killed or lost its parent."""


class AlreadyServed(Exception):
    """Another n-cpu serves this host, on this machine or another one."""


def hold(state_path: pathlib.Path, host: str) -> int:
    """Lock the host for this process and its forks.

    The kernel releases the lock when the last of these processes ends, even by
    ``kill -9``. A restart needs no timeout.

    Returns:
        The descriptor of the lock file, which must stay open.

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
    """Return the lock file's path. Characters unsafe in a file name become ``_``."""
    return state_path / f"n-cpu.{re.sub(r'[^A-Za-z0-9.-]', '_', host)}.lock"


def boot_id() -> str:
    """Return the id of this boot. A container has the id of its machine's boot."""
    return _BOOT_ID.read_text().strip()
