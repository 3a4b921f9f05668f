# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-server-password and /servers/{server_id}/topology."""

import falcon

from minova.api.front.microversion import since
from minova.api.front.request import Request
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.api import API
from minova.policy import Enforcer


class _OfServer:
    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def _authorize(self, req: Request, server_id: str, rule: str) -> None:
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(req.caller, rule, instance.project_id)


class ServerPasswordResource(_OfServer):
    """The password that a guest posts; always empty without a metadata service."""

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        self._authorize(req, server_id, "os_compute_api:os-server-password:show")
        resp.media = {"password": ""}

    def on_delete(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Delete the stored password: 204. The guest's own password stays."""
        self._authorize(req, server_id, "os_compute_api:os-server-password:clear")
        resp.status = falcon.HTTP_204
        resp.content_type = falcon.MEDIA_JSON


class ServerTopologyResource(_OfServer):
    """The NUMA nodes of a guest: none, because no flavor can ask for them here."""

    @since("2.78")
    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        self._authorize(req, server_id, "compute:server:topology:index")
        resp.media = {"nodes": [], "pagesize_kb": None}
