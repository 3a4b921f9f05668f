# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A hypervisor that fails or is slow when a fault orders it."""

import functools
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from minova import exception
from minova.api.faults import kinds
from minova.api.faults.fault import Fault, Meeting
from minova.api.faults.registry import Faults
from minova.objects.instance import Instance
from minova.virt.event import Transition
from minova.virt.fake import FakeDriver
from minova.vocabulary import instance_actions
from minova.vocabulary.instance_actions import Action
from minova.vocabulary.power_state import PowerState

Call = TypeVar("Call", bound=Callable[..., None])

DONE_BY: Final = {
    instance_actions.CREATE: "spawn",
    instance_actions.PAUSE: "pause",
    instance_actions.UNPAUSE: "unpause",
    instance_actions.SUSPEND: "suspend",
    instance_actions.RESUME: "resume",
    instance_actions.STOP: "power_off",
    instance_actions.START: "power_on",
    instance_actions.REBOOT_SOFT: "reboot",
    instance_actions.REBOOT_HARD: "reboot",
    instance_actions.RESCUE: "rescue",
    instance_actions.UNRESCUE: "unrescue",
    instance_actions.REBUILD: "spawn",
    instance_actions.RESIZE: "finish_migration",
    instance_actions.CONFIRM_RESIZE: "confirm_migration",
    instance_actions.REVERT_RESIZE: "finish_revert_migration",
    instance_actions.SOFT_DELETE: "power_off",
    instance_actions.RESTORE: "power_on",
    instance_actions.DELETE: "destroy",
}
"""For each action, the driver call that does its work.  Faults strike this call."""

_HOLDING: Final = (kinds.ACTION_TAKES, kinds.ACTION_HANGS)


class libvirtError(Exception):  # noqa: N801 - users see this name and nothing else
    """An error with the class name that Nova's faults show for errors of libvirt."""


def _meeting_faults(call: Call) -> Call:
    @functools.wraps(call)
    def meet_and_call(
        self: "FaultyDriver", instance: Instance, *args: Any, **kwargs: Any
    ) -> None:
        self.meet(call.__name__, instance)
        call(self, instance, *args, **kwargs)

    return cast("Call", meet_and_call)


class FaultyDriver(FakeDriver):
    """The fake driver of a host that can fail, hang or be down."""

    def __init__(
        self,
        hostname: str,
        vcpus: int,
        memory_mb: int,
        *,
        faults: Faults,
        is_wanted: Callable[[Instance], bool],
    ) -> None:
        """Begin without guests.

        Args:
            is_wanted: says whether the request that acts on a server still holds it.
        """
        super().__init__(hostname, vcpus, memory_mb)
        self._faults = faults
        self._is_wanted = is_wanted
        self.is_cut_off = threading.Event()
        """Set while the host is down.  Then delays end at once."""

    spawn = _meeting_faults(FakeDriver.spawn)
    pause = _meeting_faults(FakeDriver.pause)
    unpause = _meeting_faults(FakeDriver.unpause)
    suspend = _meeting_faults(FakeDriver.suspend)
    resume = _meeting_faults(FakeDriver.resume)
    power_off = _meeting_faults(FakeDriver.power_off)
    power_on = _meeting_faults(FakeDriver.power_on)
    reboot = _meeting_faults(FakeDriver.reboot)
    rescue = _meeting_faults(FakeDriver.rescue)
    unrescue = _meeting_faults(FakeDriver.unrescue)
    finish_migration = _meeting_faults(FakeDriver.finish_migration)
    confirm_migration = _meeting_faults(FakeDriver.confirm_migration)
    finish_revert_migration = _meeting_faults(FakeDriver.finish_revert_migration)
    destroy = _meeting_faults(FakeDriver.destroy)

    def happen(
        self, instance: Instance, power_state: PowerState, transition: Transition
    ) -> None:
        """Change a guest as if by itself; raises InstanceNotRunning: it is off."""
        with self._guest_that_is_on(instance) as guest:
            self._move(instance, guest, power_state, transition)

    def meet(self, call: str, instance: Instance) -> None:
        """Delay a call, or make it fail, if a fault orders it.

        Raises:
            TaskPreempted: another request took over the server during the delay.
            HypervisorLost: the host went down during the delay.
            libvirtError: with the message of the order.
        """
        action = _action_of(instance)
        if action is None or DONE_BY[action] != call:
            return
        meeting = Meeting(
            request_id=instance.claim_request_id,
            project_id=instance.project_id,
            server_id=instance.uuid,
            server_name=instance.display_name,
            host=instance.host,
            action=action.name,
        )
        struck = self._faults.strike((*_HOLDING, kinds.ACTION_FAILS), meeting)
        for fault in struck:
            if fault.kind != kinds.ACTION_FAILS.name:
                self._hold(fault, instance)
        for fault in struck:
            if fault.kind == kinds.ACTION_FAILS.name:
                said = fault.message or f"internal error: fault {fault.id} was ordered"
                raise libvirtError(said)

    def _hold(self, fault: Fault, instance: Instance) -> None:
        self._faults.hold(
            fault, lambda: self.is_cut_off.is_set() or not self._is_wanted(instance)
        )
        if self.is_cut_off.is_set():
            raise exception.HypervisorLost(instance.host)
        if not self._is_wanted(instance):
            raise exception.TaskPreempted(instance.uuid)


def _action_of(instance: Instance) -> Action | None:
    """Find the action that holds a server, by its task_state.

    If several actions have this task_state, the one that begins with it is taken.
    """
    if instance.task_state is None:
        return None
    rows = instance_actions.of_task_state(instance.task_state)
    first = (row for row in rows if row.task_state is instance.task_state)
    return next(first, rows[0] if rows else None)
