# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""When the periodic work runs."""

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
"""Seconds; an Event waits for no infinite time."""


class PeriodicWork:
    """Runs each piece of work at its interval, all on one thread.

    A piece that fails is logged and runs again at its next turn.  Should the thread
    itself end, n-cpu must end, so that its supervisor starts another: a host without
    heartbeat or settlement must not look well.
    """

    def __init__(self, pieces: list[tuple[float, Work]], leave: Leave) -> None:
        """Begin at once.

        Args:
            pieces: seconds between two runs, and what to run; 0 seconds is never.
        """
        self._leave = leave
        self._works = [_logged(work) for _spacing, work in pieces]
        self._spacings = [spacing for spacing, _work in pieces]
        self._stopping = threading.Event()

    def run(self) -> None:
        """Run until ``stop``; blocks."""
        try:
            self._take_turns()
        except BaseException:
            LOG.critical("The thread of the periodic tasks failed", exc_info=True)
        if not self._stopping.is_set():
            self._leave(Ending.BROKEN, "the thread of the periodic tasks has ended")

    def change(self, spacings: list[float]) -> None:
        """Change the intervals; each holds from the next turn of its piece on.

        Args:
            spacings: seconds, in the order of the pieces.
        """
        self._spacings = spacings

    def stop(self) -> None:
        """Let the piece in hand end, then leave."""
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
            # minova.db.connection.outage said so, once for each outage.
            LOG.debug("%s failed and will be tried again: %s", work.__qualname__, error)
        except exception.Unavailable as error:
            LOG.warning(
                "%s failed and will be tried again: %s", work.__qualname__, error
            )
        except Exception:
            LOG.exception("Error during %s", work.__qualname__)

    return run
