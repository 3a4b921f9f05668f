# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/images/{image_id}/metadata[/{key}]: of Nova's proxy, until 2.38.

What writes is answered as Nova does when Glance refuses: images are read here.
"""

from collections.abc import Mapping
from typing import Any

import falcon
from falcon import Response

from minova import exception
from minova.api.front.loggers import log_action
from minova.api.front.microversion import since
from minova.api.front.request import Request
from minova.api.images import resource as images
from minova.api.servers.metadata.schema import METADATA_ITEM, METADATA_ITEMS
from minova.compute_api.api import API
from minova.compute_api.quotas import Quotas


class _Metadata:
    def __init__(self, compute_api: API, quotas: Quotas) -> None:
        self._compute_api = compute_api
        self._quotas = quotas

    def _of(self, req: Request, image_id: str) -> Mapping[str, Any]:
        return images.find(self._compute_api, req, image_id).properties

    def _refuse(self, req: Request, image_id: str, wanted: Mapping[str, Any]) -> None:
        """Say what is wrong with so many of them, or else that they are not written."""
        try:
            self._quotas.check_metadata(req.caller.project_id or "", len(wanted))
        except exception.MetadataLimitExceeded:
            raise exception.ImageMetadataLimitExceeded from None
        raise exception.ImageNotAuthorized(image_id)


class ImageMetadataResource(_Metadata):
    """What is known of an image beside its sizes."""

    @since("2.1", "2.38")
    def on_get(self, req: Request, resp: Response, image_id: str) -> None:
        """Raises ProxiedImageNotFound: 404."""
        resp.media = {"metadata": dict(self._of(req, image_id))}

    @since("2.1", "2.38")
    def on_post(self, req: Request, resp: Response, image_id: str) -> None:
        """Refuse.

        Raises:
            Invalid, ProxiedImageNotFound: 400, 404.
            ImageMetadataLimitExceeded, ImageNotAuthorized: 403.
        """
        body = req.read_json()
        log_action("create", self.on_post, body)
        METADATA_ITEMS.check(body)
        self._refuse(req, image_id, {**self._of(req, image_id), **body["metadata"]})

    @since("2.1", "2.38")
    def on_put(self, req: Request, resp: Response, image_id: str) -> None:
        """Refuse; raises the same."""
        body = req.read_json()
        log_action("update_all", self.on_put, body)
        METADATA_ITEMS.check(body)
        self._of(req, image_id)
        self._refuse(req, image_id, body["metadata"])


class ImageMetadataItemResource(_Metadata):
    """One thing of it."""

    @since("2.1", "2.38")
    def on_get(self, req: Request, resp: Response, image_id: str, key: str) -> None:
        """Raises ProxiedImageNotFound, falcon.HTTPNotFound: 404."""
        properties = self._of(req, image_id)
        if key not in properties:
            raise falcon.HTTPNotFound(description="The resource could not be found.")
        resp.media = {"meta": {key: properties[key]}}

    @since("2.1", "2.38")
    def on_put(self, req: Request, resp: Response, image_id: str, key: str) -> None:
        """Refuse; raises as above, and Invalid if the body speaks of another one."""
        body = req.read_json()
        log_action("update", self.on_put, body)
        METADATA_ITEM.check(body)
        if key not in body["meta"]:
            raise exception.Invalid("Request body and URI mismatch")
        self._refuse(req, image_id, {**self._of(req, image_id), **body["meta"]})

    @since("2.1", "2.38")
    def on_delete(self, req: Request, resp: Response, image_id: str, key: str) -> None:
        """Refuse.

        Raises:
            ProxiedImageNotFound, ImageMetadataKeyNotFound: 404.
            ImageNotAuthorized: 403.
        """
        if key not in self._of(req, image_id):
            raise exception.ImageMetadataKeyNotFound
        raise exception.ImageNotAuthorized(image_id)
