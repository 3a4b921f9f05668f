# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Compare rows with their guests: after lifecycle events, and periodically.

The rules and their log lines are Nova's (``ComputeManager.handle_lifecycle_event``,
``_sync_instance_power_state``).  If a guest changes by itself, the row follows it where
the user can act on the new state.  Where the user must decide, the change is only
logged.  Where Nova leaves no way out, the row follows too (``minova.compute.follow``).

A guest that is off may be in the middle of a reboot.  The driver delays a STOPPED event
until a reboot would be over, so the event is trusted.  A check that finds a guest off
is not trusted: it makes the driver emit such an event (``ComputeDriver.found_off``).
"""

from typing import Final

from oslo_log import log as logging

from minova import exception
from minova.compute.follow import Follow
from minova.compute.manager import ComputeManager
from minova.objects.instance import Instance
from minova.virt.event import LifecycleEvent, Transition
from minova.vocabulary import instance_actions, vm_states
from minova.vocabulary.guest_state import BY_POWER_STATE, GuestState
from minova.vocabulary.power_state import OFF, PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import Surprise, Then

LOG = logging.getLogger("minova.compute.manager")

_GONE: Final = frozenset({PowerState.NOSTATE})
_LEADS_TO: Final = {
    Transition.STARTED: frozenset({PowerState.RUNNING}),
    Transition.RESUMED: frozenset({PowerState.RUNNING}),
    Transition.PAUSED: frozenset({PowerState.PAUSED}),
    # If the guest is undefined as well, no further event comes.
    Transition.STOPPED: OFF | _GONE,
}
_PASSES: Final = {
    GuestState.RUNNING: {PowerState.RUNNING},
    GuestState.RESCUED: {PowerState.RUNNING},
    GuestState.PAUSED: {PowerState.PAUSED},
    GuestState.OFF: {PowerState.SHUTDOWN},
    # The guest is paused while its memory is written.
    GuestState.SAVED: {PowerState.PAUSED, PowerState.SHUTDOWN},
    None: {PowerState.NOSTATE},
}
"""The power states that a guest may pass through, by the state after the action."""
_LATER: Final = (exception.HypervisorSilent, exception.GuestInHand)


class PowerSync:
    def __init__(self, manager: ComputeManager) -> None:
        self._manager = manager
        self._db = manager.db
        self._follow = Follow(manager)
        # The guests to check again: all of them until ``sync_all`` has succeeded.
        self._all_are_suspect = True
        self._suspects = manager.suspects

    def handle_lifecycle_event(self, event: LifecycleEvent) -> None:
        """Follow one event, unless the guest has changed again since.

        No second event comes.  So if the database or the hypervisor does not answer, or
        an action is working on the guest, the guest is checked again later.
        """
        LOG.info(
            "VM %s (Lifecycle Event)",
            event.transition,
            instance_uuid=event.instance_uuid,
        )
        try:
            self._follow_event(event)
        except (exception.Unavailable, *_LATER) as error:
            LOG.warning(
                "Cannot compare the instance with its guest now, will try again: %s",
                error,
                instance_uuid=event.instance_uuid,
            )
            self._suspects.add(event.instance_uuid)

    def _follow_event(self, event: LifecycleEvent) -> None:
        # Most events are echoes of what this process does now: no need to read the row.
        instance = self._manager.in_hand.row(event.instance_uuid)
        instance = instance or self._db.instance_get(event.instance_uuid)
        if instance is None or instance.host != self._manager.host:
            return
        told = _LEADS_TO[event.transition]
        if _is_expected(instance, told):
            # Nova's line.  The row explains the event: the hypervisor is not asked.
            LOG.debug("Checking state", instance_uuid=instance.uuid)
            (vm_power_state,) = told
        else:
            vm_power_state = self._manager.get_power_state(instance)
        if vm_power_state not in told:
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
        if not self._is_busy(instance, vm_power_state):
            surprise = self._surprise(instance, vm_power_state)
            self._sync(instance, vm_power_state, surprise)

    def sync_all(self) -> None:
        """Compare every server of this host with its guest."""
        self._all_are_suspect = True
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
            if not self._sync_one(instance):
                self._suspects.add(instance.uuid)
        self._all_are_suspect = False

    def sync_suspects(self) -> None:
        """Check the guests again that may have changed unseen.

        Raises:
            Unavailable, HypervisorSilent: the other guests are checked later.
        """
        suspects = self._manager.driver.take_suspects()
        if suspects is None or self._all_are_suspect:
            self.sync_all()
        self._suspects.update(suspects or ())
        for uuid in self._suspects.copy():
            # Discard it before the check: an action may add it again meanwhile.
            self._suspects.discard(uuid)
            try:
                instance = self._db.instance_get(uuid)
                looked_at = instance is None or self._sync_one(instance)
            except exception.Unavailable:
                self._suspects.add(uuid)
                raise
            if not looked_at:
                self._suspects.add(uuid)

    def _sync_one(self, instance: Instance) -> bool:
        """Compare a server with its guest, and return whether that was possible."""
        try:
            self._look(instance, self._manager.get_power_state(instance))
        except exception.HypervisorUnavailable:
            raise
        except (exception.DatabaseUnavailable, *_LATER) as error:
            LOG.debug(
                "Cannot synchronize power state: %s", error, instance_uuid=instance.uuid
            )
            return False
        except exception.GuestStartHangs as error:
            LOG.warning("%s", error, instance_uuid=instance.uuid)
        except Exception:
            LOG.exception(
                "Error while synchronizing power state", instance_uuid=instance.uuid
            )
        return True

    def _look(self, instance: Instance, vm_power_state: PowerState) -> None:
        if self._is_busy(instance, vm_power_state):
            return
        surprise = self._surprise(instance, vm_power_state)
        is_news = vm_power_state is not instance.power_state or (
            surprise is not None and surprise.then is Then.STOP
        )
        if vm_power_state in OFF and is_news:
            self._manager.driver.found_off(instance.uuid)
        else:
            self._sync(instance, vm_power_state, surprise)

    def _surprise(
        self, instance: Instance, vm_power_state: PowerState
    ) -> Surprise | None:
        """Return what is wrong with a guest.  If it is off, its memory may be saved."""
        guest = (
            self._manager.driver.get_guest_state(instance)
            if vm_power_state in OFF
            else BY_POWER_STATE[vm_power_state]
        )
        return vm_states.facts_of(instance.vm_state).surprises.get(guest)

    def _is_busy(self, instance: Instance, vm_power_state: PowerState) -> bool:
        """Whether an action holds the server.

        If the action does not explain the power state, the guest becomes suspect.  It
        also becomes suspect if the action does not end as it should.
        """
        if instance.task_state is None:
            return False
        LOG.info(
            "During sync_power_state the instance has a pending task (%s). Skip.",
            instance.task_state,
            instance_uuid=instance.uuid,
        )
        if vm_power_state not in _passes(instance.task_state):
            # The action may end without noticing the change.
            self._suspects.add(instance.uuid)
        return True

    def _sync(
        self, instance: Instance, vm_power_state: PowerState, surprise: Surprise | None
    ) -> None:
        if vm_power_state is not instance.power_state:
            if not self._db.instance_set_power_state(instance, vm_power_state):
                return
            LOG.info(
                "During _sync_instance_power_state the DB power_state (%s) does not "
                "match the vm_power_state from the hypervisor (%s). Updating "
                "power_state in the DB to match the hypervisor.",
                int(instance.power_state),
                int(vm_power_state),
                instance_uuid=instance.uuid,
            )
        if surprise is not None:
            self._answer(surprise, instance, vm_power_state)

    def _answer(
        self, surprise: Surprise, instance: Instance, vm_power_state: PowerState
    ) -> None:
        if surprise.then is Then.LATE and self._follow.what_failed(
            instance, vm_power_state
        ):
            return
        if surprise.then is Then.FOLLOW and not self._follow.led_by_hand(
            instance, str(surprise.action), vm_power_state
        ):
            return
        if surprise.line is not None:
            states = _states(instance, vm_power_state) if surprise.with_states else ""
            LOG.warning("%s%s", surprise.line, states, instance_uuid=instance.uuid)
        if surprise.then is Then.STOP:
            self._follow.stop(instance, vm_power_state)


def _is_expected(instance: Instance, told: frozenset[PowerState]) -> bool:
    """Whether the row explains an event, by its task or by its states.

    If the guest has changed again since, another event comes.
    """
    if len(told) > 1:
        return False
    if instance.task_state is not None:
        return told <= _passes(instance.task_state)
    surprises = vm_states.facts_of(instance.vm_state).surprises
    return told == {instance.power_state} and not told & surprises.keys()


def _passes(task_state: TaskState) -> set[PowerState]:
    """Return the power states that a guest may have during a task.

    A task that only another version knows allows all of them.
    """
    rows = instance_actions.of_task_state(task_state)
    if not rows:
        return set(PowerState)
    return {each for row in rows for each in _PASSES.get(row.done_when, ())}


def _states(instance: Instance, vm_power_state: PowerState) -> str:
    return (
        f" Current vm_state: {instance.vm_state}, current task_state: "
        f"{instance.task_state}, original DB power_state: {int(instance.power_state)}, "
        f"current VM power_state: {int(vm_power_state)}"
    )
