# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/tags, /servers/{server_id}/tags/{tag}: since 2.26."""

from typing import Any, Final
from urllib import parse

import falcon
from falcon import Response

from minova import exception
from minova.api.front.loggers import log_action
from minova.api.front.microversion import since
from minova.api.front.request import Request
from minova.api.servers.one import OfServer
from minova.api.servers.tags.schema import NO_BODY, ONE_TAG, TAGS

_RULE: Final = "os_compute_api:os-server-tags"


class ServerTagsResource(OfServer):
    @since("2.26")
    def on_get(self, req: Request, resp: Response, server_id: str) -> None:
        instance = self._authorized(req, server_id, f"{_RULE}:index")
        resp.media = {"tags": self._compute_api.tags_of_one(instance)}

    @since("2.26")
    def on_put(self, req: Request, resp: Response, server_id: str) -> None:
        """Replace all tags.

        Raises:
            Invalid: a wrong tag, or more than 50; 400.
            Conflict: the server is being built, or in ERROR; 409.
        """
        body: Any = req.read_json()
        log_action("update_all", self.on_put, body)
        TAGS.check(body)
        instance = self._authorized(req, server_id, f"{_RULE}:update_all")
        self._compute_api.set_tags(instance, body["tags"])
        resp.media = {"tags": self._compute_api.tags_of_one(instance)}

    @since("2.26")
    def on_delete(self, req: Request, resp: Response, server_id: str) -> None:
        """Remove all tags."""
        instance = self._authorized(req, server_id, f"{_RULE}:delete_all")
        self._compute_api.remove_tags(instance)
        resp.status = falcon.HTTP_204


class ServerTagResource(OfServer):
    @since("2.26")
    def on_get(self, req: Request, resp: Response, server_id: str, tag: str) -> None:
        """Answer 204 if the server has the tag, and 404 if not."""
        instance = self._authorized(req, server_id, f"{_RULE}:show")
        if tag not in self._compute_api.tags_of_one(instance):
            raise exception.NotFound(f"Server {server_id} has no tag '{tag}'")
        resp.status = falcon.HTTP_204

    @since("2.26")
    def on_put(self, req: Request, resp: Response, server_id: str, tag: str) -> None:
        """Add the tag: 201, or 204 if the server has it already.

        Raises:
            Invalid: it is not a tag, there are 50 already, or the request has a body;
                400.
            Conflict: the server is being built, or in ERROR; 409.
        """
        NO_BODY.check(req.read_json())
        instance = self._authorized(req, server_id, f"{_RULE}:update")
        try:
            ONE_TAG.check(tag)
        except exception.Invalid as error:
            raise exception.Invalid(
                f"Tag '{tag}' is invalid. It must be a non empty string without "
                f"characters '/' and ','. Validation error message: {error}"
            ) from None
        if not self._compute_api.add_tag(instance, tag):
            resp.status = falcon.HTTP_204
            return
        resp.status = falcon.HTTP_201
        # quote() keeps slashes, but a tag has none.
        resp.set_header(
            "Location", req.link(f"servers/{server_id}/tags/{parse.quote(tag)}")
        )

    @since("2.26")
    def on_delete(self, req: Request, resp: Response, server_id: str, tag: str) -> None:
        """Remove the tag; raises InstanceTagNotFound: 404."""
        instance = self._authorized(req, server_id, f"{_RULE}:delete")
        self._compute_api.remove_tag(instance, tag)
        resp.status = falcon.HTTP_204
