# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The files in a guest's folder: images, console and description."""

import contextlib
import dataclasses
import pathlib
import shutil
from typing import Final

from oslo_log import log as logging

from minova.objects.flavor import Flavor
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt import config_drive
from minova.virt.libvirt import console, disks
from minova.virt.libvirt.disks import OVERLAY, Disks
from minova.virt.libvirt.xml import RESCUE

LOG = logging.getLogger("minova.virt.libvirt.driver")

_DESCRIPTION: Final = "libvirt.xml"
"""The domain XML of the guest's own system, even while the guest is rescued."""


class Files:
    """The folders of guests, in one folder of instances."""

    def __init__(self, instances_path: pathlib.Path) -> None:
        self._instances_path = instances_path
        self._disks = Disks(instances_path)

    def folder_of(self, instance: Instance) -> pathlib.Path:
        return self._instances_path / instance.uuid

    def nearest_folder(self) -> pathlib.Path:
        """Return the folder of instances, or its nearest parent that exists."""
        folder = self._instances_path
        while not folder.exists():
            folder = folder.parent
        return folder

    def base_of(self, instance: Instance, suffix: str = "") -> pathlib.Path | None:
        """Return the file under a guest's overlay; None if it has no such disk."""
        folder = self.folder_of(instance)
        if not (folder / f"{OVERLAY}{suffix}").exists():
            return None
        return self._disks.base_of(folder, suffix)

    def create(self, instance: Instance, image: Image) -> None:
        """Make a guest's folder, which must not exist, and the files to boot from."""
        folder = self.folder_of(instance)
        LOG.debug("Creating instance directory", instance_uuid=instance.uuid)
        # Other users may enter the folder, because QEMU runs as one of them.
        folder.mkdir(mode=0o755, parents=True)
        console.prepare(folder)
        self._create_images(instance, image)

    def create_rescue(
        self, instance: Instance, image: Image, admin_password: str | None
    ) -> None:
        self._unlink_rescue(instance)
        rescued = dataclasses.replace(instance, admin_password=admin_password)
        self._create_images(rescued, image, RESCUE)

    def delete_rescue(self, instance: Instance) -> None:
        if self._unlink_rescue(instance):
            self._disks.remove_unused()

    def delete(self, instance: Instance) -> None:
        folder = self.folder_of(instance)
        if not folder.exists():
            return
        LOG.info("Deleting instance files %s", folder, instance_uuid=instance.uuid)
        shutil.rmtree(folder)
        LOG.info("Deletion of %s complete", folder, instance_uuid=instance.uuid)
        self._disks.remove_unused()

    def grow_disk(self, instance: Instance, flavor: Flavor) -> None:
        """Keep a copy of the guest's disk and grow the disk; raises ResizeError."""
        disks.keep_and_grow(self.folder_of(instance), flavor)

    def put_disk_back(self, instance: Instance) -> None:
        """Put the kept disk back, if there is one."""
        disks.put_back(self.folder_of(instance))

    def delete_kept_disk(self, instance: Instance) -> None:
        """Delete the copy that ``grow_disk`` has kept, complete or not."""
        disks.forget_kept(self.folder_of(instance))

    def keep_description(self, instance: Instance, description: str) -> None:
        """Store a domain's XML, in one atomic step."""
        path = self.folder_of(instance) / _DESCRIPTION
        part = path.with_suffix(".part")
        part.touch(mode=0o640)
        part.write_text(description)
        part.replace(path)

    def description_of(self, instance: Instance) -> str | None:
        """Return the stored XML; None if an earlier version made the guest."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder_of(instance) / _DESCRIPTION).read_text()
        return None

    def _create_images(
        self, instance: Instance, image: Image, suffix: str = ""
    ) -> None:
        LOG.info("Creating image(s)", instance_uuid=instance.uuid)
        folder = self.folder_of(instance)
        # Copies, because libvirt changes the owner of these files while a guest runs.
        for name, file in (("kernel", image.kernel), ("ramdisk", image.ramdisk)):
            if file is not None:
                shutil.copyfile(file, folder / f"{name}{suffix}")
        if instance.config_drive:
            LOG.info("Using config drive", instance_uuid=instance.uuid)
            iso = folder / f"{config_drive.NAME}{suffix}"
            config_drive.write(iso, config_drive.files(instance))
            LOG.info("Creating config drive at %s", iso, instance_uuid=instance.uuid)
        if image.disk is not None:
            # A rescue's disk is as large as its image, whatever the flavor says.
            flavor = None if suffix else instance.flavor
            self._disks.create(folder, image, flavor, suffix)

    def _unlink_rescue(self, instance: Instance) -> bool:
        files = list(self.folder_of(instance).glob(f"*{RESCUE}"))
        for file in files:
            file.unlink()
        return bool(files)
