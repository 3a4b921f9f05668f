# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Run periodic work."""

import threading
import time
from collections.abc import Callable

from oslo_log import log as logging

from minova import exception
from minova.compute.leaving import Ending, Leave
from minova.context import RequestContext

LOG = logging.getLogger(__name__)

Work = Callable[[], None]

_NEVER = 10 * 365 * 86400.0
"""Seconds, because an Event cannot wait for an infinite time."""


class PeriodicWork:
    """Runs pieces of work on one thread, each at its own interval.

    If a piece fails, the error is logged and the piece runs again at its next turn.
    If the thread itself ends, n-cpu must end, and its supervisor starts a new n-cpu.
    A host that sends no heartbeat, or settles nothing, must not look healthy.
    """

    def __init__(self, pieces: list[tuple[float, Work]], leave: Leave) -> None:
        """Take the work.  It begins with ``run``.

        Args:
            pieces: the seconds between two runs, and the work.  0 seconds means never.
            leave: called if the thread ends unexpectedly.
        """
        self._leave = leave
        self._works = [_logged(work) for _spacing, work in pieces]
        self._spacings = [spacing for spacing, _work in pieces]
        self._stopping = threading.Event()

    def run(self) -> None:
        """Block, and run the work until ``stop`` is called."""
        try:
            self._take_turns()
        except BaseException:
            LOG.critical("The thread of the periodic tasks failed", exc_info=True)
        if not self._stopping.is_set():
            self._leave(Ending.BROKEN, "the thread of the periodic tasks has ended")

    def change(self, spacings: list[float]) -> None:
        """Change the intervals.  Each new one counts from the next turn of its piece.

        Args:
            spacings: seconds, in the order of the pieces.
        """
        self._spacings = spacings

    def stop(self) -> None:
        """Stop after the piece that runs now."""
        self._stopping.set()

    def _take_turns(self) -> None:
        now = time.monotonic()
        due = [now + (spacing or _NEVER) for spacing in self._spacings]
        while not self._stopping.wait(min(due) - time.monotonic()):
            turn = due.index(min(due))
            began = time.monotonic()
            self._works[turn]()
            due[turn] = began + (self._spacings[turn] or _NEVER)


def _logged(work: Work) -> Work:
    def run() -> None:
        RequestContext.service()
        try:
            work()
        except exception.DatabaseUnavailable as error:
            # minova.db.connection.outage logs each outage once.
            LOG.debug("%s failed and will be tried again: %s", work.__qualname__, error)
        except exception.Unavailable as error:
            LOG.warning(
                "%s failed and will be tried again: %s", work.__qualname__, error
            )
        except Exception:
            LOG.exception("Error during %s", work.__qualname__)

    return run
