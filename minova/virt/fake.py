# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A hypervisor that is a dictionary.

For trying minova without one, for many hosts on one machine, and for tests.
"""

import threading

from minova import exception
from minova.compute.power_state import PowerState
from minova.objects.diagnostics import Diagnostics
from minova.objects.host import Resources
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt import driver, uptime
from minova.virt.event import LifecycleEvent, Transition


class FakeDriver(driver.ComputeDriver):
    """Guests that do nothing, at once.  They are gone when the process ends."""

    def __init__(self, hostname: str, vcpus: int = 64, memory_mb: int = 65536) -> None:
        self._hostname = hostname
        self._vcpus = vcpus
        self._memory_mb = memory_mb
        self._guests: dict[str, PowerState] = {}
        self._lock = threading.Lock()

    def spawn(self, instance: Instance, image: Image) -> None:
        with self._lock:
            self._guests[instance.uuid] = PowerState.RUNNING
        self.emit_event(LifecycleEvent(instance.uuid, Transition.STARTED))

    def pause(self, instance: Instance) -> None:
        self._move(instance, PowerState.PAUSED, Transition.PAUSED)

    def unpause(self, instance: Instance) -> None:
        self._move(instance, PowerState.RUNNING, Transition.RESUMED)

    def power_off(self, instance: Instance) -> None:
        self._move(instance, PowerState.SHUTDOWN, Transition.STOPPED)

    def destroy(self, instance: Instance) -> None:
        with self._lock:
            self._guests.pop(instance.uuid, None)

    def get_power_state(self, instance: Instance) -> PowerState:
        with self._lock:
            return self._guests.get(instance.uuid, PowerState.NOSTATE)

    def get_console_output(self, instance: Instance) -> str | None:
        if self.get_power_state(instance) is PowerState.NOSTATE:
            return None
        return "A fake guest has nothing to say\n"

    def get_diagnostics(self, instance: Instance) -> Diagnostics | None:
        if self.get_power_state(instance) is not PowerState.RUNNING:
            return None
        return Diagnostics(
            driver="fake",
            hypervisor="fake",
            cpu_times=(0,) * instance.flavor.vcpus,
            memory_kib=instance.flavor.memory_mb * 1024,
        )

    def get_num_instances(self) -> int:
        with self._lock:
            return len(self._guests)

    def get_available_resource(self) -> Resources:
        return Resources(
            vcpus=self._vcpus,
            memory_mb=self._memory_mb,
            local_gb=1024,
            hypervisor_type="fake",
            hypervisor_version=1000,
            hypervisor_hostname=self._hostname,
            disk_available_least=1024,
            uptime=uptime.read(),
        )

    def _move(self, instance: Instance, to: PowerState, transition: Transition) -> None:
        with self._lock:
            if instance.uuid not in self._guests:
                raise exception.InstanceNotFound(instance.uuid)
            self._guests[instance.uuid] = to
        self.emit_event(LifecycleEvent(instance.uuid, transition))
