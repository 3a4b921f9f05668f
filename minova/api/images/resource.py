# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/images, /images/detail, /images/{image_id}: Nova's image proxy."""

import datetime
from collections.abc import Callable
from typing import Any

import falcon
from oslo_utils import timeutils

from minova import exception
from minova.api.answers import paging
from minova.api.front.microversion import since
from minova.api.front.request import Request
from minova.api.images import view as views
from minova.api.images.schema import IMAGES_QUERY
from minova.api.nova_words import image_filters
from minova.compute_api.api import API
from minova.objects.image import Image

View = Callable[[Request, Image], dict[str, Any]]


class ImagesResource:
    """The list of images, for everybody."""

    def __init__(self, compute_api: API, max_limit: int) -> None:
        self._compute_api = compute_api
        self._max_limit = max_limit

    @since("2.1", "2.35")
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._list(req, resp, "images", views.basic)

    @since("2.1", "2.35")
    def on_get_detail(self, req: Request, resp: falcon.Response) -> None:
        self._list(req, resp, "images/detail", views.detail)

    def _list(self, req: Request, resp: falcon.Response, path: str, view: View) -> None:
        query = IMAGES_QUERY.read(req.query_string)
        limit = paging.limit_of(query, self._max_limit)
        # Glance's default order.
        images = sorted(
            self._compute_api.image_list(req.caller), key=_age, reverse=True
        )
        behind = _behind(images, query.get("marker"))
        page = image_filters.narrow(behind, query)[:limit]
        ids = [image.id for image in page]
        resp.media = {
            "images": [view(req, image) for image in page],
            **paging.next_link(req, query, path, "images_links", ids, limit=limit),
        }


class ImageResource:
    def __init__(self, compute_api: API) -> None:
        self._compute_api = compute_api

    @since("2.1", "2.35")
    def on_get(self, req: Request, resp: falcon.Response, image_id: str) -> None:
        image = find(self._compute_api, req, image_id)
        resp.media = {"image": views.detail(req, image)}

    @since("2.1", "2.35")
    def on_delete(self, req: Request, resp: falcon.Response, image_id: str) -> None:
        """Delete the image, if its service lets the caller.

        Raises:
            ProxiedImageNotFound: 404.
            ImageDeleteForbidden: 403.
            ImageDeleteConflict: 409.
        """
        try:
            self._compute_api.image_delete(req.caller, image_id)
        except exception.ImageNotFound:
            raise exception.ProxiedImageNotFound from None
        except exception.ImageNotAuthorized:
            raise exception.ImageDeleteForbidden from None
        resp.status = falcon.HTTP_204
        resp.content_type = falcon.MEDIA_JSON


def find(compute_api: API, req: Request, image_id: str) -> Image:
    """Find the image of a path.

    Raises:
        ProxiedImageNotFound: 404.
    """
    try:
        return compute_api.image_get(req.caller, image_id)
    except exception.ImageNotFound:
        raise exception.ProxiedImageNotFound from None


def _age(image: Image) -> tuple[datetime.datetime, str]:
    return timeutils.normalize_time(image.created_at), image.id


def _behind(images: list[Image], marker: str | None) -> list[Image]:
    if marker is None:
        return images
    ids = [image.id for image in images]
    if marker not in ids:
        raise exception.MarkerNotFound(marker)
    return images[ids.index(marker) + 1 :]
