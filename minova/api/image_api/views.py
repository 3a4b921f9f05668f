# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Images in Glance's JSON."""

from typing import Any

from minova.api.answers.times import seconds
from minova.objects.image import Image


def image(shown: Image) -> dict[str, Any]:
    """Show one image; its properties cannot hide its attributes."""
    extra = {name: str(value) for name, value in shown.properties.items()}
    return extra | {
        "id": shown.id,
        "name": shown.name,
        "status": shown.status,
        "visibility": shown.visibility,
        "protected": False,
        "os_hidden": False,
        "owner": None,
        "tags": [],
        "size": shown.size,
        "virtual_size": shown.virtual_size,
        "min_ram": shown.min_ram,
        "min_disk": shown.min_disk,
        "container_format": container_format(shown),
        "disk_format": disk_format(shown),
        "checksum": shown.checksum,
        "os_hash_algo": shown.os_hash_algo,
        "os_hash_value": shown.os_hash_value,
        "created_at": seconds(shown.created_at),
        "updated_at": seconds(shown.updated_at),
        "self": f"/v2/images/{shown.id}",
        "file": f"/v2/images/{shown.id}/file",
        "schema": "/v2/schemas/image",
    }


def disk_format(shown: Image) -> str:
    """The disk format; an image of a kernel is ``aki``, as in Glance.

    In Glance the ramdisk would be a separate image.
    """
    return shown.disk_format or "aki"


def container_format(shown: Image) -> str:
    return "bare" if shown.disk_format else "aki"
