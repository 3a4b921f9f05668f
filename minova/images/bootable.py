# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a server can boot an image, judged by image and flavor alone."""

from typing import Final

from minova import exception
from minova.objects.flavor import Flavor
from minova.objects.image import Image

GIB: Final = 1024**3


def check(image: Image, flavor: Flavor) -> None:
    """Check what Nova checks before it accepts a server.

    If the flavor's root disk is 0 GiB, the server's disk is as large as the image.

    Raises:
        ImageNotActive: the image is still being uploaded, or was deactivated.
        ImageUnacceptable: the image can never be booted.
        FlavorMemoryTooSmall: the image needs more memory.
        FlavorDiskSmallerThanMinDisk: the image needs a larger disk.
        FlavorDiskSmallerThanImage: the image's disk is larger than the flavor's.
    """
    if image.status != "active":
        raise exception.ImageNotActive(image.id)
    if image.defect is not None:
        raise exception.ImageUnacceptable(image.id, image.defect)
    check_size(image, flavor)


def check_size(image: Image, flavor: Flavor) -> None:
    """Check only that the flavor is large enough for the image.

    Raises:
        FlavorMemoryTooSmall, FlavorDiskSmallerThanMinDisk, FlavorDiskSmallerThanImage:
            as ``check`` raises them.
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
