# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The image directory: a folder for each image, described by its ``image.json``."""

import datetime
import json
import pathlib
from typing import Any

from oslo_log import log as logging

from minova import exception
from minova.objects.image import Image

LOG = logging.getLogger(__name__)


class ImageDirectory:
    """Reads images; who puts one there is up to the operator (``devstack/``).

    It is read anew each time: it holds a handful of folders, and an image that was just
    built is there at once.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path

    def list(self) -> list[Image]:
        """Every usable image by name; one that is not usable is logged and left out."""
        images = []
        for description in sorted(self._path.glob("*/image.json")):
            try:
                images.append(_read(description))
            except (OSError, ValueError, KeyError, TypeError) as error:
                LOG.warning("Image %s is not usable: %s", description.parent, error)
        return sorted(images, key=lambda image: image.name)

    def get(self, image_id: str) -> Image:
        """Find an image by its id.

        Raises:
            ImageNotFound: there is none, or it is not usable.
        """
        for image in self.list():
            if image.id == image_id:
                return image
        raise exception.ImageNotFound(image_id)


def _read(description: pathlib.Path) -> Image:
    values: dict[str, Any] = json.loads(description.read_text(encoding="utf-8"))
    folder = description.parent.resolve()
    kernel, ramdisk = folder / values["kernel"], folder / values["ramdisk"]
    return Image(
        id=values["id"],
        name=values["name"],
        size=kernel.stat().st_size + ramdisk.stat().st_size,
        min_ram=values["min_ram"],
        min_disk=values["min_disk"],
        created_at=datetime.datetime.fromisoformat(values["created_at"]),
        updated_at=datetime.datetime.fromisoformat(values["updated_at"]),
        kernel=kernel,
        ramdisk=ramdisk,
        cmdline=values["cmdline"],
        properties=values["properties"],
    )
