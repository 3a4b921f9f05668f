# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""LibvirtDriver: finds a guest and tells it one thing."""

import contextlib
import dataclasses
import pathlib
import shutil
from typing import Final

import libvirt
from oslo_log import log as logging

from minova import exception
from minova.objects.diagnostics import Diagnostics
from minova.objects.flavor import Flavor
from minova.objects.host import Resources
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt import driver, uptime
from minova.virt.driver import IsWanted, RebootType, Shutdown
from minova.virt.libvirt import console, power_button, xml
from minova.virt.libvirt.booting import Booting
from minova.virt.libvirt.calls import HYPERVISOR
from minova.virt.libvirt.door import Door
from minova.virt.libvirt.files import Files
from minova.virt.libvirt.guest import Guest
from minova.virt.libvirt.host import Host
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.power_state import PowerState

LOG = logging.getLogger(__name__)

_GIB: Final = 1024**3
_MEMORY_RATE: Final = 32
"""MiB of memory that a slow host writes to disk, or reads from it, in a second."""
_START_BLOCKS: Final = 15.0
"""Extra seconds to ask about a guest that is starting: libvirt itself waits for 30."""
_PATIENCE: Final = 3.0
"""Seconds for a question that changes nothing; n-api waits for 4."""


class LibvirtDriver(driver.ComputeDriver):
    """Guests of one libvirt, each with its own folder."""

    def __init__(
        self,
        host: Host,
        instances_path: pathlib.Path,
        deployment_id: str,
        virt_type: str,
        call_timeout: float = 20,
        *,
        soft_reboot_timeout: float = 120,
    ) -> None:
        """Connect to nothing yet.

        Args:
            call_timeout: seconds to wait for libvirt before giving up a call.
            soft_reboot_timeout: seconds that a guest has to power itself off, before
                its power is cut.
        """
        self._host = host
        self._door = Door(host, call_timeout)
        self._virt_type = virt_type
        self._soft_reboot_timeout = soft_reboot_timeout
        self._files = Files(instances_path)
        self._booting = Booting(
            host, self._files, self._door.still_wanted, deployment_id, virt_type
        )

    def init_host(self, listener: driver.EventListener) -> None:
        super().init_host(listener)
        self._host.watch(self.emit_event)

    def close(self) -> None:
        super().close()
        self._host.close()

    def found_off(self, instance_uuid: str) -> None:
        self._host.found_off(instance_uuid)

    def spawn(self, instance: Instance, image: Image) -> None:
        self.destroy(instance)
        self._files.create(instance, image)
        self._door.call(
            instance.uuid, "start", lambda: self._booting.boot_new(instance, image)
        )
        LOG.debug("Guest created on hypervisor", instance_uuid=instance.uuid)

    def pause(self, instance: Instance) -> None:
        self._door.tell(instance, "pause", Guest.pause)

    def unpause(self, instance: Instance) -> None:
        def unpause(guest: Guest) -> None:
            guest.resume()
            guest.sync_guest_time()

        self._door.tell(instance, "unpause", unpause)

    def suspend(self, instance: Instance) -> None:
        self._door.tell(instance, "suspend", Guest.save_memory, _longer(instance))

    def resume(self, instance: Instance) -> None:
        def resume(guest: Guest) -> None:
            guest.go_on()
            LOG.info("Instance running successfully.", instance_uuid=instance.uuid)
            guest.sync_guest_time()

        self._door.tell(instance, "resume", resume, _longer(instance))

    def power_off(self, instance: Instance, shutdown: Shutdown | None = None) -> None:
        if shutdown is None or not shutdown.timeout:
            self._cut_power(instance)
            return
        was_on = power_button.press(self._door.ask, instance)
        with self._door.begun():
            if was_on:
                power_button.wait_until_off(self._door.ask, instance, shutdown)
            else:
                LOG.info("Instance already shutdown.", instance_uuid=instance.uuid)
            self._cut_power(instance)

    def power_on(self, instance: Instance) -> None:
        self._reboot_hard(instance)

    def reboot(
        self, instance: Instance, reboot_type: RebootType, is_wanted: IsWanted
    ) -> None:
        if reboot_type is RebootType.SOFT:
            if self._reboot_soft(instance, is_wanted):
                LOG.info(
                    "Instance soft rebooted successfully.", instance_uuid=instance.uuid
                )
                return
            LOG.warning(
                "Failed to soft reboot instance. Trying hard reboot.",
                instance_uuid=instance.uuid,
            )
            with self._door.begun():
                self._reboot_hard(instance)
        else:
            self._reboot_hard(instance)

    def rescue(
        self, instance: Instance, image: Image, admin_password: str | None
    ) -> None:
        # Store the description, if needed, before the domain gets the rescue image.
        self._own_description(instance)
        LOG.info("Attempting rescue", instance_uuid=instance.uuid)
        self._cut_power_if_there(instance)
        with self._door.begun():
            self._files.create_rescue(instance, image, admin_password)
            self._door.call(
                instance.uuid,
                "rescue",
                lambda: self._booting.boot_rescue(instance, image),
            )

    def unrescue(self, instance: Instance) -> None:
        self._boot_own_system(instance, "unrescue")

    def migrate_disk(self, instance: Instance, flavor: Flavor) -> None:
        self._files.grow_disk(instance, flavor)

    def finish_migration(
        self, instance: Instance, flavor: Flavor, *, power_on: bool
    ) -> None:
        description = xml.resized(self._own_description(instance), flavor)
        self._files.keep_description(instance, description)
        change = self._booting.boot if power_on else self._booting.define
        self._door.call(instance.uuid, "resize", lambda: change(instance, description))
        if power_on:
            LOG.info("Instance running successfully.", instance_uuid=instance.uuid)

    def confirm_migration(self, instance: Instance) -> None:
        self._files.delete_kept_disk(instance)

    def finish_revert_migration(
        self, instance: Instance, flavor: Flavor, *, power_on: bool
    ) -> None:
        self._files.put_disk_back(instance)
        self.finish_migration(instance, flavor, power_on=power_on)

    def destroy(self, instance: Instance) -> None:
        try:
            self._door.tell(instance, "destroy", Guest.delete)
        except exception.InstanceNotFound:
            LOG.debug("There is no guest to destroy", instance_uuid=instance.uuid)
        else:
            LOG.info("Instance destroyed successfully.", instance_uuid=instance.uuid)
        self._host.forget(instance.uuid)
        self._files.delete(instance)

    def get_power_state(self, instance: Instance) -> PowerState:
        try:
            return self._door.ask(
                instance, "state", lambda guest: guest.power_state, known=True
            )
        except exception.InstanceNotFound:
            return PowerState.NOSTATE

    def get_guest_state(self, instance: Instance) -> GuestState:
        def look(guest: Guest) -> GuestState:
            state = guest.state
            guest.forget_what_was_read()
            return state

        try:
            starting = self._door.ask(
                instance, "state", lambda guest: guest.is_starting
            )
            longer = _START_BLOCKS if starting else None
            return self._door.ask(instance, "state", look, longer=longer)
        except exception.InstanceNotFound:
            return GuestState.GONE

    def get_console_output(self, instance: Instance) -> str | None:
        def through_libvirt(path: pathlib.Path, size: int) -> bytes:
            return self._door.call(
                instance.uuid,
                "console",
                lambda: console.tail_through_libvirt(self._host.connection, path, size),
                patience=_PATIENCE,
            )

        return console.read(self._files.folder_of(instance), through_libvirt)

    def get_num_instances(self) -> int:
        return self._door.call(
            HYPERVISOR, "list", lambda: len(self._host.list_guests())
        )

    def get_diagnostics(self, instance: Instance) -> Diagnostics | None:
        def ask(guest: Guest) -> Diagnostics | None:
            return guest.diagnostics(self._virt_type)

        try:
            return self._door.ask(instance, "diagnostics", ask, patience=_PATIENCE)
        except exception.InstanceNotFound:
            return None

    def get_available_resource(self) -> Resources:
        disk = shutil.disk_usage(self._files.nearest_folder())
        return dataclasses.replace(
            self._door.call(HYPERVISOR, "resources", self._host.get_available_resource),
            local_gb=disk.total // _GIB,
            disk_available_least=disk.free // _GIB,
            uptime=uptime.read(),
        )

    def take_suspects(self) -> set[str] | None:
        return self._door.take_suspects()

    def _own_description(self, instance: Instance) -> str:
        """Return the domain XML with which the guest boots its own system."""
        description = self._files.description_of(instance)
        if description is None:
            # An earlier version made the guest, and could not rescue it.
            description = self._door.ask(
                instance, "describe", lambda guest: guest.description
            )
            self._files.keep_description(instance, description)
        return description

    def _boot_own_system(self, instance: Instance, what: str) -> None:
        description = self._own_description(instance)
        self._cut_power_if_there(instance)
        with self._door.begun():
            # Delete before the boot: a running guest shows that the action is complete.
            self._files.delete_rescue(instance)
            self._door.call(
                instance.uuid, what, lambda: self._booting.boot(instance, description)
            )

    def _reboot_hard(self, instance: Instance) -> None:
        self._boot_own_system(instance, "reboot")
        LOG.info("Instance rebooted successfully.", instance_uuid=instance.uuid)

    def _reboot_soft(self, instance: Instance, is_wanted: IsWanted) -> bool:
        """Return whether the guest powered itself off and was started again."""
        run = power_button.press_for_restart(self._door.ask, instance)
        if run is None:
            return False
        timeout = self._soft_reboot_timeout
        with self._door.begun():
            try:
                return power_button.restart(
                    self._door.ask, instance, run, timeout, is_wanted
                )
            except libvirt.libvirtError as error:
                LOG.debug(
                    "Instance soft reboot failed: %s",
                    error,
                    instance_uuid=instance.uuid,
                )
                return False

    def _cut_power(self, instance: Instance) -> None:
        self._door.tell(instance, "power off", Guest.power_off)
        LOG.info("Instance destroyed successfully.", instance_uuid=instance.uuid)

    def _cut_power_if_there(self, instance: Instance) -> None:
        """Cut the power.  A missing guest is no error: the caller defines it again."""
        with contextlib.suppress(exception.InstanceNotFound):
            self._cut_power(instance)


def _longer(instance: Instance) -> float:
    """Return extra seconds, for a call that writes a guest's memory or reads it."""
    return instance.flavor.memory_mb / _MEMORY_RATE
