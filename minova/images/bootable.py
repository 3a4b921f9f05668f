# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a server of a flavor can boot an image, as far as its description tells."""

from typing import Final

from minova import exception
from minova.objects.flavor import Flavor
from minova.objects.image import Image

GIB: Final = 1024**3


def check(image: Image, flavor: Flavor) -> None:
    """Pass, or refuse as Nova does before it accepts a server.

    A flavor without a root disk takes the image's size, whatever that is.

    Raises:
        ImageNotActive: it is being uploaded, or was deactivated.
        ImageUnacceptable: it is known already that it can never be booted.
        FlavorMemoryTooSmall: for what the image wants.
        FlavorDiskSmallerThanMinDisk: the same.
        FlavorDiskSmallerThanImage: the disk has more than the flavor gives.
    """
    if image.status != "active":
        raise exception.ImageNotActive(image.id)
    if image.defect is not None:
        raise exception.ImageUnacceptable(image.id, image.defect)
    check_size(image, flavor)


def check_size(image: Image, flavor: Flavor) -> None:
    """Pass if the flavor has what the image wants, whatever its status.

    Raises:
        FlavorMemoryTooSmall, FlavorDiskSmallerThanMinDisk, FlavorDiskSmallerThanImage:
            as above.
    """
    if flavor.memory_mb < image.min_ram:
        raise exception.FlavorMemoryTooSmall
    if not flavor.root_gb:
        return
    root = flavor.root_gb * GIB
    if image.disk_format is not None:
        size = max(image.size, image.virtual_size or 0)
        if root < size:
            raise exception.FlavorDiskSmallerThanImage(root, size)
    if root < image.min_disk * GIB:
        raise exception.FlavorDiskSmallerThanMinDisk(root, image.min_disk * GIB)
