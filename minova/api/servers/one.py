# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}, and the base class of the resources below it."""

from typing import Any, Final

import falcon

from minova.api.front.loggers import WSGI as LOG
from minova.api.front.loggers import log_action
from minova.api.front.request import Request
from minova.api.servers import view as views
from minova.api.servers.schema import SERVER_UPDATE
from minova.api.servers.shown import shown_of
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.api import API
from minova.objects.instance import Instance
from minova.objects.network import short_address
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:servers"
# Key that PUT may change → column.
_COLUMNS: Final = {
    "name": "display_name",
    "description": "display_description",
    "hostname": "hostname",
    "accessIPv4": "access_ip_v4",
    "accessIPv6": "access_ip_v6",
    "OS-DCF:diskConfig": "disk_config",
    "pinned_availability_zone": "pinned_availability_zone",
}


class OfServer:
    """The base of every resource of one server."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def _authorized(
        self, req: Request, server_id: str, rule: str, *, deleted_too: bool = False
    ) -> Instance:
        """Find the server; raises InstanceNotFound, and then PolicyNotAuthorized."""
        instance = self._compute_api.get(req.caller, server_id, deleted_too=deleted_too)
        self._enforcer.authorize(req.caller, rule, instance.project_id)
        return instance


class ServerResource(OfServer):
    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Show the server.

        Raises:
            InstanceNotFound: 404, also for another project's server.
            PolicyNotAuthorized: 403.
        """
        instance = self._authorized(req, server_id, f"{_RULE}:show")
        resp.media = {"server": self._view(req, instance)}

    def on_put(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Change attributes that do not concern the server's host.

        Raises:
            Invalid: 400.
            InstanceNotFound: 404.
            PolicyNotAuthorized: 403.
        """
        body: Any = req.read_json()
        log_action("update", self.on_put, body)
        SERVER_UPDATE.of(req.version).check(body)
        instance = self._authorized(req, server_id, f"{_RULE}:update")
        changes = {_COLUMNS[name]: value for name, value in body["server"].items()}
        for name in changes.keys() & {"access_ip_v4", "access_ip_v6"}:
            changes[name] = short_address(changes[name])
        updated = self._compute_api.update(instance, changes)
        # Before 2.75 this answer was shorter than that of GET.
        resp.media = {"server": self._view(req, updated, whole=req.version >= (2, 75))}

    def on_delete(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Accept the delete: 204. The host removes the server later.

        Raises:
            InstanceNotFound: 404.
            PolicyNotAuthorized: 403.
            InstanceIsLocked: 409.
            ComputeHostUnreachable: nothing was changed; 503.
        """
        LOG.debug("Calling method '%s'", self.on_delete)
        instance = self._authorized(req, server_id, f"{_RULE}:delete")
        self._compute_api.delete(req.caller, instance)
        resp.status = falcon.HTTP_204
        resp.content_type = falcon.MEDIA_JSON

    def _view(
        self, req: Request, instance: Instance, *, whole: bool = True
    ) -> dict[str, Any]:
        shown = shown_of(
            req, self._compute_api, self._enforcer, [instance], one=True, whole=whole
        )
        return views.detail(req, instance, shown)
