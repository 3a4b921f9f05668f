# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-security-groups."""

import falcon

from minova.api.front.request import Request
from minova.api.servers.one import OfServer
from minova.api.validation.no_query import takes_no_query


class SecurityGroupsResource(OfServer):
    """The security groups of a server: none, because minova has no Neutron."""

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        self._authorized(req, server_id, "os_compute_api:os-security-groups:list")
        resp.media = {"security_groups": []}
