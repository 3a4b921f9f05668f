# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What is done on the guest is stored in the end, however long the database is away."""

import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from oslo_log import log as logging

from minova import exception
from minova.db.api import Database
from minova.objects.action_record import Failure
from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import Action
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState

LOG = logging.getLogger("minova.compute.manager")

R = TypeVar("R")

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 2.0
"""Seconds between two tries."""


def until_stored(
    store: Callable[[bool], R], what: str, *, instance_uuid: str | None
) -> R:
    """Ask until the database answers, and never the hypervisor again for it.

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


class Store:
    """What a host writes of the actions it performs: the questions of ``Database``.

    Each waits until the database answers.  Who gave up would leave the action to
    settling.
    """

    def __init__(self, db: Database, host: str) -> None:
        self._db = db
        self._host = host

    def instance_start(
        self, instance_uuid: str, request_id: str, actions: Sequence[Action]
    ) -> Instance | None:
        return until_stored(
            lambda again: self._db.instance_start(
                instance_uuid, request_id, actions, self._host, again=again
            ),
            f"the start of {actions[0].name}",
            instance_uuid=instance_uuid,
        )

    def instance_prepare(
        self, instance_uuid: str, *, force_config_drive: bool
    ) -> Instance:
        return until_stored(
            lambda _again: self._db.instance_prepare(
                instance_uuid, force_config_drive=force_config_drive
            ),
            "the network and the config drive",
            instance_uuid=instance_uuid,
        )

    def instance_move(
        self, instance_uuid: str, request_id: str, action: Action, to: TaskState
    ) -> bool:
        return until_stored(
            lambda _again: self._db.instance_move(
                instance_uuid, request_id, action, to
            ),
            f"the step {to}",
            instance_uuid=instance_uuid,
        )

    def instance_finish(
        self,
        instance_uuid: str,
        request_id: str,
        action: Action,
        power_state: PowerState,
    ) -> bool:
        return until_stored(
            lambda _again: self._db.instance_finish(
                instance_uuid, request_id, action, power_state
            ),
            f"the result of {action.name}",
            instance_uuid=instance_uuid,
        )

    def instance_fail(
        self, instance_uuid: str, request_id: str, action: Action, failure: Failure
    ) -> bool:
        return until_stored(
            lambda _again: self._db.instance_fail(
                instance_uuid, request_id, action, failure, self._host
            ),
            f"the failure of {action.name}",
            instance_uuid=instance_uuid,
        )
