# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-interface: a request that needs Neutron gets a 500."""

import falcon

from minova import exception
from minova.api.attachments.schema import INTERFACE_ATTACH
from minova.api.front.request import Request
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.api import API
from minova.compute_api.attachments import NETWORK
from minova.objects.instance import Instance
from minova.policy import Enforcer


class _Interfaces:
    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def _authorized(self, req: Request, server_id: str, verb: str) -> Instance:
        instance = self._compute_api.get(req.caller, server_id)
        rule = f"os_compute_api:os-attach-interfaces:{verb}"
        self._enforcer.authorize(req.caller, rule, instance.project_id)
        return instance


class InterfacesResource(_Interfaces):
    """The ports of a server. Both methods end in NotInCatalog: 500."""

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        self._authorized(req, server_id, "list")
        self._compute_api.ask(NETWORK)

    def on_post(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Refuse to attach a port.

        Raises:
            Invalid: 400.
            Conflict: the server is locked, or in the wrong state; 409.
        """
        body = req.read_json()
        if body is not None:
            INTERFACE_ATTACH.of(req.version).check(body)
        instance = self._authorized(req, server_id, "create")
        wanted = (body or {}).get("interfaceAttachment", {})
        if "net_id" in wanted and "port_id" in wanted:
            raise exception.Invalid("Must not input both network_id and port_id")
        if "fixed_ips" in wanted and "net_id" not in wanted:
            raise exception.Invalid("Must input network_id when request IP address")
        self._compute_api.attach_interface(req.caller, instance)


class InterfaceResource(_Interfaces):
    @takes_no_query
    def on_get(
        self, req: Request, resp: falcon.Response, server_id: str, port_id: str
    ) -> None:
        """Raises NotInCatalog: 500."""
        self._authorized(req, server_id, "show")
        self._compute_api.ask(NETWORK)

    def on_delete(
        self, req: Request, resp: falcon.Response, server_id: str, port_id: str
    ) -> None:
        """Accept the request with 202, and record that it failed.

        Raises:
            Conflict: the server is locked, or in the wrong state; 409.
        """
        instance = self._authorized(req, server_id, "delete")
        self._compute_api.detach_interface(req.caller, instance, port_id)
        resp.status = falcon.HTTP_202
