# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Store the results of actions, however long the database is away."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from oslo_log import log as logging

from minova import exception

LOG = logging.getLogger("minova.compute.manager")

R = TypeVar("R")

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 2.0
"""Seconds between two tries."""


def until_stored(
    store: Callable[[bool], R], what: str, *, instance_uuid: str | None
) -> R:
    """Repeat ``store`` until the database answers.

    Giving up would leave the action to settling, which may ask the hypervisor again.
    A process that is told to stop still ends after ``graceful_shutdown_timeout``, and
    the next process settles the action.

    Args:
        store: asks the database.  Its argument says whether it was called before: the
            database may have carried out the earlier call.
        what: what is stored, in the words of the log.
    """
    again = False
    pause = _FIRST_PAUSE
    while True:
        try:
            answer = store(again)
        except exception.DatabaseUnavailable as error:
            if not again:
                LOG.warning(
                    "Cannot store %s now, will try again: %s",
                    what,
                    error,
                    instance_uuid=instance_uuid,
                )
            again = True
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            if again:
                LOG.info(
                    "Stored %s after the outage", what, instance_uuid=instance_uuid
                )
            return answer
