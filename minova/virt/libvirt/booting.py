# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Booting guests, from their own system or from a rescue image.

These methods ask libvirt, so they run within ``Door.call``.
"""

import pathlib
from collections.abc import Callable

from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.libvirt import xml
from minova.virt.libvirt.files import Files
from minova.virt.libvirt.guest import Guest
from minova.virt.libvirt.host import Host


class Booting:
    """Defines a guest in libvirt before each boot, and starts it."""

    def __init__(
        self,
        host: Host,
        files: Files,
        still_wanted: Callable[[], None],
        deployment_id: str,
        virt_type: str,
    ) -> None:
        """Do nothing yet.

        Args:
            still_wanted: raises if the current call was given up meanwhile.
        """
        self._host = host
        self._files = files
        self._still_wanted = still_wanted
        self._deployment_id = deployment_id
        self._virt_type = virt_type

    def boot_new(self, instance: Instance, image: Image) -> None:
        """Boot a guest whose files exist, and keep its description."""
        base = self._files.base_of(instance)
        description = self._describe(instance, image, base)
        self._files.keep_description(instance, description)
        self.boot(instance, description)

    def boot_rescue(self, instance: Instance, image: Image) -> None:
        base = self._files.base_of(instance, xml.RESCUE)
        beside = xml.Rescue(own_base=self._files.base_of(instance))
        self.boot(instance, self._describe(instance, image, base, beside))

    def boot(self, instance: Instance, description: str) -> None:
        """Boot a guest as described, after deleting its saved memory.

        Otherwise libvirt would restore this memory, which no longer fits the disks.
        """
        guest = self.define(instance, description)
        self._still_wanted()
        guest.forget_memory()
        guest.launch()

    def define(self, instance: Instance, description: str) -> Guest:
        """Define a guest without starting or stopping it."""
        return self._host.define(
            lambda name: xml.renamed(description, name), instance.name, instance.uuid
        )

    def _describe(
        self,
        instance: Instance,
        image: Image,
        base: pathlib.Path | None,
        rescue: xml.Rescue | None = None,
    ) -> str:
        return xml.domain(
            instance,
            image,
            name=instance.name,
            deployment_id=self._deployment_id,
            virt_type=self._virt_type,
            arch=self._host.arch,
            folder=self._files.folder_of(instance),
            base=base,
            rescue=rescue,
        )
