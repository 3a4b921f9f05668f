# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""POST /servers/{server_id}/action."""

from collections.abc import Callable
from typing import Any

import falcon

from minova import exception
from minova.api.loggers import log_action
from minova.api.request import Request, parse_json
from minova.api.schemas.server_actions import CONSOLE_OUTPUT
from minova.compute import instance_actions
from minova.compute.api import API
from minova.objects.instance import Instance
from minova.policy import Enforcer

WithArguments = Callable[[Request, falcon.Response, str, Any], None]


class ServerActionResource:
    """One door for every action; the table says which there are."""

    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer
        # What asks for more than a claim and a cast: key → method.
        self._with_arguments: dict[str, WithArguments] = {
            "os-getConsoleOutput": self._get_console_output,
        }

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
        if name in self._with_arguments:
            log_action("action", self._with_arguments[name], body)
            self._with_arguments[name](req, resp, server_id, value)
            return
        action = _action_named(name)
        log_action("action", self.on_post, body)
        instance = self._authorized(req, server_id, action.policy)
        self._compute_api.perform(req.caller, instance, action)
        resp.status = falcon.HTTP_202

    def _authorized(self, req: Request, server_id: str, rule: str) -> Instance:
        instance = self._compute_api.get(req.caller, server_id)
        self._enforcer.authorize(req.caller, rule, instance.project_id)
        return instance

    def _get_console_output(
        self, req: Request, resp: falcon.Response, server_id: str, value: Any
    ) -> None:
        """Answer the console's last ``length`` lines; -1 and null ask for all."""
        CONSOLE_OUTPUT.check({"os-getConsoleOutput": value})
        instance = self._authorized(req, server_id, "os_compute_api:os-console-output")
        length = value.get("length")
        tail = None if length is None or int(length) < 0 else int(length)
        output = self._compute_api.get_console_output(req.caller, instance, tail)
        resp.media = {"output": "".join(filter(_is_shown, output))}


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


def _is_shown(letter: str) -> bool:
    """Tabs, line feeds and everything printable, as in Nova's answer."""
    return letter >= " " or letter in "\t\n"
