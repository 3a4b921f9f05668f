# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-security-groups."""

import falcon

from minova.api.front.request import Request
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.api import API
from minova.policy import Enforcer


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
