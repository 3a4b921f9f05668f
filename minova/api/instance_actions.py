# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-instance-actions: what was done to a server."""

import falcon

from minova.api.request import Request
from minova.api.views import instance_actions as views
from minova.compute.api import API
from minova.policy import Enforcer

_RULE = "os_compute_api:os-instance-actions"


class InstanceActionsResource:
    """Every request that was accepted for a server."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(req.caller, f"{_RULE}:list", instance.project_id)
        records = self._compute_api.action_list(instance)
        resp.media = {"instanceActions": [views.action(record) for record in records]}


class InstanceActionResource:
    """One request, and to admins its events."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def on_get(
        self, req: Request, resp: falcon.Response, server_id: str, request_id: str
    ) -> None:
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(req.caller, f"{_RULE}:show", instance.project_id)
        record = self._compute_api.action_get(instance, request_id)
        shown = views.action(record)
        if self._enforcer.allows(req.caller, f"{_RULE}:events", instance.project_id):
            shown["events"] = [views.event(event) for event in record.events]
        resp.media = {"instanceAction": shown}
