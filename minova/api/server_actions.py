# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""POST /servers/{server_id}/action."""

from typing import Any

import falcon

from minova import exception
from minova.api.loggers import log_action
from minova.api.request import Request, parse_json
from minova.api.server_actions_in_place import ActionsInPlace
from minova.compute import instance_actions
from minova.compute.api import API
from minova.policy import Enforcer


class ServerActionResource:
    """One door for every action; the table says which there are."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer
        self._in_place = ActionsInPlace(compute_api, enforcer).methods

    def on_post(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        """Accept an action: 202, and the host does it later.

        Raises:
            Invalid: the body is not one known action; 400.
            InstanceNotFound: 404.
            PolicyNotAuthorized: 403.
            Conflict: locked, or in the wrong state; 409.
            ComputeHostUnreachable: nothing was changed; 503.
        """
        body = parse_json(req.read_body())
        name, value = _one_action(body)
        if name in self._in_place:
            log_action("action", self._in_place[name], body)
            self._in_place[name](req, resp, server_id, value)
            return
        action = _action_named(name)
        log_action("action", self.on_post, body)
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(req.caller, action.policy, instance.project_id)
        self._compute_api.perform(req.caller, instance, action)
        resp.status = falcon.HTTP_202


def _one_action(body: Any) -> tuple[str, Any]:
    """Read name and value from ``{"pause": null}``.

    What is no object is told apart as Nova does (``nova.api.openstack.wsgi``): with
    several items it is malformed, with one or none it is nothing that could be found.
    """
    if isinstance(body, dict | list | str) and len(body) != 1:
        raise exception.MalformedRequestBody
    if not isinstance(body, dict):
        raise falcon.HTTPNotFound(description="The resource could not be found.")
    return next(iter(body.items()))


def _action_named(name: str) -> instance_actions.Action:
    try:
        return instance_actions.BY_NAME[name]
    except KeyError:
        raise exception.NoSuchAction(name) from None
