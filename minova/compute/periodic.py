# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""When the periodic work runs."""

from collections.abc import Callable
from typing import Any

from futurist import periodics
from oslo_log import log as logging

from minova import exception
from minova.compute.leaving import Ending, Leave
from minova.context import RequestContext

LOG = logging.getLogger(__name__)

Work = Callable[[], None]

_NEVER = 10 * 365 * 86400.0
"""Seconds; futurist knows intervals only."""


class PeriodicWork:
    """Runs each piece of work at its interval, all on one thread.

    A piece that fails is logged and runs again at its next turn.  Should the thread
    itself end, n-cpu must, for its supervisor to start another: a host without
    heartbeat or settlement must not look well.
    """

    def __init__(self, pieces: list[tuple[float, Work]], leave: Leave) -> None:
        """Begin at once.

        Args:
            pieces: seconds between two runs, and what to run; 0 seconds is never.
        """
        self._leave = leave
        self._pieces = [
            periodics.periodic(spacing or _NEVER)(_logged(work))
            for spacing, work in pieces
        ]
        callables: list[tuple[Work, tuple[()], dict[str, Any]]] = [
            (piece, (), {}) for piece in self._pieces
        ]
        self._worker = periodics.PeriodicWorker(callables)
        self._stopping = False

    def run(self) -> None:
        """Run until ``stop``; blocks."""
        try:
            self._worker.start()
        except BaseException:
            LOG.critical("The thread of the periodic tasks failed", exc_info=True)
        if not self._stopping:
            self._leave(Ending.BROKEN, "the thread of the periodic tasks has ended")

    def change(self, spacings: list[float]) -> None:
        """Set the intervals anew, in the order of the pieces.

        A piece follows from its next turn on: futurist 3.5 reads the attribute then.
        """
        for piece, spacing in zip(self._pieces, spacings, strict=True):
            piece._periodic_spacing = spacing or _NEVER  # type: ignore[attr-defined]

    def stop(self) -> None:
        """Let the piece in hand end, then leave."""
        self._stopping = True
        self._worker.stop()


def _logged(work: Work) -> Work:
    def run() -> None:
        RequestContext.service()
        try:
            work()
        except exception.DatabaseUnavailable as error:
            # Said once for each outage where it was found out (minova.db.outage).
            LOG.debug("%s failed and will be tried again: %s", work.__qualname__, error)
        except exception.Unavailable as error:
            LOG.warning(
                "%s failed and will be tried again: %s", work.__qualname__, error
            )
        except Exception:
            LOG.exception("Error during %s", work.__qualname__)

    return run
