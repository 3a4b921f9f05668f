# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The hypervisor against the rows: lifecycle events, and a periodic look at all.

The rules and their lines are Nova's (``ComputeManager.handle_lifecycle_event``,
``_sync_instance_power_state``): what a guest does by itself is followed where the user
has a way out, and only logged where he is left to decide.
"""

from oslo_log import log as logging

from minova.compute.instance_actions import STOP
from minova.compute.manager import ComputeManager
from minova.compute.power_state import PowerState
from minova.compute.vm_states import VMState
from minova.context import RequestContext
from minova.objects.instance import Instance
from minova.virt.event import LifecycleEvent, Transition

LOG = logging.getLogger("minova.compute.manager")

_LEADS_TO = {
    Transition.STARTED: PowerState.RUNNING,
    Transition.RESUMED: PowerState.RUNNING,
    Transition.PAUSED: PowerState.PAUSED,
    Transition.STOPPED: PowerState.SHUTDOWN,
}
_OFF = frozenset({PowerState.SHUTDOWN, PowerState.CRASHED})


class PowerSync:
    """Follows the guests of one host."""

    def __init__(self, manager: ComputeManager) -> None:
        self._manager = manager
        self._db = manager.db

    def handle_lifecycle_event(self, event: LifecycleEvent) -> None:
        """Follow one event, unless the guest has moved on since."""
        LOG.info(
            "VM %s (Lifecycle Event)",
            event.transition,
            instance_uuid=event.instance_uuid,
        )
        instance = self._db.instance_get(event.instance_uuid)
        if instance is None or instance.host != self._manager.host:
            return
        vm_power_state = self._manager.get_power_state(instance)
        if vm_power_state is not _LEADS_TO[event.transition]:
            return
        LOG.debug(
            'Synchronizing instance power state after lifecycle event "%s"; current '
            "vm_state: %s, current task_state: %s, current DB power_state: %s, "
            "VM power_state: %s",
            event.transition,
            instance.vm_state,
            instance.task_state,
            int(instance.power_state),
            int(vm_power_state),
            instance_uuid=instance.uuid,
        )
        self._sync(instance, vm_power_state)

    def sync_all(self) -> None:
        """Compare every server of this host with its guest."""
        instances = self._db.instances_on(self._manager.host)
        guests = self._manager.driver.get_num_instances()
        if len(instances) != guests:
            LOG.warning(
                "While synchronizing instance power states, found %(num_db_instances)s "
                "instances in the database and %(num_vm_instances)s instances on the "
                "hypervisor.",
                {"num_db_instances": len(instances), "num_vm_instances": guests},
            )
        for instance in instances:
            try:
                self._sync(instance, self._manager.get_power_state(instance))
            except Exception:
                LOG.exception(
                    "Error while synchronizing power state",
                    instance_uuid=instance.uuid,
                )

    def _sync(self, instance: Instance, vm_power_state: PowerState) -> None:
        if instance.task_state is not None:
            LOG.info(
                "During sync_power_state the instance has a pending task (%s). Skip.",
                instance.task_state,
                instance_uuid=instance.uuid,
            )
            return
        if vm_power_state is not instance.power_state:
            LOG.info(
                "During _sync_instance_power_state the DB power_state (%s) does not "
                "match the vm_power_state from the hypervisor (%s). Updating "
                "power_state in the DB to match the hypervisor.",
                int(instance.power_state),
                int(vm_power_state),
                instance_uuid=instance.uuid,
            )
            if not self._db.instance_set_power_state(instance, vm_power_state):
                return
        if instance.vm_state is VMState.ACTIVE:
            self._sync_active(instance, vm_power_state)
        elif instance.vm_state is VMState.PAUSED and vm_power_state in _OFF:
            LOG.warning(
                "Paused instance shutdown by itself. Calling the stop API.",
                instance_uuid=instance.uuid,
            )
            self._stop(instance)

    def _sync_active(self, instance: Instance, vm_power_state: PowerState) -> None:
        uuid = instance.uuid
        if vm_power_state in _OFF:
            LOG.warning(
                "Instance shutdown by itself. Calling the stop API. Current vm_state: "
                "%s, current task_state: %s, original DB power_state: %s, current VM "
                "power_state: %s",
                instance.vm_state,
                instance.task_state,
                int(instance.power_state),
                int(vm_power_state),
                instance_uuid=uuid,
            )
            self._stop(instance)
        elif vm_power_state is PowerState.SUSPENDED:
            LOG.warning(
                "Instance is suspended unexpectedly. Calling the stop API.",
                instance_uuid=uuid,
            )
            self._stop(instance)
        elif vm_power_state is PowerState.PAUSED:
            LOG.warning("Instance is paused unexpectedly. Ignore.", instance_uuid=uuid)
        elif vm_power_state is PowerState.NOSTATE:
            LOG.warning(
                "Instance is unexpectedly not found. Ignore.", instance_uuid=uuid
            )

    def _stop(self, instance: Instance) -> None:
        """Stop a server as a request would: claimed and on record, under its own id."""
        context = RequestContext(
            is_admin=True,
            user_id=instance.user_id,
            project_id=instance.project_id,
            overwrite=False,
        )
        if self._db.instance_claim(context, instance.uuid, STOP) is not None:
            self._manager.stop_instance(context, instance.uuid)
