# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""LibvirtDriver: find the guest, tell it one thing."""

import pathlib
import shutil

from oslo_log import log as logging

from minova import exception
from minova.compute.power_state import PowerState
from minova.objects.host import Resources
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt import driver
from minova.virt.libvirt import console, xml
from minova.virt.libvirt.host import Host

LOG = logging.getLogger(__name__)


class LibvirtDriver(driver.ComputeDriver):
    """Guests of one libvirt, each with a folder of its own."""

    def __init__(
        self,
        host: Host,
        instances_path: pathlib.Path,
        deployment_id: str,
        virt_type: str,
    ) -> None:
        self._host = host
        self._instances_path = instances_path
        self._deployment_id = deployment_id
        self._virt_type = virt_type

    def init_host(self, listener: driver.EventListener) -> None:
        super().init_host(listener)
        self._host.watch(self.emit_event)

    def close(self) -> None:
        super().close()
        self._host.close()

    def spawn(self, instance: Instance, image: Image) -> None:
        self.destroy(instance)
        folder = self._folder(instance)
        LOG.debug("Creating instance directory", instance_uuid=instance.uuid)
        # Others may pass through: QEMU runs as a user of libvirt's.
        folder.mkdir(mode=0o755, parents=True)
        LOG.info("Creating image(s)", instance_uuid=instance.uuid)
        # Copies, for libvirt makes the files of a guest its own while it runs.
        shutil.copyfile(image.kernel, folder / "kernel")
        shutil.copyfile(image.ramdisk, folder / "ramdisk")
        console.prepare(folder)

        def describe(name: str) -> str:
            return xml.domain(
                instance,
                image,
                name=name,
                deployment_id=self._deployment_id,
                virt_type=self._virt_type,
                arch=self._host.arch,
                folder=folder,
            )

        guest = self._host.define(describe, instance.name, instance.uuid)
        guest.launch()
        LOG.debug("Guest created on hypervisor", instance_uuid=instance.uuid)

    def pause(self, instance: Instance) -> None:
        self._host.get_guest(instance.uuid).pause()

    def unpause(self, instance: Instance) -> None:
        guest = self._host.get_guest(instance.uuid)
        guest.resume()
        guest.sync_guest_time()

    def power_off(self, instance: Instance) -> None:
        self._host.get_guest(instance.uuid).power_off()

    def destroy(self, instance: Instance) -> None:
        try:
            self._host.get_guest(instance.uuid).delete()
        except exception.InstanceNotFound:
            LOG.debug("There is no guest to destroy", instance_uuid=instance.uuid)
        else:
            LOG.info("Instance destroyed successfully.", instance_uuid=instance.uuid)
        self._delete_files(instance)

    def get_power_state(self, instance: Instance) -> PowerState:
        try:
            return self._host.get_guest(instance.uuid).power_state
        except exception.InstanceNotFound:
            return PowerState.NOSTATE

    def get_console_output(self, instance: Instance) -> str | None:
        return console.read(self._host.connection, self._folder(instance))

    def get_num_instances(self) -> int:
        return len(self._host.list_guests())

    def get_available_resource(self) -> Resources:
        return self._host.get_available_resource()

    def _folder(self, instance: Instance) -> pathlib.Path:
        return self._instances_path / instance.uuid

    def _delete_files(self, instance: Instance) -> None:
        folder = self._folder(instance)
        if not folder.exists():
            return
        LOG.info("Deleting instance files %s", folder, instance_uuid=instance.uuid)
        shutil.rmtree(folder)
        LOG.info("Deletion of %s complete", folder, instance_uuid=instance.uuid)
