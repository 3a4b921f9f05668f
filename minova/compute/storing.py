# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What is done on the guest is stored in the end, however long the database is away."""

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
    """Ask until the database answers, and never the hypervisor again for it.

    Who gave up would leave the action to settling.
    A process that is told to stop meanwhile ends when its time is up
    (``graceful_shutdown_timeout``); the next one settles what was left.

    Args:
        store: the question.  Its argument says whether it was asked before: that
            time it may have been heard.
        what: it is, for the log; one line for each outage.
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
