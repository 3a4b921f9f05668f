# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Guests that change without a request; the host gets the usual events."""

from typing import Final

from minova import exception
from minova.api.faults import kinds
from minova.api.faults.fault import Fault, Meeting
from minova.api.faults.registry import Faults
from minova.local.hosts import Hosts
from minova.objects.instance import Instance
from minova.virt.event import Transition
from minova.vocabulary.power_state import PowerState

_TO: Final = {
    kinds.GUEST_CRASHES.name: (PowerState.CRASHED, Transition.STOPPED),
    kinds.GUEST_STOPS.name: (PowerState.SHUTDOWN, Transition.STOPPED),
    kinds.GUEST_PAUSES.name: (PowerState.PAUSED, Transition.PAUSED),
}


class Guests:
    """The guests of a cloud."""

    def __init__(self, hosts: Hosts, faults: Faults) -> None:
        self._hosts = hosts
        self._faults = faults

    def begin(self, fault: Fault, instance: Instance | None) -> None:
        """Change the guest; raises Conflict: it is off, or in this state already."""
        assert instance is not None
        to, transition = _TO[fault.kind]
        driver = self._hosts.guest_of(instance)
        if driver.get_power_state(instance) is to:
            raise exception.Conflict(f"The guest of {instance.uuid} is {to.name}.")
        try:
            driver.happen(instance, to, transition)
        except (exception.InstanceNotRunning, exception.InstanceNotFound) as error:
            raise exception.Conflict(str(error)) from error
        self._faults.note(
            fault.id,
            Meeting(
                project_id=instance.project_id,
                server_id=instance.uuid,
                server_name=instance.display_name,
                host=instance.host,
            ),
        )

    def end(self, fault: Fault) -> None:
        """Do nothing: the change of the guest is not undone."""
