# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that processes of one machine lock; the kernel gives the locks back."""

import contextlib
import fcntl
import os
import pathlib
import time


def open_file(path: pathlib.Path) -> int:
    """Open it for the group at most: whoever may read a file may keep it locked.

    Raises:
        OSError: it cannot be made or written.
    """
    # Python's files are closed in programs that are started: they may outlive us.
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o660)
    # One that is there already may be of an earlier version, or of another user.
    with contextlib.suppress(PermissionError):
        os.fchmod(file, 0o660)
    return file


def lock(file: int, within: float) -> bool:
    """Lock it for this process and for what it forks; False if others keep it."""
    deadline = time.monotonic() + within
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True
