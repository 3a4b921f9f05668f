# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/metadata, /servers/{server_id}/metadata/{key}."""

from typing import Final

import falcon
from falcon import Response

from minova import exception
from minova.api.front.loggers import log_action
from minova.api.front.request import Request
from minova.api.servers.metadata.schema import METADATA_ITEM, METADATA_ITEMS
from minova.api.servers.one import OfServer
from minova.api.validation.no_query import takes_no_query

_RULE: Final = "os_compute_api:server-metadata"


class ServerMetadataResource(OfServer):
    @takes_no_query
    def on_get(self, req: Request, resp: Response, server_id: str) -> None:
        instance = self._authorized(req, server_id, f"{_RULE}:index")
        resp.media = {"metadata": dict(instance.metadata)}

    def on_post(self, req: Request, resp: Response, server_id: str) -> None:
        """Add items.

        Raises:
            Invalid: 400.
            InstanceNotFound: 404.
            PolicyNotAuthorized: 403.
            Conflict: the server is locked, being built, or in ERROR; 409.
        """
        self._change(req, resp, server_id, "create", replace=False)

    def on_put(self, req: Request, resp: Response, server_id: str) -> None:
        """Replace all items; raises as ``on_post``."""
        self._change(req, resp, server_id, "update_all", replace=True)

    def _change(
        self, req: Request, resp: Response, server_id: str, verb: str, *, replace: bool
    ) -> None:
        body = req.read_json()
        log_action(verb, self.on_put if replace else self.on_post, body)
        METADATA_ITEMS.check(body)
        instance = self._authorized(req, server_id, f"{_RULE}:{verb}")
        changed = self._compute_api.update_metadata(
            req.caller, instance, body["metadata"], replace=replace
        )
        resp.media = {"metadata": dict(changed)}


class ServerMetadataItemResource(OfServer):
    @takes_no_query
    def on_get(self, req: Request, resp: Response, server_id: str, key: str) -> None:
        """Raises MetadataItemNotFound: 404."""
        instance = self._authorized(req, server_id, f"{_RULE}:show")
        if key not in instance.metadata:
            raise exception.MetadataItemNotFound
        resp.media = {"meta": {key: instance.metadata[key]}}

    def on_put(self, req: Request, resp: Response, server_id: str, key: str) -> None:
        """Set it.

        Raises:
            Invalid: also if the body has another item; 400.
            Conflict: the server is locked, being built, or in ERROR; 409.
        """
        body = req.read_json()
        log_action("update", self.on_put, body)
        METADATA_ITEM.check(body)
        instance = self._authorized(req, server_id, f"{_RULE}:update")
        if key not in body["meta"]:
            raise exception.Invalid("Request body and URI mismatch")
        self._compute_api.update_metadata(req.caller, instance, body["meta"])
        resp.media = {"meta": body["meta"]}

    def on_delete(self, req: Request, resp: Response, server_id: str, key: str) -> None:
        """Remove it; raises as above, and MetadataItemNotFound: 404."""
        instance = self._authorized(req, server_id, f"{_RULE}:delete")
        self._compute_api.delete_metadata_item(req.caller, instance, key)
        resp.status = falcon.HTTP_204
        resp.content_type = falcon.MEDIA_JSON
