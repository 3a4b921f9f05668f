# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/diagnostics."""

import falcon

from minova.api.front.request import Request
from minova.api.servers.diagnostics import view as views
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.api import API
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
