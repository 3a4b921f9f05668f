# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/diagnostics, …/ips and …/os-security-groups."""

from typing import Any

import falcon

from minova import exception
from minova.api.queries import takes_no_query
from minova.api.request import Request
from minova.api.views import diagnostics as views
from minova.api.views.addresses import addresses
from minova.compute.api import API
from minova.policy import Enforcer


class DiagnosticsResource:
    """What the hypervisor counts of a server."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Ask the server's host.

        Raises:
            NoDiagnostics, InstanceNotReady: the guest does not run; 409.
            ComputeHostUnreachable: 503.
        """
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(
            req.caller, "os_compute_api:os-server-diagnostics", instance.project_id
        )
        found = self._compute_api.get_diagnostics(req.caller, instance)
        if req.version < (2, 48):
            resp.media = views.as_libvirt_says(found)
        else:
            resp.media = views.standard(instance, found)


class AddressesResource:
    """The addresses of a server, without what Nova once had in an extension."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        resp.media = {"addresses": self._read(req, server_id, "index")}

    @takes_no_query
    def on_get_one(
        self, req: Request, resp: falcon.Response, server_id: str, label: str
    ) -> None:
        """Those in one network.

        Raises:
            NotInNetwork: 404.
        """
        shown = self._read(req, server_id, "show")
        if label not in shown:
            raise exception.NotInNetwork
        resp.media = {label: shown[label]}

    def _read(
        self, req: Request, server_id: str, verb: str
    ) -> dict[str, list[dict[str, Any]]]:
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(
            req.caller, f"os_compute_api:ips:{verb}", instance.project_id
        )
        return addresses(instance, extended=False)


class SecurityGroupsResource:
    """The security groups of a server: none, for minova has no Neutron."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(
            req.caller, "os_compute_api:os-security-groups:list", instance.project_id
        )
        resp.media = {"security_groups": []}
