# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""LibvirtDriver: find the guest, tell it one thing."""

import dataclasses
import pathlib
import shutil
import threading
from collections.abc import Callable
from typing import Final, TypeVar

import libvirt
from oslo_log import log as logging

from minova import exception
from minova.compute.power_state import PowerState
from minova.objects.diagnostics import Diagnostics
from minova.objects.host import Resources
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt import config_drive, driver, uptime
from minova.virt.libvirt import console, xml
from minova.virt.libvirt.calls import HYPERVISOR, Calls
from minova.virt.libvirt.disks import Disks
from minova.virt.libvirt.guest import Guest
from minova.virt.libvirt.host import Host

LOG = logging.getLogger(__name__)

T = TypeVar("T")

_GIB: Final = 1024**3
_PATIENCE: Final = 3.0
"""Seconds for a question that changes nothing: who asked n-api waits for 4."""


class LibvirtDriver(driver.ComputeDriver):
    """Guests of one libvirt, each with a folder of its own."""

    def __init__(
        self,
        host: Host,
        instances_path: pathlib.Path,
        deployment_id: str,
        virt_type: str,
        call_timeout: float = 20,
    ) -> None:
        """Connect to nothing yet.

        Args:
            call_timeout: seconds to wait for libvirt before giving a call up.
        """
        self._calls = Calls(call_timeout, self._suspect)
        self._lock = threading.Lock()
        self._suspects: set[str] = set()
        self._connections_seen = 1
        self._host = host
        self._instances_path = instances_path
        self._deployment_id = deployment_id
        self._virt_type = virt_type
        self._disks = Disks(instances_path)

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
        folder = self._folder(instance)
        LOG.debug("Creating instance directory", instance_uuid=instance.uuid)
        # Others may pass through: QEMU runs as a user of libvirt's.
        folder.mkdir(mode=0o755, parents=True)
        base = self._create_files(instance, image, folder)

        def describe(name: str) -> str:
            return xml.domain(
                instance,
                image,
                name=name,
                deployment_id=self._deployment_id,
                virt_type=self._virt_type,
                arch=self._host.arch,
                folder=folder,
                base=base,
            )

        def start() -> None:
            guest = self._host.define(describe, instance.name, instance.uuid)
            self._calls.still_wanted()
            guest.launch()

        self._call(instance.uuid, "start", start)
        LOG.debug("Guest created on hypervisor", instance_uuid=instance.uuid)

    def pause(self, instance: Instance) -> None:
        self._tell(instance, "pause", Guest.pause)

    def unpause(self, instance: Instance) -> None:
        def unpause(guest: Guest) -> None:
            guest.resume()
            guest.sync_guest_time()

        self._tell(instance, "unpause", unpause)

    def power_off(self, instance: Instance) -> None:
        self._tell(instance, "power off", Guest.power_off)

    def destroy(self, instance: Instance) -> None:
        try:
            self._tell(instance, "destroy", Guest.delete)
        except exception.InstanceNotFound:
            LOG.debug("There is no guest to destroy", instance_uuid=instance.uuid)
        else:
            LOG.info("Instance destroyed successfully.", instance_uuid=instance.uuid)
        self._delete_files(instance)

    def get_power_state(self, instance: Instance) -> PowerState:
        def ask(guest: Guest) -> PowerState:
            return guest.power_state

        try:
            return self._ask(instance, "state", ask)
        except exception.InstanceNotFound:
            return PowerState.NOSTATE

    def get_console_output(self, instance: Instance) -> str | None:
        folder = self._folder(instance)

        def through_libvirt(path: pathlib.Path, size: int) -> bytes:
            return self._call(
                instance.uuid,
                "console",
                lambda: console.tail_through_libvirt(self._host.connection, path, size),
                patience=_PATIENCE,
            )

        return console.read(folder, through_libvirt)

    def get_num_instances(self) -> int:
        return self._call(HYPERVISOR, "list", lambda: len(self._host.list_guests()))

    def get_diagnostics(self, instance: Instance) -> Diagnostics | None:
        def ask(guest: Guest) -> Diagnostics | None:
            return guest.diagnostics(self._virt_type)

        try:
            return self._ask(instance, "diagnostics", ask, patience=_PATIENCE)
        except exception.InstanceNotFound:
            return None

    def get_available_resource(self) -> Resources:
        disk = shutil.disk_usage(self._nearest_folder())
        return dataclasses.replace(
            self._call(HYPERVISOR, "resources", self._host.get_available_resource),
            local_gb=disk.total // _GIB,
            disk_available_least=disk.free // _GIB,
            uptime=uptime.read(),
        )

    def take_suspects(self) -> set[str] | None:
        with self._lock:
            suspects, self._suspects = self._suspects, set()
            seen, self._connections_seen = (
                self._connections_seen,
                max(self._connections_seen, self._host.connections),
            )
            return None if self._connections_seen > seen else suspects

    def _suspect(self, uuid: str) -> None:
        if uuid != HYPERVISOR:
            with self._lock:
                self._suspects.add(uuid)

    def _tell(
        self, instance: Instance, what: str, change: Callable[[Guest], None]
    ) -> None:
        def tell(guest: Guest) -> None:
            self._calls.still_wanted()
            change(guest)

        self._ask(instance, what, tell)

    def _ask(
        self,
        instance: Instance,
        what: str,
        question: Callable[[Guest], T],
        patience: float | None = None,
    ) -> T:
        """Find a guest and turn to it.

        Raises:
            InstanceNotFound: there is none, or it has vanished meanwhile: somebody may
                undefine a domain between any two calls.
        """

        def ask() -> T:
            guest = self._host.get_guest(instance.uuid)
            try:
                return question(guest)
            except libvirt.libvirtError as error:
                if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                    raise exception.InstanceNotFound(instance.uuid) from error
                raise

        return self._call(instance.uuid, what, ask, patience)

    def _call(
        self,
        uuid: str,
        what: str,
        function: Callable[[], T],
        patience: float | None = None,
    ) -> T:
        def call() -> T:
            try:
                return function()
            except libvirt.libvirtError as error:
                if self._host.is_lost():
                    raise self._host.lost() from error
                raise

        return self._calls.run(uuid, what, call, patience)

    def _create_files(
        self, instance: Instance, image: Image, folder: pathlib.Path
    ) -> pathlib.Path | None:
        """Make what the guest boots from; what its disk stands on, if it has one."""
        LOG.info("Creating image(s)", instance_uuid=instance.uuid)
        # Copies, for libvirt makes the files of a guest its own while it runs.
        for name, file in (("kernel", image.kernel), ("ramdisk", image.ramdisk)):
            if file is not None:
                shutil.copyfile(file, folder / name)
        console.prepare(folder)
        if instance.config_drive:
            LOG.info("Using config drive", instance_uuid=instance.uuid)
            iso = folder / config_drive.NAME
            config_drive.write(iso, config_drive.files(instance))
            LOG.info("Creating config drive at %s", iso, instance_uuid=instance.uuid)
        if image.disk is None:
            return None
        self._disks.create(folder, image, instance.flavor)
        return self._disks.base_of(folder)

    def _nearest_folder(self) -> pathlib.Path:
        """``instances``, or what it will be made in by the first guest."""
        folder = self._instances_path
        while not folder.exists():
            folder = folder.parent
        return folder

    def _folder(self, instance: Instance) -> pathlib.Path:
        return self._instances_path / instance.uuid

    def _delete_files(self, instance: Instance) -> None:
        folder = self._folder(instance)
        if not folder.exists():
            return
        LOG.info("Deleting instance files %s", folder, instance_uuid=instance.uuid)
        shutil.rmtree(folder)
        LOG.info("Deletion of %s complete", folder, instance_uuid=instance.uuid)
        self._disks.remove_unused()
