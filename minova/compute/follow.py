# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Make rows follow their guests.

Each change is recorded as an action with its own request id.  Before a row is changed,
its guest is locked and checked again, because it may have changed since the first
check.  If an action is working on the guest, nothing waits for it: ``GuestInHand`` is
raised, and the guest is checked later.
"""

import dataclasses
from typing import Final

from oslo_log import log as logging

from minova.compute.manager import ComputeManager
from minova.compute.performs import on_free_guest
from minova.context import RequestContext
from minova.objects.instance import Instance
from minova.vocabulary import instance_actions
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import DELETE, STOP, Action
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState

LOG = logging.getLogger("minova.compute.manager")

_EVENT: Final = "compute_sync_power_state"
_AT_ONCE: Final = {"clean_shutdown": False}
"""A guest that changed by itself is not asked to power itself off."""


class Follow:
    def __init__(self, manager: ComputeManager) -> None:
        self._manager = manager
        self._db = manager.db

    def led_by_hand(
        self, instance: Instance, action: str, vm_power_state: PowerState
    ) -> bool:
        """Follow a guest that somebody brought by hand to the state after an action.

        Nova's row does not follow such a guest.  A ``paused`` server can then be
        neither paused nor used, and a ``suspended`` server cannot be resumed.  Nova
        stops a server whose guest's memory was saved, and its next start forgets the
        memory.

        Returns:
            False if the guest has changed again, or an action holds the server.
        """
        row = instance_actions.BY_NAME[action]
        return self._moved(instance, row, vm_power_state)

    def what_failed(self, instance: Instance, vm_power_state: PowerState) -> bool:
        """Follow an action that is recorded as failed but was done after all.

        The action's call took longer than the time limit, or libvirtd read the call
        long after the caller was gone.

        Returns:
            Whether there is such an action.
        """
        action = self._late(instance)
        if action is None:
            return False
        if action is DELETE:
            LOG.warning(
                "The guest is gone, although its delete failed. Deleting the instance.",
                instance_uuid=instance.uuid,
            )
            self._delete(instance)
        elif self._moved(instance, action, vm_power_state):
            LOG.warning(
                "The %s was recorded as failed, but it happened later. The instance is "
                "now %s.",
                action.name,
                action.leads_to,
                instance_uuid=instance.uuid,
            )
        return True

    def stop(self, instance: Instance, vm_power_state: PowerState) -> None:
        """Stop a server as a request would, and also its guest if that is not off."""
        with on_free_guest(instance.uuid):
            if self._manager.get_power_state(instance) is not vm_power_state:
                return
            context = context_of(instance)
            force = dataclasses.replace(STOP, vm_states=frozenset({instance.vm_state}))
            if not self._db.instance_claim(context, instance.uuid, force, _AT_ONCE):
                return
        self._manager.stop_instance(context, instance.uuid)

    def _delete(self, instance: Instance) -> None:
        context = context_of(instance)
        with on_free_guest(instance.uuid):
            if not self._db.instance_claim(context, instance.uuid, DELETE):
                return
        self._manager.terminate_instance(context, instance.uuid)

    def _moved(
        self, instance: Instance, action: Action, vm_power_state: PowerState
    ) -> bool:
        with on_free_guest(instance.uuid):
            guest = self._manager.driver.get_guest_state(instance)
            if guest is not action.done_when:
                return False
            return self._db.instance_follow(
                context_of(instance), instance, action, _EVENT, vm_power_state
            )

    def _late(self, instance: Instance) -> Action | None:
        """Find a failed action that leads to the guest's state.

        A host must have started the action, and no later action may have succeeded.
        """
        guest_state = self._manager.driver.get_guest_state(instance)
        for record in self._db.action_list(instance.uuid):
            if record.message != "Error":
                return None
            for action in instance_actions.ALL:
                if (
                    action.name == record.action
                    and instance.vm_state in _left_by_failure(action)
                    and guest_state is _end_of(action)
                    and self._was_begun(instance, record.request_id, action)
                ):
                    return action
        return None

    def _was_begun(self, instance: Instance, request_id: str, action: Action) -> bool:
        record = self._db.action_get(instance.uuid, request_id)
        return record is not None and any(
            event.host and event.event == action.event for event in record.events
        )


def _end_of(action: Action) -> GuestState | None:
    """Return the state of a guest after an action.  After a delete it is GONE."""
    return GuestState.GONE if action is DELETE else action.done_when


def _left_by_failure(action: Action) -> frozenset[VMState]:
    if action.failed_vm_state is None:
        return action.vm_states
    return frozenset({action.failed_vm_state})


def context_of(instance: Instance) -> RequestContext:
    """Make a new request in the owner's name, for an action that nobody asked for."""
    return RequestContext(
        is_admin=True,
        user_id=instance.user_id,
        project_id=instance.project_id,
        overwrite=False,
    )
