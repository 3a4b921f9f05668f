# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""When the periodic work runs."""

from collections.abc import Callable
from typing import Any

from futurist import periodics
from oslo_log import log as logging

from minova import exception
from minova.context import RequestContext

LOG = logging.getLogger(__name__)

Work = Callable[[], None]


class PeriodicWork:
    """Runs each piece of work at its interval, all on one thread.

    A piece that fails is logged and runs again at its next turn.
    """

    def __init__(self, pieces: list[tuple[float, Work]]) -> None:
        """Begin at once.

        Args:
            pieces: seconds between two runs, and what to run; 0 seconds is never.
        """
        callables: list[tuple[Work, tuple[()], dict[str, Any]]] = [
            (periodics.periodic(spacing)(_logged(work)), (), {})
            for spacing, work in pieces
            if spacing > 0
        ]
        self._worker = periodics.PeriodicWorker(callables)

    def run(self) -> None:
        """Run until ``stop``; blocks."""
        self._worker.start(allow_empty=True)

    def stop(self) -> None:
        """Let the piece in hand end, then leave."""
        self._worker.stop()


def _logged(work: Work) -> Work:
    def run() -> None:
        RequestContext.service()
        try:
            work()
        except exception.DatabaseUnavailable as error:
            # Said once for each outage where it was found out (minova.db.outage).
            LOG.debug("%s, later then: %s", work.__qualname__, error)
        except exception.Unavailable as error:
            LOG.warning("%s, later then: %s", work.__qualname__, error)
        except Exception:
            LOG.exception("Error during %s", work.__qualname__)

    return run
