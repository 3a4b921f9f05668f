# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-services: the compute hosts, to admins."""

import falcon

from minova.api.request import Request
from minova.api.schemas.services import SERVICES_QUERY
from minova.api.views import services as views
from minova.compute.api import API
from minova.policy import Enforcer


class ServicesResource:
    """Every service with its state."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        query = SERVICES_QUERY.read(req.query_string)
        self._enforcer.authorize(req.caller, "os_compute_api:os-services:list")
        resp.media = {
            "services": [
                views.service(service)
                for service in self._compute_api.service_list()
                if query.get("host", service.host) == service.host
                and query.get("binary", service.binary) == service.binary
            ]
        }
