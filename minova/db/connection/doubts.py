# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Commits whose answer was lost.  They are undone if they happened."""

import collections
import threading
import time
from collections.abc import Callable

from oslo_log import log as logging

from minova import exception

LOG = logging.getLogger(__name__)

Undo = Callable[[], object]

_BETWEEN_TRIES = 0.5
"""Seconds."""


class Doubts:
    """Commits to undo as soon as the database answers again.

    The caller was told that nothing changed (503), so this must become true.  An undo
    first waits for the lock of the transaction in doubt, if the database still holds
    it.  It matches only what that transaction wrote, so it may find nothing to undo.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: collections.deque[tuple[Undo, threading.Event]] = (
            collections.deque()
        )
        self._thread: threading.Thread | None = None

    def undo(self, undo: Undo, wait: float) -> bool:
        """Undo as soon as possible.

        Args:
            wait: seconds to wait for the undo.  After that, a thread goes on alone.

        Returns:
            Whether the undo is done.
        """
        done = threading.Event()
        with self._lock:
            self._waiting.append((undo, done))
            if self._thread is None:
                # Ends with the last doubt: an idle process has no thread for this.
                self._thread = threading.Thread(
                    target=self._work, name="doubts", daemon=True
                )
                self._thread.start()
        return done.wait(wait)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                undo, done = self._waiting[0]
            try:
                undone = undo()
            except exception.DatabaseUnavailable:
                time.sleep(_BETWEEN_TRIES)
                continue
            except Exception:
                LOG.exception("Could not undo a commit whose outcome is unknown")
            else:
                LOG.warning(
                    "The connection was lost during a commit. The commit %s.",
                    "was undone" if undone else "had not happened",
                )
            self._waiting.popleft()
            done.set()
