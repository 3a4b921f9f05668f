# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Lock files for processes of one machine; the kernel unlocks after a process ends."""

import contextlib
import fcntl
import os
import pathlib
import time


def open_file(path: pathlib.Path) -> int:
    """Open the file, and give access to owner and group only.

    Every process that may read the file could lock it and keep it locked.

    Raises:
        OSError: the file cannot be made or written.
    """
    # Programs that we start do not inherit the descriptor: they may outlive us.
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o660)
    # An existing file may come from an earlier version, or belong to another user.
    with contextlib.suppress(PermissionError):
        os.fchmod(file, 0o660)
    return file


def lock(file: int, within: float) -> bool:
    """Lock the file for this process and its forks.

    Returns:
        False if others have held the lock for ``within`` seconds.
    """
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
