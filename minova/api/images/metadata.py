# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/images/{image_id}/metadata[/{key}] of Nova's image proxy, until 2.38.

Glance decides who may write. Images of a folder are read-only.
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
from minova.compute_api.projects.quotas import Quotas


class _Metadata:
    def __init__(self, compute_api: API, quotas: Quotas) -> None:
        self._compute_api = compute_api
        self._quotas = quotas

    def _of(self, req: Request, image_id: str) -> Mapping[str, Any]:
        return images.find(self._compute_api, req, image_id).properties

    def _set(
        self, req: Request, image_id: str, wanted: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Write the properties, if there are not too many."""
        try:
            self._quotas.check_metadata(req.caller.project_id or "", len(wanted))
        except exception.MetadataLimitExceeded:
            raise exception.ImageMetadataLimitExceeded from None
        image = self._compute_api.image_set_properties(req.caller, image_id, wanted)
        return dict(image.properties)


class ImageMetadataResource(_Metadata):
    @since("2.1", "2.38")
    def on_get(self, req: Request, resp: Response, image_id: str) -> None:
        """Raises ProxiedImageNotFound: 404."""
        resp.media = {"metadata": dict(self._of(req, image_id))}

    @since("2.1", "2.38")
    def on_post(self, req: Request, resp: Response, image_id: str) -> None:
        """Add properties.

        Raises:
            Invalid: 400.
            ProxiedImageNotFound: 404.
            ImageMetadataLimitExceeded, ImageNotAuthorized: 403.
        """
        body = req.read_json()
        log_action("create", self.on_post, body)
        METADATA_ITEMS.check(body)
        wanted = {**self._of(req, image_id), **body["metadata"]}
        resp.media = {"metadata": self._set(req, image_id, wanted)}

    @since("2.1", "2.38")
    def on_put(self, req: Request, resp: Response, image_id: str) -> None:
        """Replace all properties; raises as ``on_post``."""
        body = req.read_json()
        log_action("update_all", self.on_put, body)
        METADATA_ITEMS.check(body)
        self._of(req, image_id)
        self._set(req, image_id, body["metadata"])
        resp.media = {"metadata": body["metadata"]}


class ImageMetadataItemResource(_Metadata):
    @since("2.1", "2.38")
    def on_get(self, req: Request, resp: Response, image_id: str, key: str) -> None:
        """Raises ProxiedImageNotFound, falcon.HTTPNotFound: 404."""
        properties = self._of(req, image_id)
        if key not in properties:
            raise falcon.HTTPNotFound(description="The resource could not be found.")
        resp.media = {"meta": {key: properties[key]}}

    @since("2.1", "2.38")
    def on_put(self, req: Request, resp: Response, image_id: str, key: str) -> None:
        """Set it; raises as above, and Invalid if the body has another key: 400."""
        body = req.read_json()
        log_action("update", self.on_put, body)
        METADATA_ITEM.check(body)
        if key not in body["meta"]:
            raise exception.Invalid("Request body and URI mismatch")
        meta = {key: body["meta"][key]}
        self._set(req, image_id, {**self._of(req, image_id), **meta})
        resp.media = {"meta": body["meta"]}

    @since("2.1", "2.38")
    def on_delete(self, req: Request, resp: Response, image_id: str, key: str) -> None:
        """Remove it.

        Raises:
            ProxiedImageNotFound, ImageMetadataKeyNotFound: 404.
            ImageNotAuthorized: 403.
        """
        wanted = dict(self._of(req, image_id))
        if key not in wanted:
            raise exception.ImageMetadataKeyNotFound
        del wanted[key]
        self._compute_api.image_set_properties(req.caller, image_id, wanted)
        resp.status = falcon.HTTP_204
        resp.content_type = falcon.MEDIA_JSON
