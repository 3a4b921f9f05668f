# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Images, as Nova's proxy shows them."""

from typing import Any

from minova.api.request import Request
from minova.api.views.links import links
from minova.api.views.times import seconds
from minova.objects.image import Image


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
    return {
        "id": image.id,
        "name": image.name,
        "minRam": image.min_ram,
        "minDisk": image.min_disk,
        "metadata": dict(image.properties),
        "created": seconds(image.created_at),
        "updated": seconds(image.updated_at),
        "status": "ACTIVE",
        "progress": 100,
        "OS-EXT-IMG-SIZE:size": image.size,
        "links": basic(req, image)["links"],
    }
