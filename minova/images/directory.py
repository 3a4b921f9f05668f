# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The image directory: one folder for each image, with an ``image.json``."""

import datetime
import json
import pathlib
from collections.abc import Mapping
from typing import Any, Final

import jsonschema
from oslo_log import log as logging

from minova import exception
from minova.context import RequestContext
from minova.images import disk_header
from minova.objects.image import DISK_FORMATS, Image

LOG = logging.getLogger(__name__)

_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 255}
_NUMBER: Final = {"type": "integer", "minimum": 0}
_DESCRIPTION: Final = jsonschema.Draft4Validator(
    {
        "type": "object",
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
            },
            "name": _TEXT,
            "min_ram": _NUMBER,
            "min_disk": _NUMBER,
            "kernel": _TEXT,
            "ramdisk": _TEXT,
            "cmdline": {"type": "string"},
            "disk": _TEXT,
            "disk_format": {"enum": list(DISK_FORMATS)},
            "properties": {"type": "object"},
            "checksum": _TEXT,
            "os_hash_algo": _TEXT,
            "os_hash_value": _TEXT,
        },
        "required": ["id", "name", "updated_at"],
        "anyOf": [{"required": ["kernel"]}, {"required": ["disk"]}],
        "dependencies": {
            "ramdisk": ["kernel"],
            "cmdline": ["kernel"],
            "disk": ["disk_format"],
            "disk_format": ["disk"],
        },
    }
)


class ImageDirectory:
    """Reads the images that the operator put there (``devstack/``).

    Each call reads the few folders again, so a new image is found at once.  Everybody
    may use these images.  See ``ImageSource``.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path

    def list(self, context: RequestContext | None = None) -> list[Image]:
        """Return the usable images, sorted by name; log and leave out the others."""
        images = []
        for description in sorted(self._path.glob("*/image.json")):
            try:
                images.append(_read(description))
            except (
                OSError,
                ValueError,
                TypeError,
                jsonschema.ValidationError,
            ) as error:
                reason = str(error).partition("\n")[0]
                LOG.warning("Image %s is not usable: %s", description.parent, reason)
        return sorted(images, key=lambda image: (image.name, image.id))

    def get(self, context: RequestContext | None, image_id: str) -> Image:
        """Find an image by its id.

        Raises:
            ImageNotFound: there is no usable image with this id.
        """
        for image in self.list(context):
            if image.id == image_id:
                return image
        raise exception.ImageNotFound(image_id)

    def set_properties(
        self, context: RequestContext, image_id: str, properties: Mapping[str, Any]
    ) -> Image:
        """Refuse: only the operator may change the folder."""
        raise exception.ImageNotAuthorized(self.get(context, image_id).id)

    def delete(self, context: RequestContext, image_id: str) -> None:
        """Refuse: only the operator may change the folder."""
        raise exception.ImageNotAuthorized(self.get(context, image_id).id)

    def fetch(self, context: RequestContext, image_id: str) -> Image:
        """Find an image; its files are always on this host."""
        return self.get(context, image_id)


def _read(description: pathlib.Path) -> Image:
    """Read ``image.json``; ``docs/operating.md`` says which fields are optional."""
    values: dict[str, Any] = json.loads(description.read_text(encoding="utf-8"))
    _DESCRIPTION.validate(values)
    files = {
        name: description.parent.resolve() / values[name]
        for name in ("kernel", "ramdisk", "disk")
        if name in values
    }
    virtual_size, defect = None, None
    if "disk" in files:
        try:
            virtual_size = disk_header.virtual_size(
                files["disk"], values["disk_format"]
            )
        except disk_header.NotBootable as error:
            defect = str(error)
    return Image(
        id=values["id"],
        name=values["name"],
        size=sum(file.stat().st_size for file in files.values()),
        min_ram=values.get("min_ram", 0),
        min_disk=values.get("min_disk", 0),
        created_at=_time(values.get("created_at", values["updated_at"])),
        updated_at=_time(values["updated_at"]),
        kernel=files.get("kernel"),
        ramdisk=files.get("ramdisk"),
        cmdline=values.get("cmdline", ""),
        disk=files.get("disk"),
        disk_format=values.get("disk_format"),
        virtual_size=virtual_size,
        defect=defect,
        properties=values.get("properties", {}),
        checksum=values.get("checksum"),
        os_hash_algo=values.get("os_hash_algo"),
        os_hash_value=values.get("os_hash_value"),
    )


def _time(text: str) -> datetime.datetime:
    """Parse a time in ISO 8601; without a zone it is in UTC."""
    time = datetime.datetime.fromisoformat(text)
    if time.tzinfo is None:
        return time.replace(tzinfo=datetime.UTC)
    return time.astimezone(datetime.UTC)
