# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-aggregates: there are none, which `openstack hypervisor show` wants to know."""

import falcon

from minova.api.front.request import Request
from minova.api.validation.no_query import takes_no_query
from minova.policy import Enforcer


class AggregatesResource:
    """All of them, that is none, to admins."""

    def __init__(self, enforcer: Enforcer) -> None:
        self._enforcer = enforcer

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._enforcer.authorize(req.caller, "os_compute_api:os-aggregates:index")
        resp.media = {"aggregates": []}
