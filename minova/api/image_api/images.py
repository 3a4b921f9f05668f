# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/v2/images, /v2/images/{id} and /v2/images/{id}/file."""

from typing import Any
from urllib import parse

import falcon
import webob.exc

from minova import exception
from minova.api.front.request import Request
from minova.api.image_api import query, views
from minova.images import ImageSource
from minova.objects.image import Image


class ReadOnly:
    """Refuses every change of an image, as a policy of Glance would."""

    def __init__(self, images: ImageSource) -> None:
        self._images = images

    def on_put(self, req: Request, resp: falcon.Response, **params: str) -> None:
        raise webob.exc.HTTPForbidden(
            explanation="The images come from a folder and are read-only."
        )

    on_post = on_patch = on_delete = on_put

    def _get(self, req: Request, image_id: str) -> Image:
        try:
            return self._images.get(req.caller, image_id)
        except exception.ImageNotFound:
            message = f"No image found with ID {image_id}"
            raise webob.exc.HTTPNotFound(explanation=message) from None


class ImagesResource(ReadOnly):
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        asked = query.read(req.query_string)
        shown = [views.image(image) for image in self._images.list(req.caller)]
        page = asked.page(shown)
        listed: dict[str, Any] = {
            "images": page,
            "first": _link(asked.parameters),
            "schema": "/v2/schemas/images",
        }
        if page and len(page) == asked.limit:
            marker = ("marker", page[-1]["id"])
            listed["next"] = _link([*asked.parameters, marker])
        resp.media = listed


class ImageResource(ReadOnly):
    def on_get(self, req: Request, resp: falcon.Response, image_id: str) -> None:
        resp.media = views.image(self._get(req, image_id))


class FileResource(ReadOnly):
    def on_get(self, req: Request, resp: falcon.Response, image_id: str) -> None:
        """Send the disk, or the kernel of an image without a disk."""
        image = self._get(req, image_id)
        file = image.disk or image.kernel
        if file is None:
            resp.status = falcon.HTTP_204
            return
        resp.content_type = "application/octet-stream"
        # The WSGI server closes it, at the end or when the client goes away.
        resp.set_stream(file.open("rb"), file.stat().st_size)


def _link(parameters: list[tuple[str, str]]) -> str:
    """A link as in Glance: a path after the address of the service."""
    text = parse.urlencode(parameters)
    return f"/v2/images?{text}" if text else "/v2/images"
