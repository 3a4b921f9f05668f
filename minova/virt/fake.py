# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A fake hypervisor: a dictionary of guests.

For trying minova without a hypervisor, for many hosts on one machine, and for tests.
"""

import contextlib
import dataclasses
import platform
import queue
import threading
from collections.abc import Iterator
from typing import Final

from minova import exception
from minova.context import RequestContext
from minova.objects.diagnostics import Diagnostics
from minova.objects.flavor import Flavor
from minova.objects.host import Resources
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt import driver, uptime
from minova.virt.driver import IsWanted, RebootType, Shutdown
from minova.virt.event import LifecycleEvent, Transition
from minova.vocabulary.guest_state import BY_POWER_STATE, GuestState
from minova.vocabulary.power_state import OFF, PowerState

_POWER_STATES: Final = {
    GuestState.PAUSED: PowerState.PAUSED,
    GuestState.OFF: PowerState.SHUTDOWN,
    GuestState.SAVED: PowerState.SHUTDOWN,
}


@dataclasses.dataclass(slots=True)
class _Guest:
    power_state: PowerState = PowerState.RUNNING
    is_saved: bool = False
    is_rescued: bool = False

    @property
    def state(self) -> GuestState:
        if self.power_state in OFF:
            return GuestState.SAVED if self.is_saved else GuestState.OFF
        if self.power_state is PowerState.RUNNING and self.is_rescued:
            return GuestState.RESCUED
        return BY_POWER_STATE[self.power_state]


class FakeDriver(driver.ComputeDriver):
    """Guests without a system, so every action is done at once.

    They power off as soon as they are asked to, and are gone when the process ends.
    """

    def __init__(self, hostname: str, vcpus: int = 64, memory_mb: int = 65536) -> None:
        self._hostname = hostname
        self._vcpus = vcpus
        self._memory_mb = memory_mb
        self._guests: dict[str, _Guest] = {}
        self._lock = threading.Lock()
        self._events: queue.SimpleQueue[LifecycleEvent | None] = queue.SimpleQueue()

    def init_host(self, listener: driver.EventListener) -> None:
        super().init_host(listener)
        threading.Thread(
            target=self._emit_events, name="lifecycle-events", daemon=True
        ).start()

    def close(self) -> None:
        super().close()
        self._events.put(None)

    def restore(self, instance_uuid: str, state: GuestState) -> None:
        """Add a guest in this state, as if it had always been there."""
        power_state = _POWER_STATES.get(state, PowerState.RUNNING)
        with self._lock:
            self._guests[instance_uuid] = _Guest(
                power_state,
                is_saved=state is GuestState.SAVED,
                is_rescued=state is GuestState.RESCUED,
            )

    def spawn(self, instance: Instance, image: Image) -> None:
        with self._lock:
            self._guests[instance.uuid] = _Guest()
        self._tell(instance.uuid, Transition.STARTED)

    def pause(self, instance: Instance) -> None:
        with self._guest_that_is_on(instance) as guest:
            self._move(instance, guest, PowerState.PAUSED, Transition.PAUSED)

    def unpause(self, instance: Instance) -> None:
        with self._guest_that_is_on(instance) as guest:
            self._move(instance, guest, PowerState.RUNNING, Transition.RESUMED)

    def suspend(self, instance: Instance) -> None:
        with self._guest(instance) as guest:
            if guest.state is GuestState.OFF:
                raise exception.InstanceNotRunning(instance.uuid)
            guest.is_saved = True
            told = Transition.PAUSED, Transition.STOPPED
            self._move(instance, guest, PowerState.SHUTDOWN, *told)

    def resume(self, instance: Instance) -> None:
        with self._guest(instance) as guest:
            if guest.state is GuestState.OFF:
                raise exception.SavedMemoryGone(instance.uuid)
            guest.is_saved = False
            told = Transition.STARTED, Transition.RESUMED
            self._move(instance, guest, PowerState.RUNNING, *told)

    def power_off(self, instance: Instance, shutdown: Shutdown | None = None) -> None:
        with self._guest(instance) as guest:
            self._move(instance, guest, PowerState.SHUTDOWN, Transition.STOPPED)

    def power_on(self, instance: Instance) -> None:
        self._boot(instance)

    def reboot(
        self, instance: Instance, reboot_type: RebootType, is_wanted: IsWanted
    ) -> None:
        self._boot(instance)

    def rescue(
        self, instance: Instance, image: Image, admin_password: str | None
    ) -> None:
        self._boot(instance, is_rescued=True)

    def unrescue(self, instance: Instance) -> None:
        self._boot(instance)

    def migrate_disk(self, instance: Instance, flavor: Flavor) -> None:
        with self._guest(instance):
            pass  # a fake guest has no disk

    def finish_migration(
        self, instance: Instance, flavor: Flavor, *, power_on: bool
    ) -> None:
        with self._guest(instance):
            pass  # a fake guest has no size
        if power_on:
            self._boot(instance)

    def confirm_migration(self, instance: Instance) -> None:
        pass

    def finish_revert_migration(
        self, instance: Instance, flavor: Flavor, *, power_on: bool
    ) -> None:
        self.finish_migration(instance, flavor, power_on=power_on)

    def destroy(self, instance: Instance) -> None:
        with self._lock:
            self._guests.pop(instance.uuid, None)

    def get_power_state(self, instance: Instance) -> PowerState:
        try:
            with self._guest(instance) as guest:
                return guest.power_state
        except exception.InstanceNotFound:
            return PowerState.NOSTATE

    def get_guest_state(self, instance: Instance) -> GuestState:
        try:
            with self._guest(instance) as guest:
                return guest.state
        except exception.InstanceNotFound:
            return GuestState.GONE

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
            cpu_info={"arch": platform.machine()},
        )

    def _boot(self, instance: Instance, *, is_rescued: bool = False) -> None:
        with self._guest(instance):
            self._guests[instance.uuid] = _Guest(is_rescued=is_rescued)
        self._tell(instance.uuid, Transition.STARTED)

    @contextlib.contextmanager
    def _guest(self, instance: Instance) -> Iterator[_Guest]:
        """Find a guest, and hold the lock while the caller uses it."""
        with self._lock:
            if instance.uuid not in self._guests:
                raise exception.InstanceNotFound(instance.uuid)
            yield self._guests[instance.uuid]

    @contextlib.contextmanager
    def _guest_that_is_on(self, instance: Instance) -> Iterator[_Guest]:
        with self._guest(instance) as guest:
            if guest.power_state in OFF:
                raise exception.InstanceNotRunning(instance.uuid)
            yield guest

    def _move(
        self, instance: Instance, guest: _Guest, to: PowerState, *told: Transition
    ) -> None:
        """Change a guest and emit the events, unless it is in this state already."""
        if guest.power_state is not to:
            guest.power_state = to
            self._tell(instance.uuid, *told)

    def _tell(self, instance_uuid: str, *transitions: Transition) -> None:
        if self._listener is None:
            return
        for transition in transitions:
            self._events.put(LifecycleEvent(instance_uuid, transition))

    def _emit_events(self) -> None:
        RequestContext.service()
        while (event := self._events.get()) is not None:
            self.emit_event(event)
