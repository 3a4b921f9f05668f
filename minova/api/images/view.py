# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Images in the JSON of Nova's image proxy."""

from typing import Any, Final

from oslo_utils import strutils

from minova.api.answers.links import links
from minova.api.answers.times import seconds
from minova.api.front.request import Request
from minova.objects.image import Image

# Glance's statuses → Nova's.
_STATUSES: Final = {
    "active": "ACTIVE",
    "queued": "SAVING",
    "saving": "SAVING",
    "deleted": "DELETED",
    "pending_delete": "DELETED",
    "killed": "ERROR",
}
_PROGRESS: Final = {"queued": 25, "saving": 50, "active": 100}


def basic(req: Request, image: Image) -> dict[str, Any]:
    alternate = {
        "rel": "alternate",
        "type": "application/vnd.openstack.image",
        "href": req.bookmark(f"images/{image.id}"),
    }
    return {
        "id": image.id,
        "name": image.name,
        "links": [*links(req, f"images/{image.id}"), alternate],
    }


def detail(req: Request, image: Image) -> dict[str, Any]:
    shown = {
        "id": image.id,
        "name": image.name,
        "minRam": image.min_ram,
        "minDisk": image.min_disk,
        "metadata": dict(image.properties),
        "created": seconds(image.created_at),
        "updated": seconds(image.updated_at),
        "status": _STATUSES.get(image.status, "UNKNOWN"),
        "progress": _PROGRESS.get(image.status, 0),
        "OS-EXT-IMG-SIZE:size": image.size,
        "links": basic(req, image)["links"],
    }
    server_id = image.properties.get("instance_uuid")
    if server_id is not None:
        shown["server"] = {"id": server_id, "links": links(req, f"servers/{server_id}")}
    disk_config = image.properties.get("auto_disk_config")
    if disk_config is not None:
        auto = strutils.bool_from_string(disk_config)
        shown["OS-DCF:diskConfig"] = "AUTO" if auto else "MANUAL"
    return shown
