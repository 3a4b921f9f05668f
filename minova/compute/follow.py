# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rows that follow their guests: on record as an action, under a request id of its own.

A guest is looked at again before its row is changed, while no action can change it:
what an event or a periodic look saw may be over by now.
"""

import dataclasses
from typing import Final

from oslo_log import log as logging

from minova.compute.instance_actions import CREATE, DELETE, PAUSE, STOP, UNPAUSE, Action
from minova.compute.manager import ComputeManager
from minova.compute.performs import on_guest
from minova.compute.power_state import PowerState
from minova.compute.vm_states import VMState
from minova.context import RequestContext
from minova.objects.instance import Instance

LOG = logging.getLogger("minova.compute.manager")

_EVENT: Final = "compute_sync_power_state"
_LATE: Final = {
    (VMState.ACTIVE, PowerState.PAUSED): PAUSE,
    (VMState.ERROR, PowerState.RUNNING): CREATE,
    (VMState.ERROR, PowerState.NOSTATE): DELETE,
}
"""What must have failed on record for a guest to be where its server is not."""


class Follow:
    """Changes rows of one host, by what its guests do unasked."""

    def __init__(self, manager: ComputeManager) -> None:
        self._manager = manager
        self._db = manager.db

    def resumed(self, instance: Instance) -> None:
        """A paused server whose guest runs: somebody resumed it by hand.

        Nova leaves the server ``paused``: it can be neither paused nor used.
        """
        if self._moved(instance, UNPAUSE, PowerState.RUNNING):
            LOG.warning(
                "Paused instance was resumed unexpectedly. It is active again.",
                instance_uuid=instance.uuid,
            )

    def what_failed(self, instance: Instance, vm_power_state: PowerState) -> bool:
        """An action that failed on record and was done by the hypervisor after all.

        The call that ran into its time limit has come back, or libvirtd read it long
        after the one who made it was gone.

        Returns:
            Whether there is such an action.
        """
        action = _LATE.get((instance.vm_state, vm_power_state))
        if action is None or not self._has_failed(instance, action):
            return False
        if action is DELETE:
            LOG.warning(
                "Instance is gone after its delete had failed. Deleting it.",
                instance_uuid=instance.uuid,
            )
            self._delete(instance)
        elif self._moved(instance, action, vm_power_state):
            LOG.warning(
                "The %s that had failed has been done after all. Instance is %s now.",
                action.name,
                action.target_vm_state,
                instance_uuid=instance.uuid,
            )
        return True

    def stop(self, instance: Instance, vm_power_state: PowerState) -> None:
        """Stop a server as a request would, and its guest if need be."""
        with on_guest(instance.uuid):
            if self._manager.get_power_state(instance) is not vm_power_state:
                return
            context = _context(instance)
            force = dataclasses.replace(STOP, vm_states=frozenset({instance.vm_state}))
            if self._db.instance_claim(context, instance.uuid, force) is None:
                return
        self._manager.stop_instance(context, instance.uuid)

    def _delete(self, instance: Instance) -> None:
        context = _context(instance)
        if self._db.instance_claim(context, instance.uuid, DELETE) is not None:
            self._manager.terminate_instance(context, instance.uuid)

    def _moved(
        self, instance: Instance, action: Action, vm_power_state: PowerState
    ) -> bool:
        with on_guest(instance.uuid):
            if self._manager.get_power_state(instance) is not vm_power_state:
                return False
            return self._db.instance_follow(
                _context(instance), instance, action, _EVENT, vm_power_state
            )

    def _has_failed(self, instance: Instance, action: Action) -> bool:
        """Whether a host began on such an action, and nothing has succeeded since."""
        for record in self._db.action_list(instance.uuid):
            if record.message != "Error":
                return False
            if record.action == action.name:
                begun = self._db.action_get(instance.uuid, record.request_id)
                if begun is not None and any(event.host for event in begun.events):
                    return True
        return False


def _context(instance: Instance) -> RequestContext:
    return RequestContext(
        is_admin=True,
        user_id=instance.user_id,
        project_id=instance.project_id,
        overwrite=False,
    )
