# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/diagnostics."""

import falcon

from minova.api.front.request import Request
from minova.api.servers.diagnostics import view as views
from minova.api.servers.one import OfServer
from minova.api.validation.no_query import takes_no_query


class DiagnosticsResource(OfServer):
    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Ask the server's host.

        Raises:
            NoDiagnostics, InstanceNotReady: the guest does not run; 409.
            ComputeHostUnreachable: 503.
        """
        rule = "os_compute_api:os-server-diagnostics"
        instance = self._authorized(req, server_id, rule)
        found = self._compute_api.get_diagnostics(req.caller, instance)
        if req.version < (2, 48):
            resp.media = views.as_libvirt_says(found)
        else:
            resp.media = views.standard(instance, found)
